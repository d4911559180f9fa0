import { describe, expect, it } from 'vitest';
import {
  accountRef,
  apiKey,
  business,
  customer,
  messagingProfileId,
  secondBusiness,
  startBothCarriers,
  telnyxClient,
  twilioBusiness,
} from './testing/telnyx-fixture.ts';

interface Refusal {
  errors: { code: string; title: string; detail: string; source?: { pointer: string } }[];
}

async function refusalOf(answer: Response): Promise<[status: number, code: string | undefined]> {
  return [answer.status, ((await answer.json()) as Refusal).errors[0]?.code];
}

describe('creating a message at Telnyx', () => {
  it('answers the stock SDK with the message as Telnyx writes it', async () => {
    const { client, callbackUrl } = await startBothCarriers();
    const { data } = await client.messages.send({
      ...{ to: customer, from: business, text: 'Hello, café 😀', webhook_url: callbackUrl },
    });
    expect(data).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      record_type: 'message',
      direction: 'outbound',
      type: 'SMS',
      messaging_profile_id: messagingProfileId,
      organization_id: accountRef,
      from: { phone_number: business },
      to: [{ phone_number: customer, status: 'queued' }],
      text: 'Hello, café 😀',
      parts: 1,
      encoding: 'UCS-2',
      webhook_url: callbackUrl,
      errors: [],
      sent_at: null,
    });
  });

  it('takes the sender from the profile where none is named, always the same for one person', async () => {
    const { client } = await startBothCarriers();
    const send = async () =>
      (await client.messages.send({ to: customer, messaging_profile_id: messagingProfileId, text: 'Hi' }))
        .data;
    const first = await send();
    expect([business, secondBusiness]).toContain(first?.from?.phone_number);
    expect((await send())?.from?.phone_number).toBe(first?.from?.phone_number);
  });

  it('counts pictures as MMS', async () => {
    const { client } = await startBothCarriers();
    const { data } = await client.messages.send({
      ...{ to: customer, from: business, media_urls: ['https://example.com/a.png'] },
    });
    expect(data).toMatchObject({ type: 'MMS', media: [{ url: 'https://example.com/a.png' }] });
  });

  it('shows what has become of it, and knows nobody else’s', async () => {
    const { client, create, url } = await startBothCarriers();
    const { data } = (await (await create()).json()) as { data: { id: string } };
    await expect
      .poll(async () => (await client.messages.retrieve(data.id)).data)
      .toMatchObject({ to: [{ status: 'delivered' }], completed_at: expect.any(String) });
    await expect(client.messages.retrieve('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({
      status: 404,
    });
    await expect(telnyxClient(url, 'KEY of somebody else').messages.retrieve(data.id)).rejects.toMatchObject({
      status: 401,
    });
  });

  it.each([
    [{ to: undefined }, 400, '10004'],
    [{ to: 'nonsense' }, 400, '40310'],
    [{ to: '+10005550100' }, 400, '40310'],
    [{ to: business }, 400, '40310'],
    [{ from: undefined }, 400, '40305'],
    [{ from: '+12065550100' }, 400, '40305'],
    [{ from: twilioBusiness }, 400, '40305'],
    [{ messaging_profile_id: '00000000-0000-4000-8000-000000000000' }, 404, '10005'],
    [{ text: '' }, 400, '40316'],
    [{ text: 'a'.repeat(1531) }, 400, '40302'],
    [{ media_urls: ['not a url'] }, 400, '40317'],
    [{ media_urls: Array.from({ length: 11 }, (_, index) => `https://x.example/${index}`) }, 400, '40317'],
    [{ webhook_url: 'nowhere' }, 400, '10015'],
    [{ send_at: 'tomorrow' }, 400, '10015'],
    [{ send_at: new Date(Date.now() + 60_000).toISOString() }, 400, '10015'],
    [{ send_at: new Date(Date.now() + 6 * 86_400_000).toISOString() }, 400, '10015'],
  ])('refuses %j', async (parameters, status, code) => {
    const { create, messages } = await startBothCarriers();
    expect(await refusalOf(await create(parameters))).toEqual([status, code]);
    expect(await messages()).toEqual([]);
  });

  it('takes ten parts', async () => {
    const { create } = await startBothCarriers();
    expect((await create({ text: 'a'.repeat(1530) })).status).toBe(200);
  });

  it.each(['', 'Bearer x', 'Basic S0VZ'])('refuses to sign %j in', async (authorization) => {
    const { url } = await startBothCarriers();
    const answer = await fetch(`${url}/v2/messages/1`, { headers: { authorization } });
    expect(await refusalOf(answer)).toEqual([401, '10009']);
  });

  it('refuses what is no JSON object, and paths it does not know', async () => {
    const { client, url } = await startBothCarriers();
    const headers = { authorization: `Bearer ${apiKey}` };
    const post = (body: string) => fetch(`${url}/v2/messages`, { method: 'POST', headers, body });
    for (const body of ['', '[', '[]', 'null', '"x"'])
      expect(await refusalOf(await post(body))).toEqual([400, '10023']);
    for (const path of ['/nowhere', '/messages', '/detail_records/1']) {
      await expect(client.get(path)).rejects.toMatchObject({ status: 404 });
    }
  });

  it('says with every answer how many requests are left', async () => {
    const { create } = await startBothCarriers();
    const { headers } = await create();
    expect(headers.get('x-ratelimit-limit')).toBe('50');
    expect(headers.get('x-ratelimit-remaining')).toBe('49');
    expect(headers.get('twilio-request-id')).toBeNull();
  });

  it('refuses requests above the concurrency it was given, and says when to come again', async () => {
    const { create, control, messages } = await startBothCarriers({ maxConcurrentRequests: 1 });
    await control('PUT', '/faults', { latencyMs: 60_000 });
    const held = create().catch(() => 'cut off when the carrier closed');
    await expect.poll(async () => (await messages()).length).toBe(1);
    await control('PUT', '/faults', {});
    const refused = await create();
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(refused.headers.get('x-ratelimit-reset')).toBe('1');
    expect(await refusalOf(refused)).toEqual([429, '10011']);
    void held;
  });
});

describe('scheduling at Telnyx', () => {
  const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

  it('holds a message until its time, and cancels it before', async () => {
    const { client } = await startBothCarriers();
    const parameters = { to: customer, from: business, text: 'Later', send_at: inAnHour() };
    const { data } = await client.messages.send(parameters);
    expect(data?.to).toMatchObject([{ status: 'scheduled' }]);
    const cancelled = await client.messages.cancelScheduled(data?.id ?? '');
    expect(cancelled).toMatchObject({ id: data?.id, to: [{ status: 'cancelled' }] });
    await expect(client.messages.cancelScheduled(data?.id ?? '')).rejects.toMatchObject({ status: 400 });
    expect((await client.messages.schedule(parameters)).data?.to).toMatchObject([{ status: 'scheduled' }]);
  });

  it('cancels nothing in the last minute, and nothing that was not scheduled', async () => {
    const { client, create } = await startBothCarriers({ scheduleWindow: { leastMs: 0, mostMs: 3_600_000 } });
    const soon = { send_at: new Date(Date.now() + 55_000).toISOString() };
    for (const parameters of [soon, {}]) {
      const { data } = (await (await create(parameters)).json()) as { data: { id: string } };
      await expect(client.messages.cancelScheduled(data.id)).rejects.toMatchObject({ status: 400 });
    }
  });
});

describe('the records of Telnyx', () => {
  it('name the address a message reports to, whatever was answered to its create', async () => {
    const { client, create, control, callbackUrl } = await startBothCarriers();
    await create({ text: 'other', to: '+14155550199' });
    await control('PUT', '/faults', { acceptThenDropRate: 1 });
    await expect(create({ webhook_url: callbackUrl })).rejects.toThrow();
    const find = async () => {
      const filter = { record_type: 'messaging' as const, cld: customer };
      return (await client.detailRecords.list({ filter })).data;
    };
    await expect.poll(find).toMatchObject([
      {
        record_type: 'message_detail_record',
        cld: customer,
        cli: business,
        direction: 'outbound',
        delivery_status_webhook_url: callbackUrl,
        status: 'delivered',
        parts: 1,
        errors: [],
      },
    ]);
    expect(await find()).toHaveLength(1);
  });

  it('are paged, newest first, and filtered by field and time', async () => {
    const { client, create, text } = await startBothCarriers();
    for (let number = 1; number <= 5; number++) await create({ text: String(number) });
    await text('in');
    const list = async (filter: object, more: object = {}) => {
      const found = [];
      for await (const record of client.detailRecords.list({
        filter: { record_type: 'messaging', ...filter },
        ...more,
      })) {
        found.push(record);
      }
      return found;
    };
    expect(await list({}, { 'page[size]': 2 })).toHaveLength(6);
    expect(await list({ direction: 'inbound' })).toMatchObject([{ cli: customer, cld: business }]);
    expect(await list({ cld: { ends_with: customer.slice(-4) } })).toHaveLength(5);
    const today = new Date().toISOString().slice(0, 10);
    expect(await list({ created_at: { gte: today } })).toHaveLength(6);
    expect(await list({ created_at: { lt: today } })).toEqual([]);
    const page = await client.detailRecords.list({ filter: { record_type: 'messaging' }, 'page[size]': 4 });
    expect(page.meta).toMatchObject({ page_number: 1, page_size: 4, total_pages: 2, total_results: 6 });
  });

  it.each([
    'filter[record_type]=verify',
    'filter[cld]=x',
    'filter[record_type]=messaging&filter[color]=red',
    'filter[record_type]=messaging&filter[cld][like]=x',
    'filter[record_type]=messaging&filter[cld][toString]=x',
  ])('refuse the search %s', async (query) => {
    const { url } = await startBothCarriers();
    await expect(telnyxClient(url).get(`/detail_records?${query}`)).rejects.toMatchObject({ status: 400 });
  });
});

describe('opt-outs at Telnyx', () => {
  it.each(['STOP', 'stop', ' Unsubscribe ', 'END', 'quit', 'stopall', 'STOP ALL', 'cancel'])(
    'block the whole profile on %j',
    async (word) => {
      const { text, create, client } = await startBothCarriers();
      expect((await text(word)).keyword).toBe('stop');
      for (const from of [business, secondBusiness]) {
        const answer = await create({ from });
        const { errors } = (await answer.clone().json()) as Refusal;
        expect(await refusalOf(answer)).toEqual([403, '40300']);
        expect(errors[0]?.title).toBe('Blocked due to STOP message');
        expect(errors[0]?.detail).toContain('existing block rule');
      }
      expect((await create({ to: '+14155550199' })).status).toBe(200);
      const { data } = await client.messagingOptouts.list();
      expect(data).toMatchObject([
        { from: business, to: customer, keyword: word.trim(), messaging_profile_id: messagingProfileId },
      ]);
    },
  );

  it.each(['REVOKE', 'OPT OUT', 'OPTOUT', 'STOP please', 'HELP', 'yes'])(
    'are not what Telnyx makes of %j',
    async (words) => {
      const { text, create } = await startBothCarriers();
      expect((await text(words)).keyword).toBeNull();
      expect((await create()).status).toBe(200);
    },
  );

  it.each(['START', 'Unstop'])('end on %j', async (word) => {
    const { text, create, client } = await startBothCarriers();
    await text('STOP');
    expect((await text(word)).keyword).toBe('start');
    expect((await create()).status).toBe(200);
    expect((await client.messagingOptouts.list()).data).toEqual([]);
  });

  it('are listed by profile, sender and time', async () => {
    const { text, client } = await startBothCarriers();
    await text('STOP');
    await text('STOP', { to: twilioBusiness });
    const list = async (query: object) => (await client.messagingOptouts.list(query)).data.length;
    expect(await list({})).toBe(1);
    expect(await list({ filter: { messaging_profile_id: messagingProfileId, from: business } })).toBe(1);
    expect(await list({ filter: { messaging_profile_id: 'another' } })).toBe(0);
    expect(await list({ filter: { from: secondBusiness } })).toBe(0);
    expect(await list({ created_at: { gte: '2020-01-01' } })).toBe(1);
    expect(await list({ created_at: { lte: '2020-01-01' } })).toBe(0);
  });
});
