import { Pool } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { accountSid, basicAuth, business, startCarrier } from './testing/carrier-fixture.ts';

it('loses and doubles nothing under a pile of creates at once', { timeout: 60_000 }, async () => {
  const { url, webhook, callbackUrl, messages, control } = await startCarrier({
    timings: { sendMs: 1, receiptMs: 1 },
  });
  const pool = new Pool(url, { connections: 50 });
  onTestFinished(() => pool.close());
  const count = 1500;
  const path = `/2010-04-01/Accounts/${accountSid}/Messages.json`;
  const headers = { authorization: basicAuth, 'content-type': 'application/x-www-form-urlencoded' };
  const sids = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const To = `+1415${String(5_550_000 + index)}`;
      const body = new URLSearchParams({
        To,
        From: business,
        Body: `Reminder ${index} ☕`,
        StatusCallback: callbackUrl,
      }).toString();
      const answer = await pool.request({ path, method: 'POST', headers, body });
      return ((await answer.body.json()) as { sid: string }).sid;
    }),
  );
  const received = await webhook.count(2 * count);
  await expect.poll(async () => (await control('GET', '/status')).body['callbackBacklog']).toBe(0);
  const told = received.map(({ form }) => `${form['MessageSid']} ${form['MessageStatus']}`);
  expect(new Set(told).size).toBe(2 * count);
  expect(told).toHaveLength(2 * count);
  const accepted = await messages();
  expect(accepted.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: count }, (_, index) => index + 1),
  );
  expect(new Set(accepted.map(({ sid }) => sid))).toEqual(new Set(sids));
});
