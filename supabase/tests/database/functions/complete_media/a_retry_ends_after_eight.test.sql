begin;
select plan(4);
select tests.build_world();

update public.message_media set copy_attempts = 7 where id = tests.id('acme picture');
select tests.value_as('worker', format('select worker.complete_media(%L, ''retry'', null, null, null, ''timeout'')', tests.id('acme picture'))) as r into temp table a;
select is((select d.status || ' ' || d.failure_reason from public.message_media d where d.id = tests.id('acme picture')), 'pending timeout', 'the seventh waits for another');
select ok((select d.copy_after > clock_timestamp() from public.message_media d where d.id = tests.id('acme picture')), 'later');
update public.message_media set copy_attempts = 8 where id = tests.id('acme picture');
select tests.value_as('worker', format('select worker.complete_media(%L, ''retry'', null, null, null, ''timeout'')', tests.id('acme picture'))) as r into temp table b;
select is((select d.status from public.message_media d where d.id = tests.id('acme picture')), 'failed', 'the eighth is the last');
select tests.value_as('worker', format('select worker.complete_media(%L, ''stored'', ''x'', null, null, null)', tests.id('acme picture'))) as r into temp table c;
select is((select d.status from public.message_media d where d.id = tests.id('acme picture')), 'failed', 'what has ended stays ended');

select * from finish();
rollback;
