import type { ApiReply, ApiRequest, CarrierApi } from '../api-reply.ts';
import type { Account, TelnyxAccount } from '../core/account.ts';
import type { CarrierCore } from '../core/carrier-core.ts';
import { doomOf, noReceipt } from '../core/delivery-endings.ts';
import type { CarrierMessage } from '../core/message.ts';
import { readCreate, type CreateRequest, type CreateRules, type JsonBody } from './create-parameters.ts';
import { findDetailRecords } from './detail-records.ts';
import { inboundPayload, mediaAddress, newMessageId, outboundPayload } from './message-payload.ts';
import { findOptOuts } from './opt-out-records.ts';
import { refusal, refusalBody, refusesCreate, telnyxCode, type TelnyxRefusal } from './telnyx-error.ts';

export interface TelnyxApiOptions {
  core: CarrierCore;
  scheduleWindow: CreateRules['scheduleWindow'];
  /** Requests of one account in flight above which the API answers 429. */
  maxConcurrentRequests: number;
  /** Base address under which clients fetch media from this carrier. */
  publicUrl: () => string;
}

const route = /^\/v2\/(messages|detail_records|messaging_optouts)(?:\/([^/]+))?$/;

/** The limit the headers speak of: texts an account may send in a second. */
const requestsPerSecond = 50;
const usualPageSize = 20;
const largestPage = 50;

/** A message can be cancelled until this long before it leaves, in milliseconds. */
const cancelMarginMs = 60_000;

/** Telnyx's API v2, as far as messages go. */
export class TelnyxApi implements CarrierApi {
  readonly prefix = '/v2/';
  readonly #core: CarrierCore;
  readonly #rules: CreateRules;
  readonly #maxConcurrentRequests: number;
  readonly #publicUrl: () => string;
  readonly #byKey = new Map<string, TelnyxAccount>();

  constructor({ core, scheduleWindow, maxConcurrentRequests, publicUrl }: TelnyxApiOptions) {
    this.#core = core;
    this.#rules = { accounts: core.accounts, optOuts: core.optOuts, scheduleWindow };
    this.#maxConcurrentRequests = maxConcurrentRequests;
    this.#publicUrl = publicUrl;
    for (const account of core.accounts.all) {
      if (account.provider === 'telnyx') this.#byKey.set(account.apiKey, account);
    }
  }

  authenticate(authorization: string | undefined): TelnyxAccount | undefined {
    return authorization && /^bearer /i.test(authorization)
      ? this.#byKey.get(authorization.slice('bearer '.length))
      : undefined;
  }

  failure(message: string): ApiReply {
    return refuse(refusal(10007, undefined, message));
  }

  headers({ concurrent }: { concurrent: number }): Record<string, string> {
    return {
      'x-ratelimit-limit': String(requestsPerSecond),
      'x-ratelimit-remaining': String(Math.max(0, requestsPerSecond - concurrent)),
      'x-ratelimit-reset': '1',
    };
  }

  handle(request: ApiRequest, account: Account | undefined, concurrent: number): ApiReply {
    if (account?.provider !== 'telnyx') return refuse(refusal(10009));
    if (concurrent > this.#maxConcurrentRequests) return refuse(refusal(10011));
    const [, collection, id] = route.exec(request.path) ?? [];
    const query = new URLSearchParams(request.query);
    if (collection === 'messages') return this.#handleMessages(request, account, id);
    if (request.method !== 'GET' || id !== undefined) return refuse(refusal(10005));
    if (collection === 'messaging_optouts') {
      return page(findOptOuts(this.#core.optOuts, account, query), query);
    }
    if (collection !== 'detail_records') return refuse(refusal(10005));
    const records = findDetailRecords(this.#core, account, query);
    return 'error' in records ? refuse(records) : page(records, query);
  }

  #handleMessages(request: ApiRequest, account: TelnyxAccount, id: string | undefined): ApiReply {
    if (request.method === 'POST' && (id === undefined || id === 'schedule')) {
      const json = parseJson(request.body);
      return json === null ? refuse(refusal(10023)) : this.#create(json, account);
    }
    const message = id === undefined ? undefined : this.#core.log.find(id);
    if (message?.accountSid !== account.accountSid) return refuse(refusal(10005));
    if (request.method === 'GET') return answer({ data: this.#describe(message, account) });
    return request.method === 'DELETE' ? this.#cancel(message, account) : refuse(refusal(10005));
  }

  #create(json: JsonBody, account: TelnyxAccount): ApiReply {
    const { faults } = this.#core;
    const faultKey = faults.keyFor(String(json['to']));
    const fault = faults.forCreate(faultKey);
    if (fault === 'throttle') return refuse(refusal(10011));
    if (fault === 'hang') return { status: 0, body: '', fate: 'hang' };
    const create = readCreate(json, account, this.#rules);
    if ('error' in create) return refuse(create);
    const injected = fault === 'reject' ? telnyxCode(faults.current.error) : null;
    if (injected !== null && refusesCreate(injected)) return refuse(refusal(injected));
    const message = this.#accept(create, account, json, faultKey);
    if (injected !== null) message.doom = injected;
    return {
      status: 200,
      body: JSON.stringify({ data: outboundPayload(message, account) }),
      ...(fault === 'drop' ? { fate: 'drop' } : {}),
      afterAnswer: () => {
        message.answeredAt = Date.now();
        // While the answer was held back, a reset may have forgotten the message.
        if (this.#core.log.find(message.sid) === message) this.#core.delivery.start(message);
      },
    };
  }

  #accept(create: CreateRequest, account: TelnyxAccount, json: JsonBody, faultKey: number): CarrierMessage {
    const parameters = readParameters(json);
    const profileUrl = parameters['use_profile_webhooks'] === 'false' ? null : account.inboundWebhookUrl;
    const doom = doomOf(create.to);
    return this.#core.record({
      ...create,
      sid: newMessageId(),
      accountSid: account.accountSid,
      origin: 'api',
      status: create.sendAt === null ? 'queued' : 'scheduled',
      statusCallback: parameters['webhook_url'] ?? profileUrl ?? null,
      doom: doom === null || doom === noReceipt ? doom : telnyxCode(doom),
      parameters,
      faultKey,
    });
  }

  #describe(message: CarrierMessage, account: TelnyxAccount) {
    if (message.origin !== 'inbound') return outboundPayload(message, account);
    return inboundPayload(message, account, {
      autoresponse: null,
      mediaUrl: (item) => mediaAddress(item, this.#publicUrl()),
    });
  }

  /** The answer is the message itself, where all others wrap it in `data`. */
  #cancel(message: CarrierMessage, account: TelnyxAccount): ApiReply {
    const isInTime = (message.sendAt ?? 0) - Date.now() > cancelMarginMs;
    if (!isInTime || !this.#core.delivery.cancel(message)) {
      return refuse(refusal(10015, undefined, 'The message cannot be cancelled any more.'));
    }
    return answer(outboundPayload(message, account));
  }
}

/** What the client sent, by its own names, as the record of a message keeps it. */
function readParameters(json: JsonBody): Record<string, string> {
  return Object.fromEntries(
    Object.entries(json).flatMap(([name, value]) => {
      if (value === null || value === undefined) return [];
      return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
    }),
  );
}

function parseJson(text: string): JsonBody | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** One page of a list, counted from 1. */
function page(items: readonly object[], query: URLSearchParams): ApiReply {
  const size = readCount(query.get('page[size]'), usualPageSize, largestPage);
  const number = readCount(query.get('page[number]'), 1, Number.MAX_SAFE_INTEGER);
  return answer({
    data: items.slice((number - 1) * size, number * size),
    meta: {
      page_number: number,
      page_size: size,
      total_pages: Math.ceil(items.length / size),
      total_results: items.length,
    },
  });
}

function readCount(text: string | null, fallback: number, most: number): number {
  const value = Number(text ?? fallback);
  return Number.isInteger(value) && value >= 1 ? Math.min(most, value) : fallback;
}

function answer(resource: object): ApiReply {
  return { status: 200, body: JSON.stringify(resource) };
}

function refuse(refused: TelnyxRefusal): ApiReply {
  const throttled = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' };
  return {
    status: refused.status,
    body: refusalBody(refused),
    ...(refused.status === 429 ? { headers: throttled } : {}),
  };
}
