import type { Account } from './core/account.ts';
import type { CarrierCore } from './core/carrier-core.ts';
import type { OptOutKeyword } from './core/keywords.ts';
import type { CallbackPost, CarrierMessage } from './core/message.ts';
import type { WebhookAttempt, WebhookRequest } from './core/webhook-client.ts';
import { newMessageId } from './telnyx/message-payload.ts';
import { inboundEvent } from './telnyx/webhook-events.ts';
import { sendReplies } from './twilio/replies.ts';
import { inboundWebhook } from './twilio/webhook-forms.ts';

export interface InboundText {
  from: string;
  to: string;
  body: string;
  mediaUrls: readonly string[];
  /** When the customer sent it, in milliseconds since the epoch; now when left out. */
  sentAt?: number;
}

/** What became of a customer's text. */
export interface InboundResult {
  /** HTTP status of the webhook's last answer; 0 when nothing answered; null when there is no webhook, or a fault swallowed it. */
  status: number | null;
  messageSid: string;
  accountSid: string;
  keyword: string | null;
  attempts: Pick<WebhookAttempt, 'at' | 'durationMs' | 'httpStatus' | 'error'>[];
  /** Identifiers of the messages a TwiML answer asked for. */
  replies: string[];
}

/** Takes a customer's text, answers keywords, tells the business by signed webhook, and does what its answer says. */
export async function receiveText(
  core: CarrierCore,
  account: Account,
  { sentAt = Date.now(), ...text }: InboundText,
  publicUrl: string,
): Promise<InboundResult> {
  const message = core.record({
    ...text,
    ...{ submittedAt: sentAt, sentAt, updatedAt: sentAt },
    faultKey: core.faults.keyFor(`from ${text.from}`),
    ...(account.provider === 'telnyx' ? { sid: newMessageId() } : {}),
    accountSid: account.accountSid,
    origin: 'inbound',
    status: 'received',
    doom: null,
  });
  await Promise.all(message.media.map((item) => core.media.fetch(item)));
  const keyword = core.answerKeyword(account, message);
  const result: InboundResult = {
    ...{ status: null, messageSid: message.sid, accountSid: account.accountSid, keyword },
    ...{ attempts: [], replies: [] },
  };
  if (account.inboundWebhookUrl !== undefined) {
    const webhook = writeWebhook(account, account.inboundWebhookUrl, { message, keyword, publicUrl });
    const times = core.faults.timesInbound(message.faultKey);
    if (times === 0) message.callbacks.push(swallowed());
    for (let post = 0; post < times; post += 1)
      await postText(core, account, message, { webhook, result, isRepeated: post > 0 });
  }
  message.answeredAt = Date.now();
  core.events.publish('status', message);
  return result;
}

/** The webhook that an injected fault kept from being posted. */
function swallowed(): CallbackPost {
  const post = { status: 'received', at: Date.now(), durationMs: 0, attempt: 1 } as const;
  return { ...post, httpStatus: null, error: null, duplicate: false, dropped: true };
}

function writeWebhook(
  account: Account,
  address: string,
  text: { message: CarrierMessage; keyword: OptOutKeyword | null; publicUrl: string },
): WebhookRequest {
  return account.provider === 'telnyx'
    ? inboundEvent(address, { account, ...text })
    : inboundWebhook(address, { account, ...text });
}

async function postText(
  core: CarrierCore,
  account: Account,
  message: CarrierMessage,
  { webhook, result, isRepeated }: { webhook: WebhookRequest; result: InboundResult; isRepeated: boolean },
): Promise<void> {
  const answer = await core.webhooks.post(webhook, (attempt) => {
    const { at, durationMs, httpStatus, error } = attempt;
    result.attempts.push({ at, durationMs, httpStatus, error });
    message.callbacks.push({
      ...{ status: 'received', at, durationMs, attempt: result.attempts.length, httpStatus, error },
      ...{ duplicate: isRepeated, dropped: false },
    });
  });
  result.status = answer.httpStatus ?? 0;
  if (answer.httpStatus === 200 && account.provider === 'twilio') {
    result.replies = sendReplies(core, account, message, answer.body);
  }
}
