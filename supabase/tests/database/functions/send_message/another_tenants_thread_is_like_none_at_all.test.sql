begin;
select plan(10);
select tests.build_world();

create function pg_temp.refusal(p_who text, p_thread uuid, p_body text) returns text language plpgsql as $$
declare
  v_message text;
  v_detail text;
begin
  perform tests.become(p_who);
  begin
    perform public.send_message(p_thread, p_body, tests.id('key'));
    v_message := 'sent';
  exception when others then
    get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
    v_message := sqlstate || v_message || v_detail;
  end;
  perform tests.become('database owner');
  return v_message;
end;
$$;

select is(pg_temp.refusal(who, tests.id('acme thread'), 'Hi'), pg_temp.refusal(who, tests.id('no thread'), 'Hi'), 'word for word: ' || who)
from unnest(tests.outsiders()) who;
select is(
  pg_temp.refusal(who, tests.id('acme thread'), ''), 'TL001You are not permitted to do this',
  'nothing else is looked at before: ' || who
)
from unnest(tests.outsiders()) who;
select is(pg_temp.refusal('agent', null, 'Hi'), 'TL001You are not permitted to do this', 'no thread at all is refused alike');
select is_empty($$ select from public.messages m where m.client_key = tests.id('key') $$, 'nothing was written');

select * from finish();
rollback;
