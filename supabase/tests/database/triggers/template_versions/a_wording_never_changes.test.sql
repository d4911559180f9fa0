begin;
select plan(5);
select tests.build_world();

select throws_ok($$ update public.template_versions set body = 'x' $$, 'template_versions is append-only');
select throws_ok($$ update public.template_versions set variables = variables $$, 'template_versions is append-only');
select throws_ok($$ delete from public.template_versions $$, 'template_versions is append-only');
select throws_ok($$ truncate public.template_versions cascade $$, 'template_versions is append-only');
delete from public.message_templates where id = tests.id('acme template');
select is_empty(
  $$ select from public.template_versions v where v.template_id = tests.id('acme template') $$, 'but it goes with its template'
);

select * from finish();
rollback;
