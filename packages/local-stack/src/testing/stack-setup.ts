import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { bootstrapPlatform } from '../bootstrap.ts';
import { pushMigrations } from '../migrations.ts';
import { preparePgtap } from '../pgtap/run.ts';
import type { RunningStack } from '../stack.ts';
import { createChildHost } from '../supervisor/child-host.ts';
import { explainFailure } from '../supervisor/progress.ts';
import { acquireSharedStack, releaseSharedStack, type SharedStack } from './shared-stack.ts';
import { startThrowAwayStack } from './throw-away-stack.ts';

/** Boots one throw-away stack for every test that needs one; gone again when the last project is done. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = await acquireSharedStack(() => bootOnce(wantedProjects(project)));
  project.provide('stack', shared.stack.stack);
  project.provide('pgtapDatabaseUrl', shared.pgtapDatabaseUrl);
  return () => releaseSharedStack(shared);
}

function wantedProjects(project: TestProject): readonly string[] {
  return project.vitest.config.project;
}

async function bootOnce(projects: readonly string[]): Promise<SharedStack> {
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
