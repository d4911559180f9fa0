import { setTimeout as pause } from 'node:timers/promises';
import { isListening } from './port-check.ts';
import { StackError } from './stack-error.ts';
import type { Child } from './supervisor/child.ts';

const patienceMs = 60_000;
const lookEveryMs = 40;

/** Waits until the process takes connections on the port. @throws StackError with its last words if it ends instead */
export function waitForPort(child: Child, port: number): Promise<void> {
  return waitUntil(child, () => isListening(port));
}

/** Waits until the address answers 2xx. */
export function waitForAnswer(child: Child, url: string): Promise<void> {
  return waitUntil(child, () =>
    fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false,
    ),
  );
}

async function waitUntil(child: Child, ready: () => Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookEveryMs) {
    if (!child.running()) {
      throw new StackError(`${child.name} ended while it was starting.`, await child.lastLines(12));
    }
    if (await ready()) return;
    await pause(lookEveryMs);
  }
  throw new StackError(`${child.name} did not answer within a minute.`, await child.lastLines(12));
}
