import { expect, inject, test } from 'vitest';
import '../stack-file.ts';
import { findPgtapFiles, runPgtapFile } from './run.ts';

test.each(await findPgtapFiles())('%s', async (file) => {
  expect(await runPgtapFile(inject('pgtapDatabaseUrl'), file)).toEqual([]);
});
