import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

const [, rows = ''] =
  /insert into private\.job_transitions[^;]*values([^;]*);/.exec(
    read('supabase/migrations/20261120090700_message_jobs.sql'),
  ) ?? [];
const moves = [...rows.matchAll(/\('(\w+)', '(\w+)', '(\w+)'\)/g)].map(
  ([, from, to, event]) => `${from} --> ${to}: ${event}`,
);

const [, section = ''] = /## The job behind it(.*?)\n## /s.exec(read('docs/message-lifecycle.md')) ?? [];
const drawn = [...section.matchAll(/^ {2}(\w+ --> \w+: \w+)$/gm)].map(([, move]) => move);

it('docs/message-lifecycle.md draws every move a job may make, each with its event, and no other', () => {
  expect(moves.length).toBeGreaterThan(30);
  expect(drawn.toSorted()).toEqual(moves.toSorted());
});
