import { parse as parseForm } from 'node:querystring';
import type { ApiReply, ApiRequest, CarrierApi } from '../api-reply.ts';
import type { Account, TwilioAccount } from '../core/account.ts';
import type { CarrierCore } from '../core/carrier-core.ts';
import { newSid } from '../core/identifiers.ts';
import { isFinal, type CarrierMessage, type MediaItem } from '../core/message.ts';
import { smartEncode } from '../core/segments.ts';
import { mediaStoragePath } from '../media-storage.ts';
import { accountResource, phoneNumberList } from './account-resource.ts';
import {
  readCreate,
  type CreateRequest,
  type CreateRules,
  type FormParameters,
} from './create-parameters.ts';
import { listMessages } from './message-list.ts';
import { mediaResource, messageResource, messageUri } from './message-resource.ts';
import { refusal, refusalBody, refusesCreate, type TwilioRefusal } from './twilio-error.ts';

export interface TwilioApiOptions {
  core: CarrierCore;
  scheduleWindow: CreateRules['scheduleWindow'];
  /** Requests of one account in flight above which the API answers 429. */
  maxConcurrentRequests: number;
}

const route =
  /^\/2010-04-01\/Accounts\/([^/.]+)(?:\/(Messages|IncomingPhoneNumbers)(?:\/([^/.]+)(?:\/(Media)(?:\/([^/.]+))?)?)?)?(\.json)?$/;

/** Twilio's Programmable Messaging REST API of 2010-04-01, as far as messages go. */
export class TwilioApi implements CarrierApi {
  readonly prefix = '/2010-04-01/';
  readonly #core: CarrierCore;
  readonly #rules: CreateRules;
  readonly #maxConcurrentRequests: number;
  /** By the part of the Authorization header after `Basic `. */
  readonly #credentials = new Map<string, TwilioAccount>();

  constructor({ core, scheduleWindow, maxConcurrentRequests }: TwilioApiOptions) {
    this.#core = core;
    this.#rules = { accounts: core.accounts, optOuts: core.optOuts, scheduleWindow };
    this.#maxConcurrentRequests = maxConcurrentRequests;
    for (const account of core.accounts.all) {
      if (account.provider !== 'twilio') continue;
      const logins = [{ sid: account.accountSid, secret: account.authToken }, ...account.apiKeys];
      for (const { sid, secret } of logins) {
        this.#credentials.set(Buffer.from(`${sid}:${secret}`).toString('base64'), account);
      }
    }
  }

  authenticate(authorization: string | undefined): TwilioAccount | undefined {
    return authorization && /^basic /i.test(authorization)
      ? this.#credentials.get(authorization.slice(6))
      : undefined;
  }

  failure(message: string): ApiReply {
    return { status: 500, body: refusalBody(refusal(20500, message)) };
  }

  headers({ concurrent, seconds }: { concurrent: number; seconds: number }): Record<string, string> {
    return {
      'twilio-request-id': newSid('RQ'),
      'twilio-concurrent-requests': String(concurrent),
      'twilio-request-duration': seconds.toFixed(3),
    };
  }

  handle(request: ApiRequest, account: Account | undefined, concurrent: number): ApiReply {
    const [, accountSid = '', collection, sid, mediaList, mediaSid, json] = route.exec(request.path) ?? [];
    if (!account) return refuse(refusal(20003));
    if (accountSid !== account.accountSid) {
      return refuse(refusal(this.#core.accounts.bySid(accountSid) ? 20003 : 20404));
    }
    if (concurrent > this.#maxConcurrentRequests) return refuse(refusal(20429));
    if (collection === undefined) return answer(accountResource(account));
    if (collection === 'IncomingPhoneNumbers') return answer(phoneNumberList(account));
    if (sid === undefined) return this.#handleCollection(request, account);
    const message = this.#core.log.find(sid);
    if (message?.accountSid !== account.accountSid) return refuse(refusal(20404, notFound(request.path)));
    if (mediaList === undefined) return this.#handleMessage(request, message);
    if (mediaSid === undefined) return answer(this.#listMedia(message));
    const item = message.media.find((each) => each.sid === mediaSid);
    if (!item) return refuse(refusal(20404, notFound(request.path)));
    return this.#handleMedia(request, message, item, json !== undefined);
  }

  #handleCollection(request: ApiRequest, account: Account): ApiReply {
    if (request.method === 'POST') return this.#create(parseForm(request.body), account);
    if (request.method !== 'GET') return refuse(refusal(20004));
    const listed = listMessages(this.#core, account, new URLSearchParams(request.query));
    return 'code' in listed ? refuse(listed) : answer(listed);
  }

  #create(form: FormParameters, account: Account): ApiReply {
    const { faults } = this.#core;
    const faultKey = faults.keyFor(String(form['To'] ?? ''));
    const fault = faults.forCreate(faultKey);
    if (fault === 'throttle') return refuse(refusal(20429));
    if (fault === 'hang') return { status: 0, body: '', fate: 'hang' };
    const create = readCreate(form, account, this.#rules);
    if ('code' in create) return refuse(create);
    const injected = fault === 'reject' ? faults.current.error : null;
    if (injected !== null && refusesCreate(injected)) return refuse(refusal(injected));
    const message = this.#accept(create, account, form, faultKey);
    if (injected !== null) message.doom = injected;
    return {
      status: 201,
      body: JSON.stringify(messageResource(message)),
      ...(fault === 'drop' ? { fate: 'drop' } : {}),
      afterAnswer: () => {
        message.answeredAt = Date.now();
        // While the answer was held back, a reset may have forgotten the message.
        if (this.#core.log.find(message.sid) === message) this.#core.delivery.start(message);
      },
    };
  }

  #accept(
    create: CreateRequest,
    account: Account,
    parameters: FormParameters,
    faultKey: number,
  ): CarrierMessage {
    const { body, smartEncoded, ...rest } = create;
    const immediate = create.messagingServiceSid === null ? 'queued' : 'accepted';
    return this.#core.record({
      ...rest,
      accountSid: account.accountSid,
      origin: 'api',
      body: smartEncoded ? smartEncode(body) : body,
      status: create.sendAt === null ? immediate : 'scheduled',
      parameters,
      faultKey,
    });
  }

  #handleMessage(request: ApiRequest, message: CarrierMessage): ApiReply {
    if (request.method === 'GET') return answer(messageResource(message));
    if (request.method === 'POST') return this.#update(message, parseForm(request.body));
    if (request.method !== 'DELETE') return refuse(refusal(20004));
    if (!isDone(message)) return refuse(refusal(20009));
    for (const item of message.media) this.#core.media.remove(item);
    this.#core.log.remove(message);
    return { status: 204, body: '' };
  }

  /** Cancels (`Status=canceled`) or redacts (`Body=`). */
  #update(message: CarrierMessage, form: FormParameters): ApiReply {
    if (form['Status'] !== undefined) {
      if (form['Status'] !== 'canceled') return refuse(refusal(20001, 'Status can only be set to canceled'));
      if (!this.#core.delivery.cancel(message)) return refuse(refusal(30409));
    }
    if (form['Body'] !== undefined) {
      if (form['Body'] !== '') return refuse(refusal(20001, 'Body can only be set to an empty string'));
      if (!isDone(message))
        return refuse(refusal(20009, 'Cannot redact message because delivery has not been completed.'));
      message.body = '';
      message.updatedAt = Date.now();
    }
    return answer(messageResource(message));
  }

  #listMedia(message: CarrierMessage) {
    const uri = `${messageUri(message.accountSid, message.sid)}/Media.json?PageSize=50&Page=0`;
    return {
      media_list: message.media.map((item) => mediaResource(message.accountSid, item)),
      ...{ end: Math.max(0, message.media.length - 1), start: 0, page: 0, page_size: 50 },
      ...{ first_page_uri: uri, uri, next_page_uri: null, previous_page_uri: null },
    };
  }

  #handleMedia(request: ApiRequest, message: CarrierMessage, item: MediaItem, json: boolean): ApiReply {
    if (request.method === 'DELETE') {
      this.#core.media.remove(item);
      message.media = message.media.filter((each) => each !== item);
      return { status: 204, body: '' };
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(refusal(20004));
    if (json) return answer(mediaResource(message.accountSid, item));
    // A file we were told not to fetch is still where the client left it.
    const location =
      item.bytes === null && item.sourceUrl !== null ? item.sourceUrl : mediaStoragePath + item.sid;
    return { status: 307, body: '', headers: { location } };
  }
}

/** Sent counts as done: some routes never bring a receipt. */
function isDone(message: CarrierMessage): boolean {
  return isFinal(message.status) || message.status === 'sent';
}

function answer(resource: object): ApiReply {
  return { status: 200, body: JSON.stringify(resource) };
}

function refuse(refused: TwilioRefusal): ApiReply {
  return { status: refused.status, body: refusalBody(refused) };
}

function notFound(path: string): string {
  return `The requested resource ${path} was not found`;
}
