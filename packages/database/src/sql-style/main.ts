// node packages/database/src/sql-style/main.ts : checks every .sql file of the repository and prints what to change.
import { globSync, readFileSync } from 'node:fs';
import { checkMigrations, checkOtherSql } from './check-sql.ts';
import { readSqlScript } from './sql-script.ts';

const root = new URL('../../../../', import.meta.url);
const read = (pattern: string) =>
  globSync(pattern, { cwd: root, exclude: ['**/node_modules/**'] })
    .toSorted()
    .map((path) => readSqlScript(path, readFileSync(new URL(path, root), 'utf8')));

const findings = [
  ...checkMigrations(read('supabase/migrations/*.sql')),
  ...checkOtherSql([...read('supabase/{seed,tests}/**/*.sql'), ...read('{packages,worker}/**/*.sql')]),
];
for (const { path, line, rule, message } of findings) console.error(`${path}:${line}  ${message}  (${rule})`);
if (findings.length > 0) {
  console.error(`\n${findings.length} places where the SQL leaves the house style.`);
  process.exitCode = 1;
}
