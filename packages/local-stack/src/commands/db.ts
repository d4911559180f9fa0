import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inheritedEnvironment, readStackConfig } from '../config.ts';
import { cliTarget, supabaseCli } from '../migrations.ts';
import { homePaths, repositoryRoot } from '../paths.ts';
import { findPgtapFiles, preparePgtap, runPgtapFile } from '../pgtap/run.ts';
import { StackError } from '../stack-error.ts';
import { readStackFile } from '../stack-file.ts';
import { explainFailure } from '../supervisor/progress.ts';

const usage = [
  'pnpm db push       applies pending migrations',
  'pnpm db advisors   looks for security and performance problems',
  'pnpm db types      writes packages/database/src/types.ts',
  'pnpm db test       runs the pgTAP tests (on a database without customers in it)',
  '',
  'The database is SUPABASE_DB_URL, else the one of the stack that runs here.',
];

const [verb, ...rest] = process.argv.slice(2);

try {
  process.exitCode = await runVerb(verb, rest);
} catch (error) {
  for (const line of explainFailure(error)) console.error(line);
  process.exitCode = 1;
}

async function runVerb(name: string | undefined, args: readonly string[]): Promise<number> {
  switch (name) {
    case 'push':
      return runCli(['db', 'push', await target(), '--include-all', '--yes', ...args]);
    case 'advisors':
      return runCli([
        'db',
        'advisors',
        await target(),
        '--type=all',
        '--level=warn',
        '--fail-on=warn',
        ...args,
      ]);
    case 'types':
      return writeTypes();
    case 'test':
      return runTests(args);
    default:
      for (const line of usage) console.log(line);
      return name === undefined || name === 'help' ? 0 : 1;
  }
}

async function databaseUrl(): Promise<string> {
  const config = readStackConfig();
  const url = config.databaseUrl ?? (await readStackFile(homePaths(config.home).stack))?.dbUrl;
  if (url !== undefined) return url;
  throw new StackError('There is no database to work on.', [
    'Set SUPABASE_DB_URL, or run `npm start` first.',
  ]);
}

async function target(): Promise<string> {
  return cliTarget(await databaseUrl());
}

/** Runs the Supabase CLI in the foreground. @returns its exit code */
function runCli(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [supabaseCli, ...args], { cwd: repositoryRoot, stdio: 'inherit' });
  return new Promise((settle) => child.once('exit', (code) => settle(code ?? 1)));
}

async function writeTypes(): Promise<number> {
  const args = ['gen', 'types', '--lang', 'typescript', '--schema', 'public', await target()];
  const child = spawn(process.execPath, [supabaseCli, ...args], {
    cwd: repositoryRoot,
    env: inheritedEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [types, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((settle) => child.once('exit', settle)),
  ]);
  if (code !== 0) return code ?? 1;
  await writeFile(join(repositoryRoot, 'packages/database/src/types.ts'), types);
  console.log('Wrote packages/database/src/types.ts');
  return 0;
}

/** @param wanted parts of file names; none means every file */
async function runTests(wanted: readonly string[]): Promise<number> {
  const url = await databaseUrl();
  await preparePgtap(url);
  const files = (await findPgtapFiles()).filter(
    (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
  );
  let failed = 0;
  for (const file of files) {
    const problems = await runPgtapFile(url, file);
    console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${file}`);
    for (const problem of problems) console.log(`  ${problem.replaceAll('\n', '\n  ')}`);
    if (problems.length > 0) failed += 1;
  }
  console.log(`${files.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
