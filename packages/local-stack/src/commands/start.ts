import { parseArgs } from 'node:util';
import { readStackConfig } from '../config.ts';
import { startStack, type RunningStack } from '../stack.ts';
import type { Stack } from '../stack-file.ts';
import { createProgress, explainFailure } from '../supervisor/progress.ts';

const { values: flags } = parseArgs({
  options: { reset: { type: 'boolean', default: false }, dev: { type: 'boolean', default: false } },
});

process.stdout.on('error', () => {});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

let running: RunningStack | undefined;
let ending = false;

async function end(exitCode: number): Promise<void> {
  if (ending) process.exit(1);
  ending = true;
  say('\nStopping …');
  await running?.stop();
  process.exit(exitCode);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));

try {
  const config = readStackConfig();
  say('Threadline is starting.');
  running = await startStack({
    home: config.home,
    portBase: config.portBase,
    reset: flags.reset,
    durable: true,
    web: flags.dev ? 'development' : 'production',
    logLevel: config.logLevel,
    progress: createProgress(say),
    onGiveUp: (error) => {
      for (const line of explainFailure(error)) console.error(line);
      void end(1);
    },
  });
  say(table(running.stack));
} catch (error) {
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
