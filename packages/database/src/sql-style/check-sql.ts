import { catalogueComments } from './comment-rules.ts';
import { definerReason, functionLength, searchPath, volatility } from './function-rules.ts';
import { lowerCase } from './keyword-rules.ts';
import { lockTimeout } from './lock-rules.ts';
import type { Finding, SqlScript } from './sql-script.ts';
import { columnGrants, foreignKeyOnDelete, rowLevelSecurity, schemaQualified } from './table-rules.ts';

const rules = [
  lowerCase,
  searchPath,
  volatility,
  definerReason,
  functionLength,
  foreignKeyOnDelete,
  schemaQualified,
  rowLevelSecurity,
  columnGrants,
  lockTimeout,
];

/** Holds migrations to every rule of the house. Findings come in the order of the files and their lines. */
export function checkMigrations(scripts: SqlScript[]): Finding[] {
  return inOrder(scripts, [
    ...scripts.flatMap(syntaxError),
    ...scripts.flatMap((script) => rules.flatMap((rule) => rule(script))),
    ...catalogueComments(scripts),
  ]);
}

/** Tests, seeds and one-off scripts make nothing that lasts: only how they read counts. */
export function checkOtherSql(scripts: SqlScript[]): Finding[] {
  return inOrder(scripts, [...scripts.flatMap(syntaxError), ...scripts.flatMap(lowerCase)]);
}

function syntaxError(script: SqlScript): Finding[] {
  return script.syntaxError === null ? [] : [script.syntaxError];
}

function inOrder(scripts: SqlScript[], findings: Finding[]): Finding[] {
  const order = new Map(scripts.map(({ path }, index) => [path, index]));
  return findings.toSorted(
    (a, b) =>
      (order.get(a.path) ?? 0) - (order.get(b.path) ?? 0) || a.line - b.line || a.rule.localeCompare(b.rule),
  );
}
