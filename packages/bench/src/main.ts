import { readOptions, UsageProblem, describeOptions } from './arguments.ts';
import { benches } from './benches/index.ts';
import { publish } from './publish/publish.ts';
import { describeMachine } from './report/machine.ts';
import { printTable, type Report } from './report/report.ts';

/** Reads the command line, runs one bench, prints a table, or with --json one object. @returns the exit code */
async function main(words: readonly string[]): Promise<number> {
  const [name = '', ...rest] = words.filter((word) => word !== '--json');
  const asJson = words.includes('--json');
  if (name === 'publish') {
    await publish(rest);
    return 0;
  }
  const bench = benches[name];
  if (bench === undefined || rest.includes('--help')) {
    console.error(bench ? `${name}: ${bench.summary}\n${describeOptions(bench.options)}` : usage());
    return bench ? 0 : 2;
  }
  const options = readOptions(bench.options, rest);
  const { tables, versions, ...found } = await bench.run(options, (line) => console.error(`… ${line}`));
  const report: Report = {
    bench: name,
    at: new Date().toISOString(),
    machine: describeMachine(),
    versions,
    options,
    ...found,
  };
  if (asJson) console.log(JSON.stringify(report, null, 2));
  else console.log([...tables.map(printTable), summary(report)].join('\n\n'));
  return found.passed === false ? 1 : 0;
}

function summary({ machine, versions, commitRate, httpRate, ratios }: Report): string {
  const lines = Object.entries(ratios).map(([name, ratio]) => `${name}: ${ratio}`);
  if (commitRate !== undefined) lines.push(`durable commits a second, 8 connections: ${commitRate}`);
  if (httpRate !== undefined) lines.push(`creates a second by plain undici: ${httpRate}`);
  lines.push(`${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}`);
  lines.push(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
  return lines.join('\n');
}

function usage(): string {
  const list = Object.entries(benches).map(([name, { summary: text }]) => `  ${name.padEnd(10)} ${text}`);
  return [
    'Usage: pnpm bench <name> [--json] [options]; pnpm bench <name> --help lists the options.',
    ...list,
    '  publish    files with reports (from --json) become the tables and the picture of docs/performance.md',
  ].join('\n');
}

async function run(bench: Promise<number>): Promise<void> {
  try {
    process.exitCode = await bench;
  } catch (error) {
    console.error(error instanceof UsageProblem ? error.message : error);
    process.exitCode = 2;
  }
}

await run(main(process.argv.slice(2)));
