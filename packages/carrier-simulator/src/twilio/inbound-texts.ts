import type { Account } from '../core/account.ts';
import type { CarrierCore } from '../core/carrier-core.ts';
import type { CarrierMessage } from '../core/message.ts';
import type { OptOutKeyword } from '../core/opt-outs.ts';
import type { WebhookAttempt } from '../core/webhook-client.ts';
import { readTwiml } from './twiml.ts';
import { inboundWebhook } from './webhook-forms.ts';

export interface InboundText {
  from: string;
  to: string;
  body: string;
  mediaUrls: readonly string[];
}

/** What became of a customer's text. */
export interface InboundResult {
  /** HTTP status of the webhook's last answer; 0 when nothing answered; null when the account has no webhook. */
  status: number | null;
  messageSid: string;
  accountSid: string;
  keyword: string | null;
  attempts: Pick<WebhookAttempt, 'at' | 'durationMs' | 'httpStatus' | 'error'>[];
  /** Identifiers of the messages a TwiML answer asked for. */
  replies: string[];
}

/** Takes a customer's text, answers keywords, tells the business by signed webhook, and sends what its TwiML says. */
export async function receiveText(
  core: CarrierCore,
  account: Account,
  text: InboundText,
  publicUrl: string,
): Promise<InboundResult> {
  const message = core.record({
    ...text,
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
  if (account.inboundWebhookUrl !== undefined)
    await postText(core, account, message, { keyword, publicUrl, result });
  message.answeredAt = Date.now();
  core.events.publish('status', message);
  return result;
}

async function postText(
  core: CarrierCore,
  account: Account,
  message: CarrierMessage,
  { keyword, publicUrl, result }: { keyword: OptOutKeyword | null; publicUrl: string; result: InboundResult },
): Promise<void> {
  const webhook = inboundWebhook(account.inboundWebhookUrl ?? '', { account, message, keyword, publicUrl });
  const answer = await core.webhooks.post(webhook, (attempt) => {
    const { at, durationMs, httpStatus, error } = attempt;
    result.attempts.push({ at, durationMs, httpStatus, error });
    message.callbacks.push({
      ...{ status: 'received', at, durationMs, attempt: result.attempts.length, httpStatus, error },
      ...{ duplicate: false, dropped: false },
    });
  });
  result.status = answer.httpStatus ?? 0;
  if (answer.httpStatus === 200) result.replies = sendReplies(core, account, message, answer.body);
}

/** Replies skip the API, and with it its checks; a block still stands in their way. */
function sendReplies(core: CarrierCore, account: Account, text: CarrierMessage, document: string): string[] {
  const customer = text.from ?? '';
  return readTwiml(document)
    .filter(({ to }) => !core.optOuts.blocks(account, text.to, to ?? customer))
    .map(({ body, mediaUrls, to }) => {
      const reply = core.record({
        ...{ accountSid: account.accountSid, origin: 'reply', from: text.to, to: to ?? customer },
        ...{ body, mediaUrls, status: 'queued' },
      });
      core.delivery.start(reply);
      return reply.sid;
    });
}
