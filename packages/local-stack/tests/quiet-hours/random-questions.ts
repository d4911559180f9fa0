import type { QuietHoursRule } from '@threadline/messaging/quiet-hours';
import { ownRule } from '@threadline/messaging/fixtures/quiet-hours-cases';
import type { Question } from './ask-database.ts';

const day = 24 * 3_600_000;
// Days on which a clock changes somewhere, and one on which none does.
const days = [
  '2026-03-07',
  '2026-03-28',
  '2026-04-04',
  '2026-07-03',
  '2026-09-05',
  '2026-10-03',
  '2026-10-31',
];
const validities = [
  {},
  {},
  { effectiveFrom: '2026-03-08' },
  { effectiveFrom: '2026-11-01', effectiveTo: '2026-11-02' },
  { effectiveTo: '2026-10-04' },
];
const classes = ['marketing', 'marketing', 'marketing', 'transactional', 'conversational'] as const;

/** The same numbers from the same seed: a difference that is found once can be found again. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 to `limit - 1` (mulberry32, public domain). */
  upTo(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  one<T>(choices: readonly T[]): T {
    const choice = choices[this.upTo(choices.length)];
    if (choice === undefined) throw new RangeError('Nothing to choose from');
    return choice;
  }
}

export function randomQuestion(dice: Dice, zones: readonly string[]): Question {
  const chosen = Array.from({ length: 1 + dice.upTo(3) }, () => dice.one(zones));
  return {
    phoneNumber: `+1${200 + dice.upTo(800)}5550123`,
    zones: [...new Set(chosen)],
    messageClass: dice.one(classes),
    at: new Date(Date.parse(dice.one(days)) + dice.upTo(3 * day)),
  };
}

export function randomRules(dice: Dice): QuietHoursRule[] {
  return Array.from({ length: 1 + dice.upTo(3) }, () => {
    const opens = dice.upTo(20 * 60);
    const closes = Math.min(24 * 60, opens + 1 + dice.upTo(18 * 60));
    const weekdays = [1, 2, 3, 4, 5, 6, 7].filter(() => dice.upTo(4) > 0);
    return ownRule({
      weekdays: weekdays.length === 0 ? [7] : weekdays,
      ...(dice.upTo(8) > 0 && { opensAt: clock(opens), closesAt: clock(closes) }),
      ...dice.one(validities),
      messageClass: dice.one(['marketing', 'marketing', 'transactional'] as const),
    });
  });
}

function clock(minutes: number): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
