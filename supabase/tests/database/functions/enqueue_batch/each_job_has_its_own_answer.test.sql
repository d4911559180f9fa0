begin;
select plan(2);
select tests.build_world();

create temp table answers as select r from jsonb_array_elements(public.enqueue_batch(tests.id('acme'), '[
  {"to": "+14155550101", "body": "Fine", "class": "urgent"},
  {"to": "+14155550101", "body": "  ", "class": "urgent"},
  {"to": "12", "body": "Hello"},
  {"to": "+12125550100", "body": "Hello"},
  {"to": "+13125550142", "from": "+19999999999", "body": "Hello"},
  {"to": "+12125550199", "body": "Hello"},
  {"to": 7, "body": "Hello"},
  7, null, [], "x",
  {"to": "+14155550101", "body": "Hello", "colour": "red"},
  {"to": "+14155550101"},
  {"to": "+14155550101", "body": "Hello", "template": "greeting"},
  {"to": "+14155550101", "body": "Hello", "class": "spam"},
  {"to": "+14155550101", "body": "Hello", "priority": "now"},
  {"to": "+14155550101", "body": "Hello", "scheduled_for": "2026-01-01 10:00"},
  {"to": "+14155550101", "body": "Hello", "scheduled_for": "2026-01-01T10:00:00+99:00"},
  {"to": "+14155550101", "body": "Hello", "scheduled_for": "2026-13-01T10:00:00Z"},
  {"to": "+14155550101", "body": "Hello", "scheduled_for": "2999-01-01T10:00:00Z"},
  {"to": "+14155550101", "body": "Hello", "send_before": "2020-01-01T10:00:00Z"},
  {"to": "+14155550101", "body": "Hello", "metadata": null},
  {"to": "+14155550101", "template": "nothing"},
  {"to": "+14155550101", "template": "greeting"},
  {"to": "+14155550101", "template": "greeting", "class": "urgent", "variables": {"name": "Maria"}},
  {"to": "+14155550199", "body": "Hello", "idempotency_key": ""}
]')) r;
select is(
  (select string_agg(coalesce(r ->> 'code', r ->> 'outcome'), ' ' order by (r ->> 'index')::integer) from answers),
  'accepted TL100 TL102 TL102 TL104 accepted TL002 TL002 TL002 TL002 TL002 TL002 TL002 TL002 TL002 TL002 TL002 TL002 TL002 TL112 TL112 TL002 TL110 TL111 accepted TL002',
  'in the order of the call'
);
select is((select count(*)::integer from public.message_jobs j where j.recipient like '+141555501%'), 2, 'and only what was accepted is written');

select * from finish();
rollback;
