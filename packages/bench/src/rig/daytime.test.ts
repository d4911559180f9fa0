import { expect, it } from 'vitest';
import { daytimeZone } from './daytime.ts';

it('finds a place where it is neither morning nor evening, whatever the hour and the season', () => {
  // Steps of 25 hours come by every hour of the day and every season.
  for (let hour = 0; hour < 366 * 24; hour += 25) {
    const now = new Date(Date.UTC(2026, 0, 1, hour));
    const timeZone = daytimeZone(now);
    const local = new Intl.DateTimeFormat('en-US', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(
      now,
    );
    expect(Number(local)).toBeGreaterThanOrEqual(10);
    expect(Number(local)).toBeLessThanOrEqual(16);
  }
});
