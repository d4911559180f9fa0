import type { Node } from 'libpg-query';
import { relationName } from './names.ts';
import type { Finding, SqlScript } from './sql-script.ts';

/** Migrations before this one make up a first installation, where nobody uses the tables yet. */
const firstUpgrade = '20261201000000';

/**
 * An upgrade that touches a table in use gives up waiting for its lock: everybody who comes after it queues behind it,
 * readers too. What the script makes itself is in nobody's use.
 */
export function lockTimeout(script: SqlScript): Finding[] {
  if ((script.path.split('/').at(-1) ?? '') < firstUpgrade) return [];
  const own = new Set(
    script.statements.flatMap(({ node }) =>
      'CreateStmt' in node && node.CreateStmt.relation !== undefined
        ? [relationName(node.CreateStmt.relation)]
        : [],
    ),
  );
  let hasTimeout = false;
  for (const { node, line } of script.statements) {
    hasTimeout ||= 'VariableSetStmt' in node && node.VariableSetStmt.name === 'lock_timeout';
    const table = lockedTable(node);
    if (hasTimeout || table === null || own.has(table)) continue;
    const message = `Put \`set lock_timeout = '5s';\` before the first statement that locks ${table}.`;
    return [{ path: script.path, line, rule: 'lock-timeout', message }];
  }
  return [];
}

/** Drops name several things of one kind, so they count as one table that is in use. */
function lockedTable(node: Node): string | null {
  if ('DropStmt' in node) return 'what it drops';
  const relation =
    ('AlterTableStmt' in node && node.AlterTableStmt.relation) ||
    ('RenameStmt' in node && node.RenameStmt.relation) ||
    ('IndexStmt' in node && node.IndexStmt.relation) ||
    ('CreateTrigStmt' in node && node.CreateTrigStmt.relation) ||
    ('CreatePolicyStmt' in node && node.CreatePolicyStmt.table);
  return relation ? relationName(relation) : null;
}
