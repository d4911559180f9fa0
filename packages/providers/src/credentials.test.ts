import { describe, expect, it } from 'vitest';
import { CredentialProblem, findProvider, parseProviderCredentials } from './index.ts';
import { publicKey, signedAt } from './telnyx/fixtures/signature-vectors.ts';
import { apiKey, inboundBody, jsonRequest, sign } from './telnyx/fixtures/webhooks.ts';
import { accountSid, authToken } from './twilio/fixtures/webhooks.ts';

const entry = { provider: 'twilio', accountSid, authToken };

describe('parseProviderCredentials', () => {
  it('opens an account for every reference', () => {
    const accounts = parseProviderCredentials(JSON.stringify({ main: entry, second: entry }));
    expect([...accounts.keys()]).toEqual(['main', 'second']);
    expect(accounts.get('main')).toMatchObject({ provider: 'twilio', accountRef: accountSid });
  });

  it('opens accounts of several carriers side by side, all with the clock it is given', async () => {
    const other = { provider: 'telnyx', accountRef: 'main', apiKey, publicKey };
    const text = JSON.stringify({ main: entry, other });
    const request = await sign(jsonRequest(inboundBody()));
    const accounts = parseProviderCredentials(text, () => signedAt);
    expect([...accounts.values()].map(({ provider }) => provider)).toEqual(['twilio', 'telnyx']);
    expect(await accounts.get('other')?.verify(request)).toBe('valid');
    expect(await parseProviderCredentials(text).get('other')?.verify(request)).toBe('invalid');
  });

  it('accepts an empty object: a stack may begin without any carrier', () => {
    expect(parseProviderCredentials('{}').size).toBe(0);
  });

  it.each([
    ['text that is not JSON', `{"main": ${authToken}`, 'not valid JSON'],
    ['a list', '[]', 'must be a JSON object'],
    ['an entry that is not an object', `{"main":"${authToken}"}`, '"main"'],
    [
      'a provider nobody knows',
      JSON.stringify({ main: { ...entry, provider: 'pigeon' } }),
      '"main".provider',
    ],
    [
      'a provider named like a property of every object',
      '{"main":{"provider":"toString"}}',
      '"main".provider',
    ],
    ['a missing setting', JSON.stringify({ main: { ...entry, authToken: '' } }), '"main".authToken'],
  ])('refuses %s, naming the place and no secret', (_label, text, place) => {
    expect(() => parseProviderCredentials(text)).toThrow(CredentialProblem);
    expect(() => parseProviderCredentials(text)).toThrow(place);
    expect(() => parseProviderCredentials(text)).not.toThrow(authToken);
  });
});

describe('findProvider', () => {
  it('finds by exact name and nothing else', () => {
    expect(findProvider('twilio')?.name).toBe('twilio');
    expect(findProvider('telnyx')?.name).toBe('telnyx');
    for (const name of ['', 'Twilio', 'toString', '__proto__']) expect(findProvider(name)).toBeUndefined();
  });
});
