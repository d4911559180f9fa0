import { createChildHost, type ChildHost } from '@threadline/local-stack/child-host';
import type { Stack } from '@threadline/local-stack/stack-file';
import { startThrowAwayStack } from '@threadline/local-stack/throw-away-stack';
import postgres, { type Sql } from 'postgres';
import type { StackOptions, StackParts } from './stack-types.ts';

/** A throw-away stack under a bench's control. */
export type Rig = {
  stack: Stack;
  parts: StackParts;
  /** The owner's connection pool. */
  sql: Sql;
  /** Starts processes that end with the bench, however it ends. Their logs are in `<home>/logs`. */
  host: ChildHost;
  stop(): Promise<void>;
};

export type RigOptions = {
  /** First of the stack's ports; any free range when left out. */
  portBase?: number | undefined;
  /** Off trades the safety of commits for speed: never when speed is what is measured. */
  durable: boolean;
  /** `database` ends every other part once the database is migrated; `all` ends only the stack's own worker. */
  keep: 'database' | 'all';
  web?: StackOptions['web'];
};

export async function startRig(options: RigOptions): Promise<Rig> {
  const running = await startThrowAwayStack({
    web: options.web ?? 'none',
    durable: options.durable,
    ...(options.portBase === undefined ? {} : { portBase: options.portBase }),
  });
  const host = await createChildHost(`${running.stack.home}/logs`);
  const sql = postgres(running.stack.dbUrl, { max: 40, onnotice: () => {}, idle_timeout: 5 });
  for (const [name, part] of running.parts) {
    if (name === 'worker' || (options.keep === 'database' && name !== 'postgres')) await part.stop();
  }
  return {
    stack: running.stack,
    parts: running.parts,
    sql,
    host,
    async stop() {
      await host.close();
      await sql.end({ timeout: 1 });
      await running.stop();
    },
  };
}
