export type OptOutKeyword = 'stop' | 'start' | 'help';

/** What a carrier makes of a text that is nothing but one of its keywords, in any case. */
export interface KeywordRules {
  readonly words: Readonly<Record<OptOutKeyword, ReadonlySet<string>>>;
  /** What the carrier texts back. */
  readonly answers: Readonly<Record<OptOutKeyword, string>>;
}

/** Source: twilio.com/docs/messaging/tutorials/advanced-opt-out, default keywords of long codes. */
const twilioKeywords: KeywordRules = {
  words: {
    stop: new Set(['STOP', 'UNSUBSCRIBE', 'END', 'QUIT', 'STOPALL', 'REVOKE', 'OPTOUT', 'CANCEL']),
    start: new Set(['START', 'YES', 'UNSTOP']),
    help: new Set(['HELP', 'INFO']),
  },
  answers: {
    stop: 'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.',
    start:
      'You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
    help: 'Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
  },
};

/**
 * Neither REVOKE nor OPT OUT, and nothing for HELP unless a profile was set up for it.
 * Source: developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out, default behaviour.
 */
const telnyxKeywords: KeywordRules = {
  words: {
    stop: new Set(['STOP', 'STOPALL', 'STOP ALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT']),
    start: new Set(['START', 'UNSTOP']),
    help: new Set(),
  },
  answers: {
    stop: 'You have successfully been unsubscribed and will receive no more messages from this sender. Reply START to resubscribe.',
    start: 'You have successfully been re-subscribed. Reply STOP to unsubscribe.',
    help: '',
  },
};

export const keywordRules = { twilio: twilioKeywords, telnyx: telnyxKeywords } as const;

export function readKeyword(rules: KeywordRules, body: string): OptOutKeyword | null {
  const word = body.trim().toUpperCase();
  if (rules.words.stop.has(word)) return 'stop';
  if (rules.words.start.has(word)) return 'start';
  return rules.words.help.has(word) ? 'help' : null;
}
