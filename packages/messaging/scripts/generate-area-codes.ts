// node packages/messaging/scripts/generate-area-codes.ts [migration.sql]
// Writes src/area-codes.ts from data/, and, given a path, the same rows as SQL: a released migration is never rewritten,
// so newer data goes into a new one that replaces the rows.
import { readFileSync, writeFileSync } from 'node:fs';
import { areaCodeGroups } from './area-code-groups.ts';
import { callingCodeGroups } from './calling-code-groups.ts';
import { renderSql, renderTypeScript } from './render-prefixes.ts';

const folder = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, folder), 'utf8');
const zoneTable = read('data/zone.tab');
const areaCodes = areaCodeGroups(read('data/area-codes.tsv'), zoneTable);
const callingCodes = callingCodeGroups(zoneTable);

writeFileSync(new URL('src/area-codes.ts', folder), renderTypeScript(areaCodes, callingCodes));
const migration = process.argv[2];
if (migration !== undefined) writeFileSync(migration, renderSql(areaCodes, callingCodes));
