begin;
select plan(20);

select is(private.is_phone_number(n), true, n)
from unnest(array['+12125550100', '+19999999999', '+442071838750', '+4915112345678', '+6834000']) n;
select is(private.is_phone_number(n), false, n || ' ' || why)
from (values
  ('2125550100', 'has no plus'), ('+02125550100', 'begins with 0'), ('+1212555010', 'is a digit short for +1'), ('+121255501000', 'is a digit long for +1'),
  ('+11125550100', 'has an area code that begins with 1'), ('+10125550100', 'has an area code that begins with 0'),
  ('+12121550100', 'has an exchange that begins with 1'), ('+12120550100', 'has an exchange that begins with 0'),
  ('+44207', 'is too short'), ('+1234567890123456', 'has sixteen digits'), ('+1 212 555 0100', 'has spaces'), ('+12125550100x', 'has a letter'),
  ('', 'is empty'), (E'+12125550100\n', 'ends with a line')
) as v (n, why);
select is(private.is_phone_number(null), null, 'nothing is nothing');

select * from finish();
rollback;
