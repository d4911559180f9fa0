import type { RunningStack } from '../stack.ts';

export type SharedStack = { stack: RunningStack; pgtapDatabaseUrl: string };

interface Holder {
  shared?: Promise<SharedStack>;
  users: number;
  /** Folder of the running stack's logs. */
  logs?: string;
}

/** Several projects name the setup, each in a module world of its own; they share one stack through here. */
const key = Symbol.for('threadline.test-stack');
const holders: { [name: symbol]: Holder | undefined } = globalThis;

/** The stack all tests of a run share, booted for the first who asks. Every call is to be followed by a release. */
export async function acquireSharedStack(boot: () => Promise<SharedStack>): Promise<SharedStack> {
  const holder = (holders[key] ??= { users: 0 });
  holder.users += 1;
  holder.shared ??= boot();
  const shared = await holder.shared;
  holder.logs = `${shared.stack.stack.home}/logs`;
  return shared;
}

/** Stops the stack when nobody else uses it. */
export async function releaseSharedStack({ stack }: SharedStack): Promise<void> {
  const holder = holders[key];
  if (holder === undefined) return;
  holder.users -= 1;
  if (holder.users > 0) return;
  holders[key] = undefined;
  await stack.stop();
}

/** Where the shared stack writes its logs, while there is one. */
export function sharedStackLogs(): string | undefined {
  return holders[key]?.logs;
}
