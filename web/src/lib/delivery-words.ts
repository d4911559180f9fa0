import { formatPhoneNumber } from '@threadline/messaging/phone-number';
import type {
  Alert,
  CarrierAccount,
  MessageClass,
  QueueHealth,
  SendAttempt,
} from '#lib/data/delivery-records.ts';

/** "a moment", "40 seconds", "5 minutes", "2 hours 10 minutes" or "3 days": how long something lasts, to be read aloud. */
export function spellDuration(seconds: number): string {
  if (seconds < 5) return 'a moment';
  if (seconds < 90) return plural(Math.round(seconds), 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return plural(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return plural(Math.round(hours / 24), 'day');
  const rest = minutes % 60;
  return rest === 0 ? plural(hours, 'hour') : `${plural(hours, 'hour')} ${plural(rest, 'minute')}`;
}

/** "1 message", "2 messages", "1,200 messages"; nobody counts beyond 100,000, which is written "100,000+". */
export function plural(count: number, noun: string): string {
  return `${spellCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function spellCount(count: number): string {
  const text = count.toLocaleString('en-US');
  return count >= 100_000 ? `${text}+` : text;
}

const pauseReasons: Readonly<Record<string, string>> = {
  account_unauthorized: 'The carrier rejects our sign-in',
  account_suspended: 'The carrier has suspended this account',
  daily_limit_reached: 'The carrier’s limit for a day is reached',
  provider_unreachable: 'The carrier cannot be reached',
  no_answer: 'The carrier does not answer',
};

const pauseRemedies: Readonly<Record<string, string>> = {
  account_unauthorized:
    'Somebody changed or mistyped the credentials. Correct them where the worker runs (PROVIDER_CREDENTIALS) and start it again.',
  account_suspended:
    'Sign in at the carrier: its console says why. Nothing can go out until the account is open again.',
  daily_limit_reached:
    'Nothing to do: sending goes on by itself when the carrier counts a new day. A higher limit is agreed with the carrier.',
  provider_unreachable:
    'Usually over in minutes; the carrier’s status page says more. What waits goes out by itself afterwards.',
  no_answer:
    'Usually over in minutes; the carrier’s status page says more. What waits goes out by itself afterwards.',
};

export function pauseReason(code: string | null): string {
  return pauseReasons[code ?? ''] ?? 'The carrier is in trouble';
}

export function pauseRemedy(code: string | null): string {
  return pauseRemedies[code ?? ''] ?? 'What waits goes out by itself when the carrier works again.';
}

/** Whether an account sends. After its pause it is tried with one message until it was seen to work. */
export function accountState(account: CarrierAccount, now: number): 'working' | 'paused' | 'trying' | 'off' {
  if (account.status === 'disabled') return 'off';
  if (account.paused_until !== null && Date.parse(account.paused_until) > now) return 'paused';
  return account.pause_reason === null ? 'working' : 'trying';
}

const holdReasons: Readonly<Record<string, string>> = {
  quiet_hours: 'until the recipient’s hours open',
  limit: 'until tomorrow, by a daily limit',
  suspected_opt_out: 'because the recipient may have opted out',
};

export function holdReason(reason: string): string {
  return holdReasons[reason] ?? 'for another reason';
}

export interface AlertWords {
  title: string;
  /** The title when it is over. */
  past: string;
  meaning: string;
  remedy: string;
}

/** What happened and what to do, in words a person without the manual understands. */
export function describeAlert(alert: Pick<Alert, 'kind' | 'details'>, accountLabel?: string): AlertWords {
  switch (alert.kind) {
    case 'account_paused': {
      const reason = textOf(alert.details['reason']);
      const account = accountLabel ?? 'a carrier account';
      return {
        title: `Sending through ${account} is paused`,
        past: `Sending through ${account} was paused`,
        meaning: `${pauseReason(reason)}. Messages wait and use up no retries meanwhile.`,
        remedy: pauseRemedy(reason),
      };
    }
    case 'jobs_late': {
      const seconds = alert.details['oldest_seconds'];
      return {
        title: 'Messages are late',
        past: 'Messages were late',
        meaning: `${typeof seconds === 'number' ? `The oldest had waited ${spellDuration(seconds)} when last looked at` : 'Messages have waited more than 5 minutes'}. Nothing is lost.`,
        remedy:
          'See below whether a worker runs, whether an account is paused, and whether one number has more to send than its rate allows. It closes by itself when the queue moves again.',
      };
    }
    case 'dead_letters':
      return {
        title: 'Messages were given up on',
        past: 'Messages were given up on',
        meaning: 'Every try of them failed, and they were set aside with what was tried.',
        remedy:
          'Open Dead letters: it says why. Mend the cause, then send them again or leave them. It closes when none is left.',
      };
    case 'send_unconfirmed':
      return {
        title: 'A message waits for your decision',
        past: 'A message waited for a decision',
        meaning: 'The carrier never said whether it took it, so it was not sent again.',
        remedy: 'Open Decisions, and say whether it arrived.',
      };
    case 'recall_too_late': {
      const isStop = alert.details['reason'] === 'opted_out';
      return {
        title: isStop ? 'A message went out after a STOP' : 'A message could not be taken back',
        past: isStop ? 'A message went out after a STOP' : 'A message could not be taken back',
        meaning: isStop
          ? 'It waited at the carrier when the person opted out, and the carrier sent it before it could be cancelled.'
          : 'It waited at the carrier, who sent it before it could be cancelled.',
        remedy:
          'Look at the conversation: nothing more goes out by itself. It closes when you know of it, or after a week.',
      };
    }
    case 'sent_after_recall':
      return {
        title: 'A cancelled message was sent all the same',
        past: 'A cancelled message was sent all the same',
        meaning: 'The carrier had confirmed that it was cancelled, and then reported it as sent.',
        remedy:
          'The recipient may have it twice, if it was moved to another time: look at the conversation, and tell the carrier. It closes when you know of it, or after a week.',
      };
    case 'sent_twice':
      return {
        title: 'A message reached the carrier twice',
        past: 'A message reached the carrier twice',
        meaning: 'A delivery report named a second message of the carrier for one of ours.',
        remedy:
          'The recipient may have it twice: look at the conversation. If it happens again, report it with the message’s id.',
      };
    case 'events_failed':
      return describeFailedEvents(alert.details);
    case 'texts_late':
      return describeLateTexts(alert.details);
    default:
      return {
        title: alert.kind.replaceAll('_', ' '),
        past: alert.kind.replaceAll('_', ' '),
        meaning: 'Something needs a look.',
        remedy: 'The worker’s log says more.',
      };
  }
}

function describeFailedEvents(details: Alert['details']): AlertWords {
  const texts = Number(details['texts'] ?? 0);
  const reports = Number(details['reports'] ?? 0);
  const reason = textOf(details['reason']) ?? '';
  const title =
    texts > 0
      ? `${plural(texts, 'text')} did not get into the inbox`
      : `${plural(reports, 'delivery report')} could not be acted on`;
  const isNumberUnknown = reason === 'unknown_number';
  const numbers = Array.isArray(details['numbers'])
    ? details['numbers'].map((number) => formatPhoneNumber(String(number))).join(', ')
    : '';
  return {
    title,
    past: title,
    meaning: isNumberUnknown
      ? `The carrier handed over what was sent to ${numbers === '' ? 'a number' : numbers}, which is not set up here. It is kept.`
      : `The database refused what the carrier handed over (${reason.replace('sqlstate_', 'error ')}), each time it was tried. It is kept.`,
    remedy: isNumberUnknown
      ? 'Have the number set up by whoever runs Threadline, then try again here. It closes when all were taken in.'
      : 'Whoever runs Threadline finds the cause in the database’s log. Then try again here. It closes when all were taken in.',
  };
}

function describeLateTexts(details: Alert['details']): AlertWords {
  const title = `${plural(Number(details['texts'] ?? 0), 'text')} came late`;
  const number = formatPhoneNumber(textOf(details['phone_number']) ?? '');
  return {
    title,
    past: title,
    meaning: `The carrier could not hand over what was sent to ${number}, and we fetched it from its log. It is in the inbox, with the time at which it was written.`,
    remedy:
      'Whoever runs Threadline sees to it that the carrier reaches us. Until then texts are some minutes late. It closes when for an hour none was.',
  };
}

const momentary: ReadonlySet<string> = new Set(['sent_twice', 'recall_too_late', 'sent_after_recall']);

/** Whether an alert is about one thing that happened, in one conversation, and not about something that lasts. */
export function isMomentary({ kind }: Pick<Alert, 'kind'>): boolean {
  return momentary.has(kind);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

const attemptStates: Readonly<Record<string, string>> = {
  submitting: 'On its way to the carrier',
  accepted: 'Taken by the carrier',
  not_sent: 'Refused, not sent',
  later: 'Put off by the carrier',
  unknown: 'Sent off, no answer',
  unconfirmed: 'Sent off, no answer',
  released: 'Given back before it was sent',
};

export function attemptState(attempt: Pick<SendAttempt, 'state'>): string {
  return attemptStates[attempt.state] ?? attempt.state;
}

/** Why nobody but a person can tell. */
export function doubtReason(reason: string | undefined): string {
  return reason === 'several_fit'
    ? 'The carrier’s log holds several messages that could be this one.'
    : 'The carrier’s log was searched and does not show it. That is no proof: logs lag and lose lines.';
}

export const classWords: Readonly<Record<MessageClass, { name: string; example: string }>> = {
  conversational: { name: 'Conversational', example: 'What your team writes by hand in the inbox' },
  transactional: { name: 'Transactional', example: 'Reminders, confirmations, notices from programs' },
  urgent: { name: 'Urgent', example: 'Alarms and safety notices that ignore quiet hours' },
  marketing: { name: 'Marketing', example: 'Offers and campaigns' },
};

/** Seconds without a sweep after which somebody should be told; workers sweep four times a minute. */
const silenceLimit = 90;

/** Whether somebody is there to send. Compares two readings of the database's clock, so no other clock matters. */
export function workerSilence(health: Pick<QueueHealth, 'worker_seen_at' | 'checked_at'>): {
  isSilent: boolean;
  seconds: number | null;
} {
  if (health.worker_seen_at === null) return { isSilent: true, seconds: null };
  const seconds = (Date.parse(health.checked_at) - Date.parse(health.worker_seen_at)) / 1000;
  return { isSilent: seconds > silenceLimit, seconds };
}

/** Why a job was given up on. The words come from the carrier's side of the engine, which knows every code. */
export function letterReason(code: string, text: string | null): string {
  if (text !== null && text !== '') return text.replace(/ This will be tried again\.$/u, '');
  return code === '' ? 'No reason was given.' : `The carrier answered ${code}.`;
}
