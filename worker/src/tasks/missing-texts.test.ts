import type {
  InboundEvent,
  InboundListOutcome,
  InboundListRequest,
  InboundReadOutcome,
  LoggedText,
  RequestFailure,
} from '@threadline/providers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InboundLook } from '../queue/shapes.ts';
import { FakeQueue, silentAccount, silentLog } from '../testing/fakes.ts';
import { createMissingTexts } from './missing-texts.ts';
import type { Rounds } from './rounds.ts';

const running: Rounds[] = [];
afterEach(() => Promise.all(running.splice(0).map((rounds) => rounds.stop())));

function look(number: number, changes: Partial<InboundLook> = {}): InboundLook {
  return {
    phone_number_id: `number-${number}`,
    organization_id: 'organization-1',
    phone_number: `+1773555000${number}`,
    provider_account_id: 'account-1',
    provider: 'carrier',
    credentials_ref: 'main',
    looks_back: false,
    since: '2026-01-01T10:00:00+00:00',
    until: '2026-01-01T11:00:00.123456+00:00',
    ...changes,
  };
}

function event(id: string): InboundEvent {
  return {
    kind: 'inbound',
    eventKey: id,
    providerMessageId: id,
    from: '+13125550001',
    to: '+17735550001',
    body: 'a text nobody may read in a log',
    segments: 1,
    intent: null,
    carrierReplied: false,
    media: [],
    details: {},
  };
}

function text(id: string, time: string, changes: Partial<LoggedText> = {}): LoggedText {
  return { providerMessageId: id, sentAt: new Date(`2026-01-01T${time}Z`), event: event(id), ...changes };
}

const noAnswer: RequestFailure = {
  kind: 'failed',
  code: 'no_answer',
  httpStatus: null,
  retryAfterSeconds: 30,
};

interface Carrier {
  pages?: readonly InboundListOutcome[];
  reads?: Readonly<Record<string, InboundReadOutcome>>;
  isOpen?: boolean;
  spacingMs?: number;
}

/** A carrier with these pages; what has to be read by itself is there, unless the test says otherwise. */
function setUp({ pages = [], reads = {}, isOpen = false, spacingMs = 0 }: Carrier) {
  const queue = new FakeQueue();
  const requests: InboundListRequest[] = [];
  const found: string[] = [];
  const results: string[] = [];
  const empty: InboundListOutcome = { kind: 'page', texts: [], next: null };
  const rounds = createMissingTexts({
    queue,
    accounts: new Map([
      [
        'main',
        {
          ...silentAccount,
          listInbound: async (request) => {
            requests.push(request);
            return pages[requests.length - 1] ?? empty;
          },
          readInbound: async ({ providerMessageId: id }) => reads[id] ?? { kind: 'read', event: event(id) },
        },
      ],
    ]),
    circuits: { isOpen: () => isOpen },
    http: async () => {
      throw new Error('the account is a fake');
    },
    everyMs: 2,
    spacingMs,
    log: silentLog,
    onLooked: (result) => results.push(result),
    onFound: (result) => found.push(result),
  });
  running.push(rounds);
  return { queue, requests, found, results, rounds };
}

function page(texts: readonly LoggedText[], next: string | null = null): InboundListOutcome {
  return { kind: 'page', texts, next };
}

const ids = (queue: FakeQueue) => queue.taken.map((record) => record['provider_message_id']);

describe('texts whose webhooks never came', () => {
  it('are looked for in the log of each number, from where it was read to the last time', async () => {
    const { queue, requests, results, rounds } = setUp({});
    queue.looks.push(look(1), look(2, { looks_back: true }));
    rounds.start();
    await vi.waitFor(() => expect(results).toEqual(['read', 'read']));
    expect(requests).toMatchObject([
      {
        to: '+17735550001',
        since: new Date('2026-01-01T10:00:00Z'),
        until: new Date('2026-01-01T11:00:00.123Z'),
        page: null,
      },
      { to: '+17735550002' },
    ]);
    const read = { kind: 'read', until: '2026-01-01T11:00:00.123456+00:00', looks_back: false, found: 0 };
    expect(queue.lookedAt).toEqual([
      { phoneNumberId: 'number-1', result: read },
      { phoneNumberId: 'number-2', result: { ...read, looks_back: true } },
    ]);
    expect(queue.calls).not.toContain('unknownTexts');
  });

  it('are taken in the order in which they were sent, those we have left out', async () => {
    const { queue, requests, found, rounds } = setUp({
      pages: [
        page([text('SM5', '10:00:05'), text('SM4', '10:00:04')], 'second'),
        page([text('SM3', '10:00:03'), text('SM2', '10:00:02'), text('SM1', '10:00:02')]),
      ],
    });
    queue.knownTexts.add('SM3');
    queue.looks.push(look(1));
    rounds.start();
    await vi.waitFor(() => expect(queue.lookedAt).toMatchObject([{ result: { kind: 'read', found: 4 } }]));
    expect(ids(queue)).toEqual(['SM1', 'SM2', 'SM4', 'SM5']);
    expect(queue.taken[0]).toMatchObject({
      event_key: 'SM1',
      from: '+13125550001',
      body: 'a text nobody may read in a log',
      sent_at: '2026-01-01T10:00:02.000Z',
    });
    expect(requests.map((request) => request.page)).toEqual([null, 'second']);
    expect(found).toEqual(['processed', 'processed', 'processed', 'processed']);
  });

  it('are read one by one where the list does not tell all', async () => {
    const { queue, found, rounds } = setUp({
      pages: [page([text('MM2', '10:00:02', { event: null }), text('MM1', '10:00:01', { event: null })])],
      reads: {
        MM1: { kind: 'gone' },
        MM2: { kind: 'read', event: { ...event('MM2'), media: [{ url: 'https://m', contentType: null }] } },
      },
    });
    queue.looks.push(look(1));
    rounds.start();
    await vi.waitFor(() => expect(queue.lookedAt).toMatchObject([{ result: { kind: 'read', found: 1 } }]));
    expect(queue.taken).toMatchObject([{ media: [{ url: 'https://m', content_type: null }] }]);
    expect(found).toEqual(['gone', 'processed']);
  });

  it('are not counted when their webhooks come at the last moment', async () => {
    const { queue, found, rounds } = setUp({ pages: [page([text('SM1', '10:00:01')])] });
    queue.unknownTexts = async (_number, asked) => {
      queue.knownTexts.add('SM1');
      return [...asked];
    };
    queue.looks.push(look(1));
    rounds.start();
    await vi.waitFor(() => expect(queue.lookedAt).toMatchObject([{ result: { kind: 'read', found: 0 } }]));
    expect(found).toEqual(['duplicate']);
  });

  it('are looked for again from the same moment when the log was not read to its end', async () => {
    const { queue, results, rounds } = setUp({
      pages: [page([text('SM1', '10:00:01')], 'second'), noAnswer],
    });
    queue.looks.push(look(1));
    rounds.start();
    await vi.waitFor(() => expect(results).toEqual(['failed']));
    expect(queue.lookedAt).toEqual([
      { phoneNumberId: 'number-1', result: { kind: 'failed', retry_after_seconds: 30 } },
    ]);
    expect(queue.taken).toEqual([]);
  });

  it('do not keep back the others when one cannot be read, but the look counts as failed', async () => {
    const now = new Date();
    const { queue, rounds } = setUp({
      pages: [
        page([
          { ...text('SM2', '10:00:02'), sentAt: now },
          { ...text('MM1', '10:00:01', { event: null }), sentAt: now },
        ]),
      ],
      reads: { MM1: noAnswer },
    });
    queue.looks.push(look(1));
    rounds.start();
    await vi.waitFor(() => expect(queue.lookedAt).toMatchObject([{ result: { kind: 'failed' } }]));
    expect(ids(queue)).toEqual(['SM2']);
  });

  it('are given up when they could not be read for a day', async () => {
    const { queue, found, rounds } = setUp({
      pages: [page([text('SM2', '10:00:02'), text('MM1', '10:00:01', { event: null })])],
      reads: { MM1: noAnswer },
    });
    queue.looks.push(look(1));
    rounds.start();
    await vi.waitFor(() => expect(queue.lookedAt).toMatchObject([{ result: { kind: 'read', found: 1 } }]));
    expect(found).toEqual(['given_up', 'processed']);
  });

  it('are left alone when several in a row cannot be read: it is not their fault', async () => {
    const sentAt = new Date();
    const unread = ['MM5', 'MM4', 'MM3', 'MM2', 'MM1'].map((id) => ({
      ...text(id, '10:00:00', { event: null }),
      sentAt,
    }));
    const { queue, rounds } = setUp({
      pages: [page(unread)],
      reads: { MM1: noAnswer, MM2: noAnswer, MM3: noAnswer },
    });
    queue.looks.push(look(1));
    rounds.start();
    await vi.waitFor(() => expect(queue.lookedAt).toMatchObject([{ result: { kind: 'failed' } }]));
    expect(queue.taken).toEqual([]);
  });

  it('are not looked for without credentials, while the account is paused, or in no time at all', async () => {
    const failed = { kind: 'failed' };
    for (const [changes, isOpen, result] of [
      [{ credentials_ref: 'gone' }, false, { ...failed, retry_after_seconds: 900 }],
      [{}, true, failed],
      [{ since: look(1).until }, false, { kind: 'read', found: 0 }],
    ] as const) {
      const { queue, requests, rounds } = setUp({ isOpen });
      queue.looks.push(look(1, changes));
      rounds.start();
      await vi.waitFor(() => expect(queue.lookedAt).toMatchObject([{ result }]));
      expect(requests).toEqual([]);
    }
  });

  it('are looked for without end in no log', async () => {
    const { queue, requests, rounds } = setUp({
      pages: Array.from({ length: 1_001 }, () => page([], 'another')),
    });
    queue.looks.push(look(1));
    rounds.start();
    await vi.waitFor(() => expect(queue.lookedAt).toMatchObject([{ result: { kind: 'failed' } }]), 20_000);
    expect(requests).toHaveLength(1_000);
  });

  it('are no longer looked for when stopped, in the middle of a log', async () => {
    const { queue, requests, rounds } = setUp({
      pages: [page([text('SM1', '10:00:01')], 'second')],
      spacingMs: 60_000,
    });
    queue.looks.push(look(1), look(2));
    rounds.start();
    await vi.waitFor(() => expect(requests).toHaveLength(1));
    await rounds.stop();
    expect(queue.lookedAt).toMatchObject([{ phoneNumberId: 'number-1', result: { kind: 'failed' } }]);
    expect(queue.looks).toHaveLength(1);
  });

  it('are looked for again after a failure of the database', async () => {
    const { queue, results, rounds } = setUp({});
    queue.failures.claimInboundLooks = [new Error('gone')];
    queue.looks.push(look(1));
    rounds.start();
    await vi.waitFor(() => expect(results).toEqual(['read']));
  });
});
