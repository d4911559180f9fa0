import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { demoOrganizations } from '../../supabase/seed/demo-organizations.ts';
import { DemoStack } from './support/demo-stack.ts';

let demo: DemoStack;

beforeAll(async () => {
  demo = await DemoStack.start();
});
afterEach(() => demo.tidy());
afterAll(() => demo.stop());

const patience = { timeout: 30_000, interval: 100 };
const [twilio, telnyx] = demoOrganizations[0].carrierAccounts.map(
  ({ numbers }) => numbers[0]?.phoneNumber ?? '',
);
const picture =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const told = z.object({ status: z.number().nullable(), attempts: z.array(z.unknown()) });

/** A customer texted; answers what became of the webhook, and when it was. */
async function text(
  from: string,
  minutesAgo: number,
  more: { to?: string | undefined; body?: string; mediaUrls?: string[] } = {},
) {
  const sentAt = Math.floor(Date.now() / 1000 - minutesAgo * 60) * 1000;
  const answer = await demo.control('POST', 'inbound', { from, to: twilio, body: 'Hello', sentAt, ...more });
  return { ...told.parse(answer), sentAt: new Date(sentAt) };
}

/** A customer's thread as the inbox shows it: what was said, when, and which pictures are there. */
async function threadWith(customer: string) {
  const rows = await demo.sql`
    select m.body, m.status, m.created_at as "sentAt",
      array(select d.status from public.message_media d where d.message_id = m.id order by d.position) as pictures
    from public.messages m join public.threads t on t.id = m.thread_id join public.contacts c on c.id = t.contact_id
    where c.phone_number = ${customer} order by t.id, m.sequence`;
  return [...rows];
}

async function figure(name: string, worker: { healthUrl(): Promise<string> }): Promise<number> {
  const metrics = await (await fetch(`${await worker.healthUrl()}/metrics`)).text();
  const line = metrics.split('\n').find((each) => each.startsWith(name));
  return Number(line?.split(' ').at(-1) ?? 0);
}

/** What admins are told of, by number. */
async function lateTexts() {
  const alerts = await demo.sql`
    select a.details ->> 'phone_number' as number, (a.details ->> 'texts')::int as texts from public.alerts a
    where a.kind = 'texts_late' and a.closed_at is null`;
  return Object.fromEntries(
    alerts.map(({ number, texts }): [string, number] => [String(number), Number(texts)]),
  );
}

const found = 'threadline_worker_missing_texts_total{result="processed"}';

describe('a customer’s text', () => {
  it('that is told of twice and found in the log is there once', async () => {
    const customer = '+13125580101';
    await demo.control('PUT', 'faults', { inboundDuplicateRate: 1 });
    for (const to of [twilio, telnyx]) {
      expect((await text(customer, 10, { to })).attempts).toHaveLength(2);
    }
    await demo.lookedUntil('30 minutes');
    const worker = await demo.worker().ready();
    await demo.untilLookedThrough();
    expect(await threadWith(customer)).toHaveLength(2);
    expect(await figure(found, worker)).toBe(0);
  });

  it('that nobody was there to hear is found, with its pictures, in its order and at its time', async () => {
    const [customer, other, quiet] = ['+13125580102', '+13125580103', '+13125580104'];
    const [waiting = ''] = await demo.enqueue([
      { to: customer, from: twilio, body: 'Later', scheduled_for: new Date(Date.now() + 3_600_000) },
    ]);
    await demo.lose('function-provider-webhook');
    const stop = await text(customer, 3, { body: 'STOP' });
    const question = await text(customer, 20, { body: 'Are you open?' });
    const pictures = await text(customer, 12, { body: '', mediaUrls: [picture, picture] });
    const elsewhere = await text(other, 15, { to: telnyx, body: 'Here it is', mediaUrls: [picture] });
    // So young that its webhook may still come.
    expect((await text(quiet, 0)).status).not.toBe(200);
    await demo.lookedUntil('30 minutes');

    const worker = await demo.worker().ready();
    await vi.waitFor(async () => {
      expect(await threadWith(customer)).toEqual([
        { body: 'Are you open?', status: 'received', sentAt: question.sentAt, pictures: [] },
        { body: '', status: 'received', sentAt: pictures.sentAt, pictures: ['stored', 'stored'] },
        { body: 'STOP', status: 'received', sentAt: stop.sentAt, pictures: [] },
      ]);
      expect(await threadWith(other)).toEqual([
        { body: 'Here it is', status: 'received', sentAt: elsewhere.sentAt, pictures: ['stored'] },
      ]);
    }, patience);
    expect(await demo.jobStatus(waiting)).toBe('cancelled');
    const blocked =
      await demo.sql`select from public.dnc_entries where phone_number = ${customer} and sms_blocked`;
    expect(blocked).toHaveLength(1);
    expect(await threadWith(quiet)).toEqual([]);
    await vi.waitFor(async () => {
      expect(await figure(found, worker)).toBe(4);
      expect(await lateTexts()).toEqual({ [twilio ?? '']: 3, [telnyx ?? '']: 1 });
    }, patience);

    await demo.lookedUntil('30 minutes');
    await demo.untilLookedThrough();
    expect(await threadWith(customer)).toHaveLength(3);
    expect(await figure(found, worker)).toBe(4);
    expect(worker.output).not.toContain('Are you open?');
    expect(worker.output).not.toContain(customer);
  });
});
