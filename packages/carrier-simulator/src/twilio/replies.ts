import type { Account } from '../core/account.ts';
import type { CarrierCore } from '../core/carrier-core.ts';
import type { CarrierMessage } from '../core/message.ts';
import { readTwiml } from './twiml.ts';

/**
 * Sends what a TwiML document says in answer to a text. Replies skip the API, and with it its checks; a block still
 * stands in their way.
 * @returns identifiers of the messages
 */
export function sendReplies(
  core: CarrierCore,
  account: Account,
  text: CarrierMessage,
  document: string,
): string[] {
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
