import { describe, expect, it } from 'vitest';
import { business, customer, startCarrier } from './testing/carrier-fixture.ts';

describe('PUT /control/faults', () => {
  it('reports what is in force', async () => {
    const { control } = await startCarrier();
    await control('PUT', '/faults', { rejectRate: 0.5, error: 21610, seed: 7 });
    expect((await control('GET', '/faults')).body).toMatchObject({
      rejectRate: 0.5,
      error: 21610,
      seed: 7,
      latencyMs: 0,
    });
    await control('PUT', '/faults', {});
    expect((await control('GET', '/faults')).body).toMatchObject({ rejectRate: 0 });
  });

  it.each([
    [{ rejectRate: 2 }, 'rejectRate'],
    [{ rejectRates: 1 }, 'rejectRates'],
    [undefined, 'object'],
    [[], 'object'],
  ])('refuses %j in plain words', async (settings, words) => {
    const { control } = await startCarrier();
    const answer = await control('PUT', '/faults', settings);
    expect(answer.status).toBe(400);
    expect(answer.body['error']).toContain(words);
  });

  it.each([
    [{ rejectRate: 1, error: 21610 }, 400, 21610],
    [{ rejectRate: 1 }, 400, 21612],
    [{ error: 20003 }, 401, 20003],
    [{ error: 20500 }, 500, 20500],
    [{ error: 63038 }, 429, 63038],
    [{ rate429: 1 }, 429, 20429],
  ])('refuses creates under %j', async (settings, status, code) => {
    const { control, create, messages } = await startCarrier();
    await control('PUT', '/faults', settings);
    const answer = await create();
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code, status });
    expect(await messages()).toEqual([]);
  });

  it('records a message whose connection it then breaks, and delivers it', async () => {
    const { control, create, messages, webhook, callbackUrl } = await startCarrier();
    await control('PUT', '/faults', { acceptThenDropRate: 1 });
    await expect(create({ StatusCallback: callbackUrl })).rejects.toThrow();
    expect(await messages()).toMatchObject([{ to: customer }]);
    expect((await webhook.count(2))[1]?.form['MessageStatus']).toBe('delivered');
  });

  it('never answers what it times out, and does not record it', async () => {
    const { control, url, messages } = await startCarrier();
    await control('PUT', '/faults', { timeoutRate: 1 });
    const body = new URLSearchParams({ To: customer, From: business, Body: 'Hello' });
    const address = `${url}/2010-04-01/Accounts/AC${'0'.repeat(31)}1/Messages.json`;
    const login = Buffer.from(`AC${'0'.repeat(31)}1:test_auth_token_0123456789abcdef`).toString('base64');
    const signal = AbortSignal.timeout(150);
    const headers = { authorization: `Basic ${login}` };
    await expect(fetch(address, { method: 'POST', headers, body, signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(await messages()).toEqual([]);
  });

  it('records on arrival and answers late under latency', async () => {
    const { control, create, messages } = await startCarrier();
    await control('PUT', '/faults', { latencyMs: 120 });
    await create();
    const [message] = await messages();
    expect((message?.answeredAtMs ?? 0) - (message?.submittedAtMs ?? 0)).toBeGreaterThanOrEqual(115);
  });

  it('refuses and breaks the same creates for the same seed, however they arrive', async () => {
    const { control, create } = await startCarrier();
    const recipients = Array.from({ length: 40 }, (_, index) => `+1415555${2000 + index}`);
    const run = async (order: readonly string[]) => {
      await control('PUT', '/faults', { rejectRate: 0.3, rate429: 0.2, acceptThenDropRate: 0.2, seed: 4242 });
      const fates = await Promise.all(
        order.map(
          async (To) =>
            [
              To,
              await create({ To }).then(
                ({ status }) => status,
                () => 'broken',
              ),
            ] as const,
        ),
      );
      return new Map(fates.toSorted(([one], [other]) => one.localeCompare(other)));
    };
    const first = await run(recipients);
    expect(new Set(first.values())).toEqual(new Set([201, 400, 429, 'broken']));
    expect(await run(recipients.toReversed())).toEqual(first);
  });
});

describe('GET /control/messages', () => {
  it('tells what was accepted, in order, with everything the client sent', async () => {
    const { create, messages, callbackUrl } = await startCarrier();
    await create({ Body: 'one', StatusCallback: callbackUrl });
    await create({ Body: 'two', To: 'nonsense' });
    await create({ Body: 'three' });
    const accepted = await messages();
    expect(accepted.map(({ sequence, body }) => [sequence, body])).toEqual([
      [1, 'one'],
      [2, 'three'],
    ]);
    expect(accepted[0]).toMatchObject({
      ...{ to: customer, from: business, direction: 'outbound', statusCallback: callbackUrl },
      parameters: { Body: 'one', To: customer, From: business, StatusCallback: callbackUrl },
    });
    expect(Date.parse(accepted[0]?.submittedAt ?? '')).toBe(accepted[0]?.submittedAtMs);
  });

  it('filters by number, time and sequence, and says the same when asked again', async () => {
    const { create, messages, text } = await startCarrier();
    await create({ Body: 'one' });
    await create({ Body: 'two', To: '+14155550199' });
    await text('inbound');
    const since = (await messages())[1]?.submittedAtMs ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await create({ Body: 'three' });
    const bodies = async (query: string) => (await messages(query)).map(({ body }) => body);
    expect(await bodies(`?to=${encodeURIComponent(customer)}`)).toEqual(['one', 'three']);
    expect(await bodies(`?to=${customer}`)).toEqual(['one', 'three']);
    expect(await bodies('?from=%2B17735550002')).toEqual([]);
    expect(await bodies(`?since=${since + 1}`)).toEqual(['three']);
    expect(await bodies(`?since=${new Date(since + 1).toISOString()}`)).toEqual(['three']);
    expect(await bodies('?afterSequence=1&limit=1')).toEqual(['two']);
    expect(await bodies('?direction=inbound')).toEqual(['inbound']);
    const inUtc = new Date(since + 1).toISOString().replace('Z', '+00:00');
    expect(await bodies(`?since=${encodeURIComponent(inUtc)}`)).toEqual(['three']);
    expect(await bodies(`?since=${inUtc}`)).toEqual(['three']);
    expect(await bodies('?to=&from=&since=')).toEqual(await bodies(''));
  });

  it('says what is wrong with a time it cannot read', async () => {
    const { control } = await startCarrier();
    const refused = await control('GET', '/messages?since=yesterday');
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ error: 'since: must be ISO 8601 or epoch milliseconds' });
  });
});

describe('POST /control/reset', () => {
  it('forgets messages, faults and opt-outs', async () => {
    const { control, create, messages, text } = await startCarrier();
    await create();
    await text('STOP');
    await control('PUT', '/faults', { rejectRate: 1 });
    expect((await control('POST', '/reset')).status).toBe(200);
    expect(await messages('?direction=all')).toEqual([]);
    expect((await create()).status).toBe(201);
  });
});

it('answers programs and its own page, not pages of other sites', async () => {
  const { url } = await startCarrier();
  const answer = await fetch(`${url}/control/reset`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'cross-site' },
  });
  expect(answer.status).toBe(403);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

describe('POST /control/advance', () => {
  const service = `MG${'a'.repeat(32)}`;
  const schedule = () => ({
    From: '',
    MessagingServiceSid: service,
    ScheduleType: 'fixed',
    SendAt: new Date(Date.now() + 3_600_000).toISOString(),
  });

  it('brings the time of what is scheduled nearer, and it leaves when that has come', async () => {
    const { control, create, messages, webhook, callbackUrl } = await startCarrier();
    await create({ ...schedule(), StatusCallback: callbackUrl });
    expect((await control('POST', '/advance', { seconds: 3_000 })).body).toEqual({ moved: 1 });
    expect((await messages())[0]).toMatchObject({ status: 'scheduled' });
    expect((await control('POST', '/advance', { seconds: 601 })).body).toEqual({ moved: 1 });
    await expect.poll(async () => (await messages())[0]?.status).toBe('delivered');
    expect((await webhook.count(3)).map(({ form }) => form['MessageStatus'])).toEqual([
      'queued',
      'sent',
      'delivered',
    ]);
    expect((await control('POST', '/advance', { seconds: 601 })).body).toEqual({ moved: 0 });
  });

  it('refuses to turn time back', async () => {
    const { control } = await startCarrier();
    expect((await control('POST', '/advance', { seconds: -1 })).status).toBe(400);
  });
});
