begin;
select plan(5);
select tests.build_world();

create function pg_temp.page(p_who text, p_rest text default '') returns jsonb language sql as $$
  select tests.value_as(p_who, format('select public.inbox_page(%L' || p_rest || ')', tests.id('acme')))::jsonb;
$$;

select is(pg_temp.page(who) -> 'threads', '[]', who) from unnest(tests.outsiders()) who;
select is(
  tests.value_as('agent', format('select public.inbox_page(%L)', tests.id('nowhere')))::jsonb -> 'threads', '[]',
  'like those of an organization that does not exist'
);

select * from finish();
rollback;
