import { parseArgs } from 'node:util';
import { readStackConfig } from '../config.ts';
import { startStack, type RunningStack } from '../stack.ts';
import type { Stack } from '../stack-file.ts';
import { watchLauncher } from '../supervisor/launcher-watch.ts';
import { createProgress, explainFailure } from '../supervisor/progress.ts';

const { values: flags } = parseArgs({
  options: { reset: { type: 'boolean', default: false }, dev: { type: 'boolean', default: false } },
});

process.stdout.on('error', () => {});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A terminal's Ctrl-C may reach us twice, once through npm; only a later one means impatience. */
const impatienceMs = 1_000;
const starting = new AbortController();
let running: RunningStack | undefined;
let endingSince: number | undefined;

async function end(exitCode: number): Promise<void> {
  if (endingSince !== undefined) {
    if (Date.now() - endingSince > impatienceMs) process.exit(1);
    return;
  }
  endingSince = Date.now();
  say('\nStopping …');
  starting.abort();
  if (running === undefined) return;
  await running.stop();
  process.exit(exitCode);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));

try {
  const config = readStackConfig();
  if (config.launchedByNpm) await watchLauncher(() => void end(0));
  say('Threadline is starting.');
  running = await startStack({
    home: config.home,
    portBase: config.portBase,
    reset: flags.reset,
    durable: true,
    web: flags.dev ? 'development' : 'production',
    logLevel: config.logLevel,
    progress: createProgress(say),
    signal: starting.signal,
    onGiveUp: (error) => {
      for (const line of explainFailure(error)) console.error(line);
      void end(1);
    },
  });
  say(table(running.stack));
} catch (error) {
  if (starting.signal.aborted) process.exit(0);
  for (const line of ['', ...explainFailure(error)]) console.error(line);
  process.exit(1);
}

/** The one table a person needs; its last line says that everything is ready. */
function table(stack: Stack): string {
  const rows: [string, string][] = [
    ['Web', stack.webUrl],
    ['Carrier handset', `${stack.carrierUrl}/handset`],
    ['API', stack.apiUrl],
    ['Database', stack.dbUrl],
    ['Demo password', stack.accounts[0]?.password ?? ''],
    ...stack.accounts.map(({ email, role }): [string, string] => [`Demo ${role}`, email]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}   ${value}`);
  return ['', ...lines, '', 'Threadline is ready. Press Ctrl-C to stop it.'].join('\n');
}
