import { describe, expect, it } from 'vitest';
import { openWebhook } from './open-webhook.ts';
import type { ProviderAccount, SignatureVerdict } from './provider.ts';
import { profileId } from './telnyx/fixtures/replies.ts';
import { publicKey, signedAt } from './telnyx/fixtures/signature-vectors.ts';
import { inboundBody, jsonRequest, sign } from './telnyx/fixtures/webhooks.ts';
import { telnyx } from './telnyx/index.ts';
import { twilio } from './twilio/index.ts';
import { accountSid, authToken } from './twilio/fixtures/webhooks.ts';

const strangersKey = btoa('k'.repeat(32));

function account(accountRef: string, more: Readonly<Record<string, unknown>> = {}): ProviderAccount {
  return telnyx.openAccount({ accountRef, apiKey: `KEY${accountRef}`, publicKey, ...more }, () => signedAt);
}

async function opener(accounts: readonly ProviderAccount[], body: string = inboundBody()) {
  const opened = await openWebhook(telnyx, accounts, await sign(jsonRequest(body)));
  return opened.kind === 'authentic' ? opened.account.accountRef : opened;
}

describe('a webhook that names no account', () => {
  it('belongs to the one whose key fits, wherever it stands', async () => {
    const strangers = ['a', 'b'].map((name) => account(name, { publicKey: strangersKey }));
    expect(await opener([...strangers, account('ours')])).toBe('ours');
    expect(await opener([account('ours'), ...strangers])).toBe('ours');
  });

  it('belongs to nobody when no key fits, or there is no account', async () => {
    const refused = { kind: 'refused', verdict: 'invalid' satisfies SignatureVerdict };
    expect(await opener([account('a', { publicKey: strangersKey })])).toEqual(refused);
    expect(await opener([])).toEqual(refused);
  });

  it('is not tried with the keys of another carrier', async () => {
    const other = twilio.openAccount({ accountSid, authToken });
    expect(await opener([other, account('ours')])).toBe('ours');
    expect(await opener([other])).toMatchObject({ kind: 'refused' });
  });

  it('belongs, among accounts of one key, to the one with its group of senders', async () => {
    const general = account('general');
    const ours = account('ours', { messagingProfileId: profileId });
    const others = account('others', { messagingProfileId: 'another profile' });
    expect(await opener([general, others, ours])).toBe('ours');
    expect(await opener([others, general])).toBe('general');
  });

  it('is kept by an account of the same key rather than lost', async () => {
    expect(await opener([account('others', { messagingProfileId: 'another profile' })])).toBe('others');
  });
});

it('without a signature is told from one with a wrong one', async () => {
  const unsigned = await openWebhook(telnyx, [account('ours')], jsonRequest(inboundBody()));
  expect(unsigned).toEqual({ kind: 'refused', verdict: 'missing' });
});

it('that cannot be read is told from both', async () => {
  const malformed = await openWebhook(telnyx, [account('ours')], await sign(jsonRequest('[]')));
  expect(malformed).toEqual({ kind: 'malformed', problem: 'body' });
});
