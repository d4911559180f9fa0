import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { demoOrganizations } from '../../supabase/seed/demo-organizations.ts';
import { DemoStack } from './support/demo-stack.ts';

let demo: DemoStack;

beforeAll(async () => {
  demo = await DemoStack.start();
});
beforeEach(() => demo.allow({}));
afterEach(() => demo.tidy());
afterAll(() => demo.stop());

const patience = { timeout: 25_000, interval: 25 };
const [first, second] = demoOrganizations[0].carrierAccounts;
const numberOf = (account: typeof second): string => account?.numbers[0]?.phoneNumber ?? '';

describe('an organization with two carriers', () => {
  it('sends from each number through its own, and hears from both how it ended', async () => {
    await demo.worker().ready();
    const to = '+13125580001';
    const jobs = await demo.enqueue([
      { to, from: numberOf(first), body: 'through the first' },
      { to, from: numberOf(second), body: 'through the second' },
    ]);
    for (const jobId of jobs)
      await vi.waitFor(async () => expect(await demo.jobStatus(jobId)).toBe('delivered'), patience);
    const rows = await demo.sql`
      select p.provider, a.state from public.send_attempts a join public.provider_accounts p on p.id = a.provider_account_id
      where a.job_id in ${demo.sql(jobs)} order by p.provider`;
    expect([...rows]).toEqual([
      { provider: 'telnyx', state: 'accepted' },
      { provider: 'twilio', state: 'accepted' },
    ]);
  });

  it('takes a STOP at either for both', async () => {
    const to = '+13125580002';
    await demo.control('POST', 'inbound', { from: to, to: numberOf(second), body: 'STOP' });
    const [entry] = await vi.waitFor(async () => {
      const found =
        await demo.sql`select sms_blocked, source from public.dnc_entries where phone_number = ${to}`;
      expect(found).toHaveLength(1);
      return found;
    }, patience);
    expect(entry).toMatchObject({ sms_blocked: true });
    const [answer] = await demo.sql`
      select r ->> 'code' as code from jsonb_array_elements(public.enqueue_batch(${demo.stack.organization.id}, ${demo.sql.json(
        [{ to, from: numberOf(first), body: 'Hello', class: 'urgent' }],
      )})) r`;
    expect(answer).toEqual({ code: 'TL103' });
  });
});
