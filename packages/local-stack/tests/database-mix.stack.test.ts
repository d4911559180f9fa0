import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { always, atLast, brokenPromises } from './database-mix/promises.ts';
import { drain, furnish, live } from './database-mix/round.ts';
import { openArena, type Arena, type Session } from './database-races/sessions.ts';

// Everything at once, in no order: whatever order the sessions fall into, nobody deadlocks, nothing is sent twice, out of
// turn or to somebody who opted out, and at the end every message has come to something.
let arena: Arena;
let sessions: Session[];

beforeAll(async () => {
  arena = await openArena('database_mix');
  sessions = await Promise.all(Array.from({ length: 6 }, () => arena.session()));
});
beforeEach(() => arena.reset());
afterAll(() => arena.close());

test('six sessions doing everything at once keep every promise', async () => {
  const { onlooker } = arena;
  await furnish(onlooker);
  const heard = await Promise.all(
    sessions.map(({ sql }, index) => live(sql, index + 1, { seed: 1, turns: 120 })),
  );
  expect(heard.flat()).toEqual([]);
  // What two at once let wait, because neither saw the other, the next sweep lets in.
  await onlooker`select worker.sweep()`;
  expect(await brokenPromises(onlooker, always)).toEqual({});
  await drain(onlooker);
  expect(await brokenPromises(onlooker, atLast)).toEqual({});
});
