import { expect, test } from 'vitest';
import { asDatabaseError, databaseErrorAnswer, statusOf, translateForLite } from './database-error.ts';

const raised = (code: string, more: object = {}) => Object.assign(new Error('said so'), { code, ...more });

test.each([
  ['P0001', 400],
  ['TL001', 400],
  ['23505', 409],
  ['23514', 400],
  ['40001', 500],
  ['57014', 500],
  ['53300', 503],
  ['PT418', 418],
])('SQLSTATE %s is HTTP %i', (code, status) => {
  expect(statusOf(code, 'authenticated')).toBe(status);
});

test('a missing right is 401 to a visitor and 403 to a person', () => {
  expect(statusOf('42501', 'anon')).toBe(401);
  expect(statusOf('42501', 'authenticated')).toBe(403);
});

test('an error answers with its code, message, details and hint', async () => {
  const known = asDatabaseError(raised('TL103', { detail: 'd', hint: 'h' }));
  const answer = known && databaseErrorAnswer(known, 'authenticated');
  expect(answer?.status).toBe(400);
  expect(await answer?.json()).toEqual({ code: 'TL103', message: 'said so', details: 'd', hint: 'h' });
});

test('a function may choose status, headers and body by raising PGRST', async () => {
  const error = Object.assign(new Error('{"code":"C","message":"m"}'), {
    code: 'PGRST',
    detail: '{"status":402,"headers":{"x-why":"because"}}',
  });
  const known = asDatabaseError(error);
  const answer = known && databaseErrorAnswer(known, 'anon');
  expect(answer?.status).toBe(402);
  expect(answer?.headers.get('x-why')).toBe('because');
  expect(await answer?.json()).toEqual({ code: 'C', message: 'm' });
});

test('lite is handed the codes it knows as they are and the others ready-made', () => {
  const duplicate = raised('23505');
  expect(translateForLite(duplicate)).toBe(duplicate);
  expect(translateForLite(raised('TL001'))).toMatchObject({
    code: 'PGRST',
    detail: expect.stringContaining('400'),
  });
  const other = new Error('no database error');
  expect(translateForLite(other)).toBe(other);
});
