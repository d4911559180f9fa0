import { describe, expect, it } from 'vitest';
import { errorCodes, findErrorCode, isSqlState } from './error-codes.ts';

describe('error codes', () => {
  it('finds the entry behind an error of the API', () => {
    const error = { code: 'TL103', message: 'This person has opted out', details: null, hint: null };
    expect(findErrorCode(error)).toMatchObject({
      code: 'TL103',
      name: 'recipient_opted_out',
      httpStatus: 409,
    });
  });

  it.each([
    null,
    undefined,
    'TL103',
    new Error('TL103'),
    { code: '23505' },
    { code: 'toString' },
    { code: 7 },
  ])('finds none for %j, which is not ours', (error) => {
    expect(findErrorCode(error)).toBeNull();
  });

  it('gives every code a name of its own and a sentence for the person at the screen', () => {
    const entries = Object.entries(errorCodes);
    expect(new Set(entries.map(([, { name }]) => name)).size).toBe(entries.length);
    for (const [code, { userText, httpStatus }] of entries) {
      expect(isSqlState(code)).toBe(true);
      expect(code).toMatch(/^TL\d{3}$/);
      expect(userText).toMatch(/\.$/);
      expect(httpStatus).toBeGreaterThanOrEqual(400);
      expect(httpStatus).toBeLessThan(500);
    }
  });
});
