export type KeywordIntent = 'stop' | 'start' | 'help';

/**
 * Words are joined before they are looked up, so `opt out`, `opt-out` and `OPTOUT` are one entry.
 * Sources: 47 CFR 64.1200(a)(10) names stop, quit, end, revoke, opt out, cancel, unsubscribe; Twilio and Telnyx add
 * stopall, senders in Canada take arrêt, and unsub and remove can mean nothing else.
 * The two lists are uneven on purpose. A stop missed is a text to someone who asked for none, so more is taken as stop;
 * a start lifts a block, so only the words on which every carrier lifts its own are taken. `yes` is not among them:
 * Twilio takes it, but an answer to any question is no proof of consent.
 */
const keywords: ReadonlyMap<string, KeywordIntent> = new Map<string, KeywordIntent>([
  ['stop', 'stop'],
  ['stopall', 'stop'],
  ['unsubscribe', 'stop'],
  ['unsub', 'stop'],
  ['cancel', 'stop'],
  ['end', 'stop'],
  ['quit', 'stop'],
  ['revoke', 'stop'],
  ['optout', 'stop'],
  ['remove', 'stop'],
  ['arret', 'stop'],
  ['start', 'start'],
  ['unstop', 'start'],
  ['help', 'help'],
  ['info', 'help'],
]);

/**
 * What a message that is nothing but a keyword asks for; null for every other text. Case, accents, width, spacing,
 * punctuation and emoji around the keyword do not matter. Wishes in free words ("please stop texting me") are not keywords.
 */
export function keywordIntent(body: string): KeywordIntent | null {
  const letters = body
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  return keywords.get(letters) ?? null;
}
