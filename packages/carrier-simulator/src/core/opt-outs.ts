import { serviceOf, type Account } from './account.ts';

/** Twilio's default keywords for long codes: the whole message, in any case. */
const keywords = {
  stop: new Set(['STOP', 'UNSUBSCRIBE', 'END', 'QUIT', 'STOPALL', 'REVOKE', 'OPTOUT', 'CANCEL']),
  start: new Set(['START', 'YES', 'UNSTOP']),
  help: new Set(['HELP', 'INFO']),
} as const;

export type OptOutKeyword = keyof typeof keywords;

export function readKeyword(body: string): OptOutKeyword | null {
  const word = body.trim().toUpperCase();
  if (keywords.stop.has(word)) return 'stop';
  if (keywords.start.has(word)) return 'start';
  return keywords.help.has(word) ? 'help' : null;
}

const answers: Record<OptOutKeyword, string> = {
  stop: 'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.',
  start:
    'You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
  help: 'Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
};

/**
 * Whom the carrier will not text: pairs of sender and recipient. A number in a messaging service blocks the whole
 * service.
 */
export class OptOutList {
  readonly #blocked = new Set<string>();

  /** Blocks or unblocks as the keyword says. Returns what the carrier texts back; null when it stays silent. */
  apply(keyword: OptOutKeyword, account: Account, business: string, customer: string): string | null {
    const pair = pairKey(account, business, customer);
    if (keyword === 'stop') {
      if (this.#blocked.has(pair)) return null;
      this.#blocked.add(pair);
      return answers.stop;
    }
    // A plain "yes" from someone who never left is an answer to the business, not to the carrier.
    if (keyword === 'start') return this.#blocked.delete(pair) ? answers.start : null;
    return answers.help;
  }

  blocks(account: Account, business: string, customer: string): boolean {
    return this.#blocked.size > 0 && this.#blocked.has(pairKey(account, business, customer));
  }

  clear(): void {
    this.#blocked.clear();
  }
}

function pairKey(account: Account, business: string, customer: string): string {
  return `${account.accountSid} ${serviceOf(account, business)?.sid ?? business} ${customer}`;
}
