begin;
select plan(12);
select tests.build_world();

select is(
  tests.try_as('admin', format('select public.add_quiet_hours_rule(%L, %s)', tests.id('acme'), arguments)), 'TL002', arguments
)
from unnest(array[
  '''{}'', ''09:00'', ''17:00'', ''x''',
  'null, ''09:00'', ''17:00'', ''x''',
  '''{0}'', ''09:00'', ''17:00'', ''x''',
  '''{1,null}'', ''09:00'', ''17:00'', ''x''',
  '''{1}'', ''17:00'', ''09:00'', ''x''',
  '''{1}'', ''09:00'', null, ''x''',
  '''{1}'', ''09:00:30'', ''17:00'', ''x''',
  '''{1}'', ''09:00'', ''17:00'', '' ''',
  '''{1}'', ''09:00'', ''17:00'', ''x'', ''Texas''',
  '''{1}'', ''09:00'', ''17:00'', ''x'', ''*'', ''urgent''',
  '''{1}'', ''09:00'', ''17:00'', ''x'', p_effective_from => current_date - 3',
  '''{1}'', ''09:00'', ''17:00'', ''x'', p_effective_from => current_date + 3, p_effective_to => current_date + 3'
]) arguments;

select * from finish();
rollback;
