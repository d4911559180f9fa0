import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isWithinWindow, toWholeSecond } from './schedule-window.ts';
import { scheduleWindow as telnyxWindow } from './telnyx/send.ts';
import { scheduleWindow as twilioWindow } from './twilio/send.ts';

const judging = new URL('../../../supabase/migrations/20261120120000_judging_jobs.sql', import.meta.url);

describe('the window in which a carrier takes a message', () => {
  it('is the one by which the database refuses', () => {
    const body =
      /interval '(?<nearest>\d+) seconds', case p_provider when 'twilio' then interval '(?<twilio>\d+) days' else interval '(?<telnyx>\d+) days' end/;
    const { nearest, twilio, telnyx } = body.exec(readFileSync(judging, 'utf8'))?.groups ?? {};
    const windowOf = (days: string | undefined) => ({
      leastMs: Number(nearest) * 1000,
      mostMs: Number(days) * 86_400_000,
    });
    expect(windowOf(twilio)).toEqual(twilioWindow);
    expect(windowOf(telnyx)).toEqual(telnyxWindow);
  });

  it('has its far end and not its near one', () => {
    const window = { leastMs: 300_000, mostMs: 400_000 };
    const isWithin = (leadMs: number) => isWithinWindow(new Date(1_000 + leadMs), 1_000, window);
    expect([300_000, 300_001, 400_000, 400_001].map(isWithin)).toEqual([false, true, true, false]);
    expect(isWithinWindow(new Date(Number.NaN), 1_000, window)).toBe(false);
  });

  it('is counted in whole seconds', () => {
    expect(toWholeSecond(new Date('2026-01-01T00:00:00.999Z'))).toBe('2026-01-01T00:00:00Z');
  });
});
