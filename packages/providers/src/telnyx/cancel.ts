import { failedReply, requestFailure } from '../carrier-answer.ts';
import type { ReadRefusal } from '../carrier-answer.ts';
import type { HttpClient } from '../http-client.ts';
import { isJsonObject, parseJsonObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { CancelOutcome, CancelRequest } from '../provider.ts';
import { sendErrorFacts } from '../send-error.ts';
import { apiHeaders, readRefusal, recipientStatus } from './send.ts';
import type { SendingAccount } from './send.ts';

/**
 * Cancels a message that is still `scheduled` and more than a minute away. Never throws.
 * Source: developers.telnyx.com/api-reference/messages/cancel-a-scheduled-message.
 */
export async function cancelMessage(
  account: SendingAccount,
  request: CancelRequest,
  http: HttpClient,
): Promise<CancelOutcome> {
  try {
    const reply = await http({
      method: 'DELETE',
      url: `${account.apiBaseUrl}/v2/messages/${encodeURIComponent(request.providerMessageId)}`,
      headers: apiHeaders(account),
      timeoutMs: request.timeoutMs,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const { status: httpStatus } = reply;
    const body = parseJsonObject(reply.text);
    const providerStatus = recipientStatus(messageIn(body));
    if (httpStatus >= 200 && httpStatus < 300 && providerStatus === 'cancelled') {
      return { kind: 'cancelled', providerStatus, httpStatus };
    }
    const refusal = cancelRefusal(httpStatus, readRefusal(reply, body));
    const isFinal = refusal.providerCode !== null && sendErrorFacts(refusal.code).class === 'permanent';
    if (httpStatus < 400 || httpStatus >= 500 || !isFinal) return failedReply(reply, account.now, refusal);
    return { kind: 'refused', code: refusal.code, providerCode: refusal.providerCode, httpStatus };
  } catch (failure) {
    return requestFailure(failure);
  }
}

/** This answer is the message itself, where all others wrap it in `data`. */
function messageIn(body: JsonObject | null): JsonObject | null {
  const inner = body?.['data'];
  return isJsonObject(inner) ? inner : body;
}

/**
 * Telnyx gives no code for "too late". What it refuses for no reason we know, of a message it knows, is refused for
 * where the message stands.
 */
function cancelRefusal(httpStatus: number, refusal: ReadRefusal): ReadRefusal {
  const isAboutTheMessage =
    refusal.providerCode !== null && refusal.code === 'rejected' && httpStatus !== 404;
  return isAboutTheMessage ? { ...refusal, code: 'too_late_to_cancel' } : refusal;
}
