import { failedReply, requestFailure } from '../carrier-answer.ts';
import type { HttpClient } from '../http-client.ts';
import { parseJsonObject, textOf } from '../json.ts';
import type { CancelOutcome, CancelRequest } from '../provider.ts';
import { sendErrorFacts } from '../send-error.ts';
import { formHeaders, messagesUrl, readRefusal } from './send.ts';
import type { SendingAccount } from './send.ts';

/**
 * Cancels a message that is still `scheduled`. Never throws.
 * Source: Messages resource, update with Status=canceled; error 30409 once it has left that status.
 */
export async function cancelMessage(
  account: SendingAccount,
  request: CancelRequest,
  http: HttpClient,
): Promise<CancelOutcome> {
  try {
    const reply = await http({
      method: 'POST',
      url: messagesUrl(account, request.providerMessageId),
      headers: formHeaders(account),
      body: 'Status=canceled',
      timeoutMs: request.timeoutMs,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const { status: httpStatus } = reply;
    const body = parseJsonObject(reply.text);
    const status = textOf(body?.['status']);
    if (httpStatus >= 200 && httpStatus < 300 && status === 'canceled') {
      return { kind: 'cancelled', providerStatus: status, httpStatus };
    }
    const refusal = readRefusal(httpStatus, body);
    const isFinal = refusal.providerCode !== null && sendErrorFacts(refusal.code).class === 'permanent';
    if (httpStatus < 400 || httpStatus >= 500 || !isFinal) return failedReply(reply, account.now, refusal);
    return { kind: 'refused', code: refusal.code, providerCode: refusal.providerCode, httpStatus };
  } catch (failure) {
    return requestFailure(failure);
  }
}
