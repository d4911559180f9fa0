begin;
select plan(4);
select tests.build_world();

select tests.try_as('agent', format('update public.contacts set name = ''Mary'' where id = %L', tests.id('acme contact'))) as done into temp table done;
select is((select p #>> '{threads,0,contact,name}' from tests.broadcasts('threads_changed') p), 'Mary', 'the inbox hears of it');
select is((select t.change_xid from public.threads t where t.id = tests.id('acme thread')), pg_current_xact_id(), 'and who slept can ask for it');
delete from realtime.messages;
select tests.try_as('agent', format('update public.contacts set name = ''Mary'' where id = %L', tests.id('acme contact'))) as done into temp table same;
select is_empty($$ select from tests.broadcasts('threads_changed') $$, 'the same name is no change');
select tests.try_as('agent', format('update public.contacts set tags = ''{vip}'' where id = %L', tests.id('acme contact'))) as done into temp table tags;
select is_empty($$ select from tests.broadcasts('threads_changed') $$, 'nor is what the list does not show');

select * from finish();
rollback;
