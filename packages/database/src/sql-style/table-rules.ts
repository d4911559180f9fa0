import type { GrantStmt } from 'libpg-query';
import { nameParts, relationName } from './names.ts';
import type { Finding, SqlScript, Token } from './sql-script.ts';

/** Every foreign key says what happens when its target goes: also where that is the default. */
export function foreignKeyOnDelete(script: SqlScript): Finding[] {
  return script.statements.flatMap(({ tokens }) =>
    tokens.flatMap((token, index) => {
      const isReference = token.kind === 'word' && token.text.toLowerCase() === 'references';
      const isPrivilege = ['on', ','].includes(tokens[index + 1]?.text.toLowerCase() ?? '');
      if (!isReference || isPrivilege || statesOnDelete(tokens.slice(index))) return [];
      const message = 'State `on delete cascade`, `set null`, `restrict` or `no action`.';
      return [
        { path: script.path, line: script.lineAt(token.start), rule: 'foreign-key-on-delete', message },
      ];
    }),
  );
}

function statesOnDelete(tokens: Token[]): boolean {
  let depth = 0;
  for (const [index, { text }] of tokens.entries()) {
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    // The clause ends with the column, the table or the action of `alter table` it stands in.
    if (depth < 0 || (depth === 0 && text === ',')) return false;
    const next = tokens[index + 1]?.text.toLowerCase();
    if (text.toLowerCase() === 'on' && next === 'delete') return true;
  }
  return false;
}

/** Tables, functions, views and triggers are made under their full name: the path is never trusted. */
export function schemaQualified(script: SqlScript): Finding[] {
  return script.statements.flatMap(({ node, line }) => {
    const name = createdName(node);
    if (name === null || name.length > 1) return [];
    const message = `Name the schema of ${name.join('.')}.`;
    return [{ path: script.path, line, rule: 'schema-qualified', message }];
  });
}

function createdName(node: SqlScript['statements'][number]['node']): string[] | null {
  if ('CreateFunctionStmt' in node) return nameParts(node.CreateFunctionStmt.funcname);
  const relation =
    ('CreateStmt' in node && node.CreateStmt.relation) ||
    ('ViewStmt' in node && node.ViewStmt.view) ||
    ('IndexStmt' in node && node.IndexStmt.relation) ||
    ('CreateTrigStmt' in node && node.CreateTrigStmt.relation) ||
    ('CreatePolicyStmt' in node && node.CreatePolicyStmt.table);
  // Temporary tables have no schema to name.
  if (!relation || relation.relpersistence === 't') return null;
  return [relation.schemaname, relation.relname].filter((part) => part !== undefined);
}

/** A table in `public` has row-level security switched on in the file that makes it. */
export function rowLevelSecurity(script: SqlScript): Finding[] {
  const secured = new Set(
    script.statements.flatMap(({ node }) => {
      if (!('AlterTableStmt' in node) || node.AlterTableStmt.relation === undefined) return [];
      const enables = (node.AlterTableStmt.cmds ?? []).some(
        (command) => 'AlterTableCmd' in command && command.AlterTableCmd.subtype === 'AT_EnableRowSecurity',
      );
      return enables ? [relationName(node.AlterTableStmt.relation)] : [];
    }),
  );
  return script.statements.flatMap(({ node, line }) => {
    if (!('CreateStmt' in node) || node.CreateStmt.relation?.schemaname !== 'public') return [];
    const table = relationName(node.CreateStmt.relation);
    // A partition is reached through its parent, whose policies apply; it still must not be an open back door.
    if (secured.has(table)) return [];
    const message = `Add \`alter table ${table} enable row level security\` beside it.`;
    return [{ path: script.path, line, rule: 'row-level-security', message }];
  });
}

/** What people may insert and update is listed column by column, so a new column starts out closed. */
export function columnGrants(script: SqlScript): Finding[] {
  return script.statements.flatMap(({ node, line }) => {
    if (!('GrantStmt' in node) || !grantsTablesToPeople(node.GrantStmt)) return [];
    const wide = (node.GrantStmt.privileges ?? []).flatMap((privilege) => {
      if (!('AccessPriv' in privilege)) return [];
      const { priv_name: verb = 'all', cols } = privilege.AccessPriv;
      return ['insert', 'update'].includes(verb) && cols === undefined ? [verb] : [];
    });
    const all = node.GrantStmt.privileges === undefined ? ['all'] : [];
    const message = `List the columns: \`grant update (name, tags) on …\`, not \`${[...wide, ...all].join(', ')}\`.`;
    return wide.length + all.length > 0 ? [{ path: script.path, line, rule: 'column-grants', message }] : [];
  });
}

function grantsTablesToPeople({ is_grant: isGrant, objtype, grantees }: GrantStmt): boolean {
  if (isGrant !== true || objtype !== 'OBJECT_TABLE') return false;
  return (grantees ?? []).some(
    (grantee) => 'RoleSpec' in grantee && ['anon', 'authenticated'].includes(grantee.RoleSpec.rolename ?? ''),
  );
}
