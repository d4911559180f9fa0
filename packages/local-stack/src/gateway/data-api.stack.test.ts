import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { client, serverClient, signedInClient } from '../testing/clients.ts';

const stack = inject('stack');
const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });

beforeAll(async () => {
  await sql.unsafe(`
    create table public.shelf_books (
      id bigint generated always as identity primary key,
      owner_id uuid default auth.uid(),
      title text not null unique check (length(title) > 1),
      price numeric(8, 2),
      facts jsonb,
      printed_at timestamptz,
      shelf text default 'new',
      cover bytea,
      copies_sold bigint
    );
    alter table public.shelf_books enable row level security;
    create policy own_books on public.shelf_books for all to authenticated using (owner_id = (select auth.uid()));
    grant select, insert, update, delete on public.shelf_books to authenticated;
    grant all on public.shelf_books to service_role;
    create table public.shelf_secrets (id int primary key);
    alter table public.shelf_secrets enable row level security;

    create function public.shelf_echo(p_facts jsonb) returns jsonb language sql as $$ select p_facts $$;
    create function public.shelf_sum(a int, b int default 40) returns int language sql as $$ select a + b $$;
    create function public.shelf_numbers(n int) returns table (number int) language sql
      as $$ select generate_series(1, n) $$;
    create function public.shelf_pages(p_facts jsonb) returns table (page int) language sql
      as $$ select (fact ->> 'page')::int from jsonb_array_elements(p_facts) as fact $$;
    create function public.shelf_nothing() returns void language sql as $$ select 1 $$;
    create function public.shelf_refuse(code text) returns void language plpgsql
      as $$ begin raise exception 'refused' using errcode = code, detail = 'because', hint = 'try again'; end $$;
    create function public.shelf_caller() returns json language sql
      as $$ select json_build_object('id', auth.uid(), 'role', auth.role(), 'email', auth.email()) $$;
    grant execute on function public.shelf_echo, public.shelf_sum, public.shelf_numbers, public.shelf_pages, public.shelf_nothing,
      public.shelf_refuse, public.shelf_caller to anon, authenticated;
  `);
});

afterAll(async () => {
  await sql.unsafe(`
    drop table public.shelf_books, public.shelf_secrets;
    drop function public.shelf_echo, public.shelf_sum, public.shelf_numbers, public.shelf_pages, public.shelf_nothing,
      public.shelf_refuse, public.shelf_caller;
  `);
  await sql.end();
});

test('people see and change their own rows only', async () => {
  const ann = (await signedInClient()).client;
  const ben = (await signedInClient()).client;
  const written = await ann
    .from('shelf_books')
    .insert({ title: 'Ann’s diary', price: 9.5 })
    .select()
    .single();
  expect(written).toMatchObject({ error: null, status: 201, data: { title: 'Ann’s diary', price: 9.5 } });
  expect((await ben.from('shelf_books').select().eq('title', 'Ann’s diary')).data).toEqual([]);
  expect((await ben.from('shelf_books').delete().eq('title', 'Ann’s diary').select()).data).toEqual([]);
});

test('a table without a grant is refused: 401 to a visitor, 403 to a person', async () => {
  const { client: own } = await signedInClient();
  expect(await client().from('shelf_secrets').select()).toMatchObject({
    status: 401,
    error: { code: '42501' },
  });
  expect(await own.from('shelf_secrets').select()).toMatchObject({ status: 403, error: { code: '42501' } });
});

test('what row level security forbids to write is refused', async () => {
  const { client: own } = await signedInClient();
  const written = await own.from('shelf_books').insert({ title: 'Not mine', owner_id: crypto.randomUUID() });
  expect(written).toMatchObject({ status: 403, error: { code: '42501' } });
});

test('broken rules of a table are told by their SQLSTATE', async () => {
  const server = serverClient();
  await server.from('shelf_books').insert({ title: 'Twice' });
  expect(await server.from('shelf_books').insert({ title: 'Twice' })).toMatchObject({
    status: 409,
    error: { code: '23505' },
  });
  expect(await server.from('shelf_books').insert({ title: 'x' })).toMatchObject({
    status: 400,
    error: { code: '23514' },
  });
});

test('times and numbers arrive as PostgREST writes them, JSON unchanged', async () => {
  const facts = { pages: [1, { deep: null }], title: 'a "quoted" one' };
  const { data } = await serverClient()
    .from('shelf_books')
    .insert({ title: 'Facts', price: 3, facts, printed_at: '2026-11-20T09:00:00.5Z' })
    .select('price, facts, printed_at')
    .single();
  expect(data).toEqual({ price: 3, facts, printed_at: '2026-11-20T09:00:00.5+00:00' });
});

test.each<[string, unknown]>([
  ['a text', 'plain'],
  ['a text that reads as a number', '123'],
  ['a text that reads as an object', '{"a": 1}'],
  ['a text in quotes', '"quoted"'],
  ['a boolean', true],
  ['a list of booleans', [true, false]],
  ['a list of lists', [[1], ['2', null]]],
  ['an empty list', []],
  ['a number', 12.5],
])('a JSON column keeps %s', async (name, facts) => {
  const title = `JSON of ${name}`;
  const inserted = await serverClient().from('shelf_books').insert({ title, facts }).select('facts').single();
  expect(inserted.data).toEqual({ facts });
  await serverClient().from('shelf_books').update({ facts: null }).eq('title', title);
  await serverClient().from('shelf_books').update({ facts }).eq('title', title);
  const [stored] = await sql`select facts::text as facts from public.shelf_books where title = ${title}`;
  expect(JSON.parse(stored?.['facts'] as string)).toEqual(facts);
});

test('rows are counted and paged', async () => {
  const { client: own } = await signedInClient();
  await own.from('shelf_books').insert(['P1', 'P2', 'P3'].map((title) => ({ title })));
  const page = await own.from('shelf_books').select('title', { count: 'exact' }).order('title').range(1, 2);
  expect(page).toMatchObject({ count: 3, data: [{ title: 'P2' }, { title: 'P3' }] });
});

test('bytes and large numbers keep every digit', async () => {
  await sql`insert into public.shelf_books (title, cover, copies_sold) values ('Exact', '\\xdead00', 9007199254740993)`;
  const answer = await fetch(`${stack.apiUrl}/rest/v1/shelf_books?select=cover,copies_sold&title=eq.Exact`, {
    headers: { apikey: stack.secretKey },
  });
  expect(await answer.text()).toBe('[{"cover":"\\\\xdead00","copies_sold":9007199254740993}]');
  const copy = { title: 'Exact copy', cover: '\\xdead00' };
  const { data } = await serverClient().from('shelf_books').insert(copy).select('cover').single();
  expect(data).toEqual({ cover: '\\xdead00' });
});

test('columns that a row of many leaves out are null', async () => {
  const rows = [{ title: 'Left out' }, { title: 'Given', shelf: 'old' }];
  await serverClient().from('shelf_books').insert(rows);
  const stored = await sql`
    select title, shelf from public.shelf_books where title in ('Left out', 'Given') order by title`;
  expect(stored).toEqual([
    { title: 'Given', shelf: 'old' },
    { title: 'Left out', shelf: null },
  ]);
});

test('columns that a row of many leaves out have their defaults, where that is asked for', async () => {
  const { client: own, userId } = await signedInClient();
  const rows = [
    { title: 'Ours', owner_id: userId },
    { title: 'Aged', shelf: 'old' },
  ];
  const answer = await own
    .from('shelf_books')
    .insert(rows, { defaultToNull: false })
    .select('title, shelf, owner_id');
  const ours = { title: 'Ours', shelf: 'new', owner_id: userId };
  expect(answer).toMatchObject({
    status: 201,
    data: [ours, { title: 'Aged', shelf: 'old', owner_id: userId }],
  });
  const stored =
    await sql`select title, shelf, owner_id from public.shelf_books where title in ('Ours', 'Aged') order by id`;
  expect([...stored]).toEqual(answer.data);
  const refused = await client().from('shelf_books').insert(rows, { defaultToNull: false });
  expect(refused).toMatchObject({ status: 401, error: { code: '42501' } });
});

test('exactly one row is wanted and none is there', async () => {
  const { client: own } = await signedInClient();
  expect(await own.from('shelf_books').select().single()).toMatchObject({
    status: 406,
    error: { code: 'PGRST116' },
  });
  expect((await own.from('shelf_books').select().maybeSingle()).data).toBeNull();
});

test('a function takes JSON as JSON, and defaults for what is left out', async () => {
  const facts = { list: [1, 'two', { three: null }] };
  expect((await client().rpc('shelf_echo', { p_facts: facts })).data).toEqual(facts);
  expect((await client().rpc('shelf_sum', { a: 2 })).data).toBe(42);
});

test('rows of a function are counted, chosen from and filtered, whatever its arguments', async () => {
  const facts = [{ page: 1 }, { page: 2 }, { page: 3 }];
  const counted = await client().rpc('shelf_pages', { p_facts: facts }, { count: 'exact' }).limit(2);
  expect(counted).toMatchObject({ count: 3, status: 206, data: [{ page: 1 }, { page: 2 }] });
  const chosen = await client().rpc('shelf_pages', { p_facts: facts }).gt('page', 2).select('number:page');
  expect(chosen.data).toEqual([{ number: 3 }]);
  const head = await client().rpc('shelf_numbers', { n: 4 }, { head: true, count: 'exact' });
  expect(head).toMatchObject({ error: null, count: 4, data: null });
});

test('a function that answers rows answers a list, nothing nothing', async () => {
  expect((await client().rpc('shelf_numbers', { n: 2 })).data).toEqual([{ number: 1 }, { number: 2 }]);
  expect((await client().rpc('shelf_numbers', { n: 1 }).single()).data).toEqual({ number: 1 });
  expect(await client().rpc('shelf_numbers', { n: 2 }).single()).toMatchObject({ status: 406 });
  expect(await client().rpc('shelf_nothing')).toMatchObject({ status: 204, data: null });
});

test('what a function raises reaches the caller in full', async () => {
  const own = await client().rpc('shelf_refuse', { code: 'TL001' });
  expect(own).toMatchObject({
    status: 400,
    error: { code: 'TL001', message: 'refused', details: 'because', hint: 'try again' },
  });
  expect(await client().rpc('shelf_refuse', { code: 'PT418' })).toMatchObject({ status: 418 });
  expect(await client().rpc('shelf_refuse', { code: 'P0001' })).toMatchObject({ status: 400 });
});

test('a function that does not exist is not found', async () => {
  expect(await client().rpc('shelf_unknown')).toMatchObject({ status: 404, error: { code: 'PGRST202' } });
});

test('a function knows who calls', async () => {
  const { client: own, userId, email } = await signedInClient();
  expect((await own.rpc('shelf_caller')).data).toEqual({ id: userId, role: 'authenticated', email });
  expect((await client().rpc('shelf_caller')).data).toEqual({ id: null, role: 'anon', email: null });
});

test('something that is no token is refused, not taken for a visitor', async () => {
  for (const path of ['rpc/shelf_caller', 'shelf_books']) {
    const answer = await fetch(`${stack.apiUrl}/rest/v1/${path}`, {
      headers: { apikey: stack.publishableKey, authorization: 'Bearer nonsense' },
    });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'PGRST301' });
  }
});

test('only schema public is served', async () => {
  expect(await client().schema('private').from('anything').select()).toMatchObject({
    status: 406,
    error: { code: 'PGRST106' },
  });
});
