import postgres from 'postgres';
import { expect, test } from 'vitest';
import { describeError } from './logger.ts';

function refusal(code: string, message: string): Error {
  return Object.assign(new postgres.PostgresError(message), { code, message });
}

test.each([
  ['28P01', 'password authentication failed for user "threadline_worker"'],
  ['3D000', 'database "threadlin" does not exist'],
  ['42883', 'function worker.claim(unknown, unknown, unknown) does not exist'],
])('an error about the way to the database is told in its words: %s', (code, message) => {
  expect(describeError(refusal(code, message))).toEqual({ kind: 'PostgresError', code, message });
});

test.each([
  ['22P02', 'invalid input syntax for type json: "My diagnosis is"'],
  ['23505', 'Key (body)=(My diagnosis is) already exists'],
])('an error about data keeps its words to itself: %s', (code, message) => {
  expect(describeError(refusal(code, message))).toEqual({ kind: 'PostgresError', code });
});

test('an error of ours says where it came from', () => {
  expect(describeError(new TypeError('no'))).toMatchObject({ kind: 'TypeError', message: 'no' });
  expect(describeError('thrown')).toEqual({ kind: 'string' });
});
