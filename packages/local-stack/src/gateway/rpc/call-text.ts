import type { SqlFunction } from './catalogue.ts';

/**
 * The statement that calls a function with the JSON object `$1` and answers its result as JSON text, the way
 * PostgREST does: `body` is an array for a set, else one value; `count` its number of rows.
 */
export function callText(target: SqlFunction, argumentNames: readonly string[]): string {
  const given = target.parameters.filter(({ name }) => argumentNames.includes(name));
  const call = `public.${quote(target.name)}(${given.map(({ name }) => `${quote(name)} := _args.${quote(name)}`).join(', ')})`;
  const columns = given.map(({ name, type }) => `${quote(name)} ${type}`).join(', ');
  const source =
    given.length > 0
      ? `json_to_record($1::text::json) as _args (${columns})`
      : '(select $1::text::json) as _args';
  const rows = target.hasColumns
    ? `select _result.* from ${source}, lateral ${call} as _result`
    : `select ${call} as value from ${source}`;
  const value = target.hasColumns ? 'to_json(_rows)' : 'to_json(_rows.value)';
  const body = target.returnsSet ? `coalesce(json_agg(${value}), '[]'::json)` : `(json_agg(${value}) -> 0)`;
  return `select ${body}::text as body, count(*)::int as count from (${rows}) as _rows`;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
