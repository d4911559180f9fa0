import { failedReply, requestFailure } from '../carrier-answer.ts';
import type { HttpClient } from '../http-client.ts';
import { parseJsonObject, readCode, textOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { StatusOutcome, StatusRequest } from '../provider.ts';
import { errorCode } from './error-map.ts';
import { messagesUrl, readRefusal } from './send.ts';
import type { SendingAccount } from './send.ts';
import { deliveryStatus } from './status-map.ts';

/**
 * Fetches one message. Never throws. Source: Messages resource of the API of 2010-04-01; a message that was deleted
 * there is answered with 404 and 20404.
 */
export async function readMessageStatus(
  account: SendingAccount,
  request: StatusRequest,
  http: HttpClient,
): Promise<StatusOutcome> {
  try {
    const reply = await http({
      method: 'GET',
      url: messagesUrl(account, request.providerMessageId),
      headers: { authorization: account.authorization, accept: 'application/json' },
      timeoutMs: request.timeoutMs,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const body = parseJsonObject(reply.text);
    const isAnswered = reply.status >= 200 && reply.status < 300;
    const known = isAnswered ? statusOf(body, request.providerMessageId) : null;
    if (known !== null) return known;
    const refusal = readRefusal(reply.status, body);
    if (reply.status === 404 && refusal.providerCode !== null) return { kind: 'gone' };
    return failedReply(reply, account.now, refusal);
  } catch (failure) {
    return requestFailure(failure);
  }
}

function statusOf(message: JsonObject | null, sid: string): StatusOutcome | null {
  const providerStatus = textOf(message?.['status']);
  if (message?.['sid'] !== sid || providerStatus === null) return null;
  const providerCode = readCode(message['error_code']);
  return {
    kind: 'known',
    providerStatus,
    status: deliveryStatus(providerStatus),
    providerCode,
    code: providerCode === null ? null : errorCode(providerCode, 'carrier_failed'),
  };
}
