import type { Sql } from 'postgres';

export type SqlFunction = {
  name: string;
  /** Input parameters in order. */
  parameters: { name: string; type: string; optional: boolean }[];
  /** Its result has columns, rather than being one value. */
  hasColumns: boolean;
  returnsSet: boolean;
  returnsNothing: boolean;
};

export type Catalogue = {
  /** The one function of schema public that takes exactly these arguments; undefined for none or several. */
  find(name: string, argumentNames: readonly string[]): Promise<SqlFunction | undefined>;
  forget(): void;
};

/** Remembers the signatures of schema public's functions until told that they changed. */
export function createCatalogue(sql: Sql): Catalogue {
  let loaded: Promise<Map<string, SqlFunction[]>> | undefined;
  return {
    async find(name, argumentNames) {
      loaded ??= loadFunctions(sql);
      const functions = await loaded.catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      const fitting = (functions.get(name) ?? []).filter((candidate) => accepts(candidate, argumentNames));
      return fitting.length === 1 ? fitting[0] : undefined;
    },
    forget: () => (loaded = undefined),
  };
}

function accepts({ parameters }: SqlFunction, argumentNames: readonly string[]): boolean {
  const known = new Set(parameters.map(({ name }) => name));
  return (
    argumentNames.every((name) => known.has(name)) &&
    parameters.every(({ name, optional }) => optional || argumentNames.includes(name))
  );
}

/** Functions with unnamed or variadic parameters are left out: lite calls those. */
async function loadFunctions(sql: Sql): Promise<Map<string, SqlFunction[]>> {
  const rows = await sql<
    {
      name: string;
      names: string[];
      types: string[];
      defaults: number;
      has_columns: boolean;
      returns_set: boolean;
      returns_nothing: boolean;
    }[]
  >`
    select
      p.proname as name,
      coalesce(p.proargnames[1:p.pronargs], '{}') as names,
      array(select format_type(t.oid, null) from unnest(p.proargtypes) with ordinality as t (oid, position)
        order by t.position) as types,
      p.pronargdefaults::int as defaults,
      coalesce(p.proargmodes && '{o,b,t}', false) or r.typtype = 'c' as has_columns,
      p.proretset as returns_set,
      p.prorettype = 'void'::regtype as returns_nothing
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_type as r on r.oid = p.prorettype
    where p.pronamespace = 'public'::regnamespace
      and p.prokind = 'f'
      and p.provariadic = 0
      and p.prorettype <> 'trigger'::regtype
      and (p.pronargs = 0 or (p.proargnames is not null and not '' = any (p.proargnames[1:p.pronargs])))
      and not coalesce(p.proargmodes && '{o,b}', false)`;
  const functions = new Map<string, SqlFunction[]>();
  for (const row of rows) {
    const firstOptional = row.types.length - row.defaults;
    const entry: SqlFunction = {
      name: row.name,
      parameters: row.types.map((type, index) => ({
        name: row.names[index] ?? '',
        type,
        optional: index >= firstOptional,
      })),
      hasColumns: row.has_columns,
      returnsSet: row.returns_set,
      returnsNothing: row.returns_nothing,
    };
    functions.set(row.name, [...(functions.get(row.name) ?? []), entry]);
  }
  return functions;
}
