import { serviceOf, type Account } from './account.ts';
import { keywordRules, type OptOutKeyword } from './keywords.ts';

/** One person who is not texted any more. */
export interface OptOut {
  account: Account;
  business: string;
  customer: string;
  /** The word as it was written. */
  word: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/**
 * Whom the carrier will not text: pairs of sender and recipient. A number in a messaging service blocks the whole
 * service.
 */
export class OptOutList {
  readonly #blocked = new Map<string, OptOut>();

  /** Blocks or unblocks as the keyword says. Returns what the carrier texts back; null when it stays silent. */
  apply(keyword: OptOutKeyword, { account, business, customer, word }: Omit<OptOut, 'at'>): string | null {
    const { answers } = keywordRules[account.provider];
    const pair = pairKey(account, business, customer);
    if (keyword === 'stop') {
      if (this.#blocked.has(pair)) return null;
      this.#blocked.set(pair, { account, business, customer, word, at: Date.now() });
      return answers.stop;
    }
    // A plain "yes" from someone who never left is an answer to the business, not to the carrier.
    if (keyword === 'start') return this.#blocked.delete(pair) ? answers.start : null;
    return answers.help;
  }

  blocks(account: Account, business: string, customer: string): boolean {
    return this.#blocked.size > 0 && this.#blocked.has(pairKey(account, business, customer));
  }

  /** Oldest first. */
  of(account: Account): OptOut[] {
    return [...this.#blocked.values()].filter((entry) => entry.account === account);
  }

  clear(): void {
    this.#blocked.clear();
  }
}

function pairKey(account: Account, business: string, customer: string): string {
  return `${account.accountSid} ${serviceOf(account, business)?.sid ?? business} ${customer}`;
}
