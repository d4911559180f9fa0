import { doomOf } from './delivery-endings.ts';
import { AccountDirectory, type Account } from './account.ts';
import { CallbackQueue, type StatusReport } from './callback-queue.ts';
import { CarrierEvents } from './carrier-events.ts';
import { defaultTimings, Delivery, type DeliveryTimings } from './delivery.ts';
import { FaultInjector } from './faults.ts';
import { newSid } from './identifiers.ts';
import { keywordRules, readKeyword, type OptOutKeyword } from './keywords.ts';
import { MediaStore } from './media-store.ts';
import { MessageLog } from './message-log.ts';
import type { CarrierMessage } from './message.ts';
import { OptOutList } from './opt-outs.ts';
import { countCarrierSegments } from './segments.ts';
import { WebhookClient, type WebhookRequest } from './webhook-client.ts';

export interface CoreOptions {
  accounts: readonly Account[];
  timings?: Partial<DeliveryTimings>;
  /** Messages kept in memory; the oldest are forgotten first. */
  maxMessages?: number;
  /** Bytes of media kept in memory. */
  maxMediaBytes?: number;
  /** Callbacks on the wire at once. */
  maxCallbacks?: number;
  /** Wait before a callback is tried again, in milliseconds. */
  callbackRetryMs?: number;
  /** Puts a status into the words of the API the message came through. */
  writeCallback: (report: StatusReport, account: Account) => WebhookRequest | null;
}

/** What a message is made of; everything else has a beginning of its own. */
export type MessageDraft = Pick<CarrierMessage, 'accountSid' | 'origin' | 'from' | 'to' | 'body' | 'status'> &
  Partial<CarrierMessage> & { mediaUrls?: readonly string[] };

/** The carrier itself, knowing no API: messages, their delivery, faults, opt-outs. */
export class CarrierCore {
  readonly accounts: AccountDirectory;
  readonly log: MessageLog;
  readonly media: MediaStore;
  readonly faults = new FaultInjector();
  readonly optOuts = new OptOutList();
  readonly events = new CarrierEvents();
  readonly webhooks: WebhookClient;
  readonly callbacks: CallbackQueue;
  readonly delivery: Delivery;

  constructor(options: CoreOptions) {
    const accounts = new AccountDirectory(options.accounts);
    this.accounts = accounts;
    this.media = new MediaStore(options.maxMediaBytes ?? 128 * 1024 * 1024);
    this.log = new MessageLog(options.maxMessages ?? 250_000, (evicted) => this.#forgetMedia(evicted));
    this.webhooks = new WebhookClient(options.callbackRetryMs ?? 250);
    this.callbacks = new CallbackQueue({
      faults: this.faults,
      client: this.webhooks,
      limit: options.maxCallbacks ?? 64,
      write: (report) => {
        const account = accounts.bySid(report.message.accountSid);
        return account ? options.writeCallback(report, account) : null;
      },
    });
    this.delivery = new Delivery({
      accounts,
      optOuts: this.optOuts,
      events: this.events,
      timings: { ...defaultTimings, ...options.timings },
      fetchMedia: async (message) => {
        const fetched = await Promise.all(message.media.map((item) => this.media.fetch(item)));
        return fetched.every(Boolean);
      },
      report: (message, status) => this.callbacks.report(message, status),
    });
  }

  /** Records a message. An outbound one is not on its way until `delivery.start`. */
  record({ mediaUrls = [], ...draft }: MessageDraft): CarrierMessage {
    const now = Date.now();
    const sid = draft.sid ?? newSid(mediaUrls.length > 0 ? 'MM' : 'SM');
    const message: CarrierMessage = {
      sequence: 0,
      sid,
      errorCode: null,
      errorMessage: null,
      messagingServiceSid: null,
      segments: mediaUrls.length > 0 ? 1 : countCarrierSegments(draft.body),
      media: mediaUrls.map((url) => this.media.link(sid, url)),
      parameters: {},
      statusCallback: null,
      submittedAt: now,
      answeredAt: null,
      updatedAt: now,
      sentAt: null,
      sendAt: null,
      validitySeconds: 36_000,
      doom: doomOf(draft.to),
      faultKey: 0,
      transitions: [{ status: draft.status, at: now }],
      callbacks: [],
      deleted: false,
      ...draft,
    };
    this.log.append(message);
    this.events.publish('message', message);
    return message;
  }

  /** Deals with STOP, START and HELP as the carrier does before the business hears of it. */
  answerKeyword(account: Account, text: CarrierMessage): OptOutKeyword | null {
    const keyword = readKeyword(keywordRules[account.provider], text.body);
    const customer = text.from ?? '';
    const optOut = { account, business: text.to, customer, word: text.body.trim() };
    const answer = keyword ? this.optOuts.apply(keyword, optOut) : null;
    if (answer !== null) {
      const { accountSid } = account;
      this.record({
        accountSid,
        origin: 'automatic',
        from: text.to,
        to: customer,
        body: answer,
        status: 'delivered',
      });
    }
    return keyword;
  }

  /** Forgets messages, faults and opt-outs; nothing of the past is delivered or reported any more. */
  reset(): void {
    this.delivery.reset();
    this.callbacks.reset();
    this.log.clear();
    this.media.clear();
    this.faults.clear();
    this.optOuts.clear();
    this.events.publishReset();
  }

  async close(): Promise<void> {
    this.delivery.reset();
    this.callbacks.reset();
    await this.webhooks.close();
  }

  #forgetMedia(message: CarrierMessage): void {
    for (const item of message.media) this.media.remove(item);
  }
}
