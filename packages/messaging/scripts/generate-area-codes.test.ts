import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { areaCodeGroups } from './area-code-groups.ts';
import { callingCodeGroups } from './calling-code-groups.ts';
import { renderTypeScript } from './render-prefixes.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

it('src/area-codes.ts is what the generator makes of data/', () => {
  const zoneTable = read('data/zone.tab');
  const made = renderTypeScript(
    areaCodeGroups(read('data/area-codes.tsv'), zoneTable),
    callingCodeGroups(zoneTable),
  );
  expect(made).toBe(read('src/area-codes.ts'));
});
