import { describe, expect, it } from 'vitest';
import { checkMigrations, checkOtherSql } from './check-sql.ts';
import { readSqlScript } from './sql-script.ts';

const migration = 'supabase/migrations/1_example.sql';
const findingsOf = (text: string) => checkMigrations([readSqlScript(migration, text)]);
/** `line rule` of everything found. */
const found = (text: string) => findingsOf(text).map(({ line, rule }) => `${line} ${rule}`);

const house = `
-- Accents before a function must not shift its lines: é ü €
create table public.things (
  id uuid primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  foreign key (id, organization_id) references public.others (id, organization_id) on update cascade on delete restrict
);
alter table public.things enable row level security;
comment on table public.things is 'Kept for the example';
grant select, delete on public.things to authenticated;
grant insert (name), update (name) on public.things to authenticated;

create function public.rename_thing(p_id uuid, p_names text[], p_limit integer default 3, out count int) returns integer
language plpgsql volatile
security definer -- members have no write grant
set search_path = ''
as $$
declare
  v_text constant text := 'SELECT UPPER Case in a string';
begin
  -- Upper CASE in a comment
  update public.things set name = "Quoted" where id = p_id;
end;
$$;
comment on function public.rename_thing(uuid, text[], integer) is 'Renames a thing';

create function private.on_thing() returns trigger
language plpgsql
set search_path = ''
as $$ begin return new; end; $$;
create trigger on_thing after insert on public.things for each row execute function private.on_thing();
create temporary table scratch (id uuid);
`;

const functionWith = (options: string, body = 'select 1') =>
  `create function private.f() returns integer\n${options}\nas $$ ${body} $$;`;

describe('SQL house style', () => {
  it('has nothing to say about the house example', () => {
    expect(findingsOf(house)).toEqual([]);
  });

  it('wants lower case, also inside function bodies and blocks', () => {
    expect(found(`CREATE schema x;\ndo $body$\nbegin\n  RAISE notice 'A';\nend $body$;`)).toEqual([
      '1 lower-case',
      '4 lower-case',
    ]);
    expect(found(functionWith("language sql stable set search_path = ''", '\n\nSelect 1'))).toEqual([
      '5 lower-case',
    ]);
    expect(found('create type public.a as (b TEXT, camelCase int);')).toEqual([
      '1 lower-case',
      '1 lower-case',
    ]);
  });

  it.each([
    ['no path', 'language sql stable'],
    ['a path with schemas', 'language sql stable set search_path = public, pg_temp'],
    ['a named empty and another', "language sql stable set search_path = '', public"],
    ['the path of the caller', 'language sql stable set search_path from current'],
  ])('wants search_path empty, not %s', (_, options) => {
    expect(found(functionWith(options))).toEqual(['1 search-path']);
  });

  it('wants no search_path of a body that is parsed when it is created', () => {
    expect(found('create function private.f() returns integer\nlanguage sql immutable\nreturn 1;')).toEqual(
      [],
    );
  });

  it('wants the volatility stated', () => {
    expect(found(functionWith("language sql set search_path = ''"))).toEqual(['1 volatility']);
  });

  it.each([
    ["language sql stable\nsecurity definer\nset search_path = ''", ['3 definer-reason']],
    ["-- somewhere else\nlanguage sql stable\nsecurity definer\nset search_path = ''", ['4 definer-reason']],
    ["language sql stable\nsecurity definer -- reads auth.users\nset search_path = ''", []],
    ["language sql stable\n-- reads auth.users\nsecurity definer\nset search_path = ''", []],
    ["language sql stable\nsecurity invoker\nset search_path = ''", []],
  ])('wants a reason beside security definer: %j', (options, expected) => {
    expect(found(functionWith(options))).toEqual(expected);
  });

  it('wants functions of at most 100 lines', () => {
    const lines = (count: number) =>
      functionWith("language sql stable set search_path = ''", `select\n${'1 +\n'.repeat(count - 5)} 1\n`);
    expect(found(lines(100))).toEqual([]);
    expect(found(lines(101))).toEqual(['1 function-length']);
  });

  const table = (column: string) =>
    `create table private.t (\n  id uuid,\n  ${column}\n);\ncomment on table private.t is 'x';`;

  it.each([
    'a uuid references public.b (id)',
    'a uuid references public.b (id) on update cascade',
    'a uuid references public.b (id), c uuid default null -- on delete cascade',
    'foreign key (id) references public.b (id) deferrable',
  ])('wants on delete stated for %j', (column) => {
    expect(found(table(column))).toEqual(['3 foreign-key-on-delete']);
  });

  it.each([
    'a uuid references public.b (id) on delete no action',
    'a uuid references public.b (id) match simple on update cascade on delete set null (a), c int',
  ])('reads the whole clause of %j', (column) => {
    expect(found(table(column))).toEqual([]);
  });

  it('wants on delete in alter table too, each constraint for itself', () => {
    const sql = `alter table private.t
      add constraint a foreign key (b) references public.c (id),
      add constraint d foreign key (e) references public.f (id) on delete cascade;`;
    expect(found(sql)).toEqual(['2 foreign-key-on-delete']);
  });

  it.each([
    "create table t (id int); comment on table t is 'x'",
    "create view v as select 1; comment on view v is 'x'",
    "create function f() returns int language sql stable set search_path = '' as $$ select 1 $$",
    'create index on t (id)',
    'create policy p on t for select to authenticated using (true)',
  ])('wants the schema named: %j', (sql) => {
    expect(found(sql).filter((line) => !line.includes('catalogue'))).toEqual(['1 schema-qualified']);
  });

  it('wants row-level security switched on beside every table of the API', () => {
    const sql = "create table public.t (id int);\ncomment on table public.t is 'x';";
    expect(found(sql)).toEqual(['1 row-level-security']);
    expect(found(`${sql}\nalter table public.other enable row level security;`)).toEqual([
      '1 row-level-security',
    ]);
    expect(found(`${sql}\nalter table public.t disable row level security;`)).toEqual([
      '1 row-level-security',
    ]);
  });

  it.each(['insert', 'select, update', 'update (a), insert', 'all'])(
    'wants columns listed in grant %s',
    (privileges) => {
      expect(found(`grant ${privileges} on public.t to authenticated;`)).toEqual(['1 column-grants']);
      expect(found(`grant ${privileges} on public.t to threadline_worker;`)).toEqual([]);
      expect(found(`revoke ${privileges} on public.t from authenticated;`)).toEqual([]);
    },
  );

  it.each([
    ['create table private.t (id int);', '1 catalogue-comment'],
    ["create table private.t (id int); comment on column private.t.id is 'x';", '1 catalogue-comment'],
    ["create view private.v as select 1; comment on table private.v is 'x';", '1 catalogue-comment'],
    [
      "create function public.f(p_a text) returns int language sql stable set search_path = '' as $$ select 1 $$;\n" +
        "comment on function public.f(int) is 'x';",
      '1 catalogue-comment',
    ],
  ])('wants a catalogue comment on %j', (sql, expected) => {
    expect(found(sql)).toEqual([expected]);
  });

  it('lets another migration bring the comment', () => {
    const scripts = [
      readSqlScript('a.sql', 'create table private.t (id int);'),
      readSqlScript('b.sql', "comment on table private.t is 'x';"),
    ];
    expect(checkMigrations(scripts)).toEqual([]);
  });

  const upgrade = (sql: string) =>
    checkMigrations([readSqlScript('supabase/migrations/20270101000000_upgrade.sql', sql)]).map(
      ({ line, rule }) => `${line} ${rule}`,
    );

  it.each([
    'alter table public.threads add column note text;',
    'alter table public.threads rename column status to state;',
    'create index on public.threads (id);',
    'drop policy threads_select on public.threads;',
    'create policy p on public.threads for select to authenticated using (true);',
    'create trigger t after insert on public.threads for each row execute function private.f();',
  ])('wants a lock time-out before an upgrade touches a table in use: %j', (sql) => {
    expect(upgrade(sql)).toEqual(['1 lock-timeout']);
    expect(upgrade(`set lock_timeout = '5s';\n${sql}`)).toEqual([]);
    expect(upgrade(`${sql}\nset lock_timeout = '5s';`)).toEqual(['1 lock-timeout']);
    expect(found(sql)).toEqual([]);
  });

  it('wants no lock time-out for tables the upgrade makes itself', () => {
    const sql =
      "create table private.t (id int); comment on table private.t is 'x'; create index on private.t (id);";
    expect(upgrade(sql)).toEqual([]);
  });

  it('reports what Postgres cannot parse, with its line', () => {
    expect(found('select 1;\nselect from from;')).toEqual(['2 syntax']);
  });

  it('holds tests and seeds to the way they read, not to the rules for what lasts', () => {
    const script = readSqlScript('supabase/seed/demo.sql', 'create table t (id int); SELECT 1;');
    expect(checkOtherSql([script]).map(({ rule }) => rule)).toEqual(['lower-case']);
  });
});
