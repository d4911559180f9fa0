import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { bootstrapPlatform } from '../bootstrap.ts';
import { pushMigrations } from '../migrations.ts';
import { preparePgtap } from '../pgtap/run.ts';
import type { RunningStack } from '../stack.ts';
import { createChildHost } from '../supervisor/child-host.ts';
import { explainFailure } from '../supervisor/progress.ts';
import { startThrowAwayStack } from './throw-away-stack.ts';

type Shared = { stack: RunningStack; pgtapDatabaseUrl: string };
type Holder = { shared?: Promise<Shared>; users: number };

/** Several projects name this file, each in a module world of its own; they share one stack through here. */
const key = Symbol.for('threadline.test-stack');
const holders: { [name: symbol]: Holder | undefined } = globalThis;

/** Boots one throw-away stack for every test that needs one; gone again when the last project is done. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const holder = (holders[key] ??= { users: 0 });
  holder.users += 1;
  holder.shared ??= bootOnce(wantedProjects(project));
  const { stack, pgtapDatabaseUrl } = await holder.shared;
  project.provide('stack', stack.stack);
  project.provide('pgtapDatabaseUrl', pgtapDatabaseUrl);
  return async () => {
    holder.users -= 1;
    if (holder.users > 0) return;
    holders[key] = undefined;
    await stack.stop();
  };
}

function wantedProjects(project: TestProject): readonly string[] {
  return project.vitest.config.project;
}

async function bootOnce(projects: readonly string[]): Promise<Shared> {
  // Building the web app takes longer than everything else together: left out when only others are asked for.
  const needsWeb = projects.length === 0 || projects.some((name) => name === 'browser' || name.includes('*'));
  const stack = await startThrowAwayStack({ web: needsWeb ? 'production' : 'none' }).catch(
    (error: unknown) => {
      throw new Error(explainFailure(error).join('\n'));
    },
  );
  return { stack, pgtapDatabaseUrl: await createPgtapDatabase(stack) };
}

/** pgTAP gets an empty database beside the demo, so that neither the worker nor other tests stand in its way. */
async function createPgtapDatabase({ stack }: RunningStack): Promise<string> {
  const url = new URL(stack.dbUrl);
  url.pathname = '/pgtap';
  const owner = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
  await owner.unsafe('create database pgtap');
  await owner.end({ timeout: 1 });
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  await bootstrapPlatform(sql);
  await sql.end({ timeout: 1 });
  const host = await createChildHost(`${stack.home}/logs`);
  await pushMigrations(url.href, host).finally(() => host.close());
  await preparePgtap(url.href);
  return url.href;
}
