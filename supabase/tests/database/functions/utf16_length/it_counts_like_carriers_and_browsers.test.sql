begin;
select plan(5);

select is(private.utf16_length(body), n, quote_nullable(body)) from (values ('', 0), ('abc', 3), ('é', 1), ('😀', 2), ('a👍🏽b', 6)) as v (body, n);

select * from finish();
rollback;
