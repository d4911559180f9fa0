begin;
select plan(14);

select is(private.count_segments(body)::integer, n, what)
from (values
  ('', 0, 'nothing'), (repeat('a', 160), 1, '160 of the basic alphabet'), (repeat('a', 161), 2, '161'), (repeat('a', 306), 2, 'two parts of 153'),
  (repeat('a', 307), 3, 'one more'), (repeat('€', 80), 1, '80 euro signs take two units each'), (repeat('€', 81), 2, '81'),
  ('ÄÖÜß@£Δ' || repeat('a', 153), 1, 'accents of the basic alphabet are free'), (repeat('ё', 70), 1, '70 Cyrillic letters'), (repeat('ё', 71), 2, '71'),
  (repeat('😀', 35), 1, '35 emoji are 70 units'), (repeat('😀', 36), 2, '36'), (repeat('a', 70) || '’', 2, 'one curly quote makes the whole text UCS-2'),
  (repeat('{', 80) || '\', 2, 'braces and backslash take two units')
) as v (body, n, what);

select * from finish();
rollback;
