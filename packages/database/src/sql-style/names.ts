import type { Node, RangeVar, TypeName } from 'libpg-query';

/** The parts of a name: `['public', 'threads']`. */
export function nameParts(nodes: Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}

export function lastName(nodes: Node[] | undefined): string {
  return nameParts(nodes).at(-1) ?? '';
}

export function relationName({ schemaname, relname }: RangeVar): string {
  return `${schemaname ?? ''}.${relname ?? ''}`;
}

/** A type as a signature spells it. The parser writes `int` as `pg_catalog.int4`; the schema says nothing here. */
export function typeName({ names, arrayBounds }: TypeName): string {
  return lastName(names) + (arrayBounds === undefined ? '' : '[]');
}
