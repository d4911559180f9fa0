import type { SqlFunction } from './catalogue.ts';

/**
 * The statement that calls a function once with the JSON object `$1` and answers its result as JSON text, the way
 * PostgREST does: `body` is an array for a set, else one value; `count` its number of rows, `total` that of all pages.
 * @param isPaged whether rows are limited to `$2`, null for all, from `$3` on
 */
export function callText(target: SqlFunction, argumentNames: readonly string[], isPaged: boolean): string {
  const rows = rowsText(target, argumentNames);
  const value = target.hasColumns ? 'to_json(_rows)' : 'to_json(_rows.value)';
  const body = target.returnsSet ? `coalesce(json_agg(${value}), '[]'::json)` : `(json_agg(${value}) -> 0)`;
  if (!isPaged) {
    return `select ${body}::text as body, count(*)::int as count, count(*)::int as total from (${rows}) as _rows`;
  }
  return `with _called as materialized (${rows})
    select ${body}::text as body, count(*)::int as count, (select count(*)::int from _called) as total
    from (select * from _called limit $2::bigint offset $3::bigint) as _rows`;
}

function rowsText(target: SqlFunction, argumentNames: readonly string[]): string {
  const given = target.parameters.filter(({ name }) => argumentNames.includes(name));
  const call = `public.${quote(target.name)}(${given.map(({ name }) => `${quote(name)} := _args.${quote(name)}`).join(', ')})`;
  const columns = given.map(({ name, type }) => `${quote(name)} ${type}`).join(', ');
  const source =
    given.length > 0
      ? `json_to_record($1::text::json) as _args (${columns})`
      : '(select $1::text::json) as _args';
  return target.hasColumns
    ? `select _result.* from ${source}, lateral ${call} as _result`
    : `select ${call} as value from ${source}`;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
