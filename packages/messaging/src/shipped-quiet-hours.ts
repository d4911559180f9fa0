import type { QuietHoursPreset, QuietHoursRule } from './quiet-hours-rules.ts';

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const mondayToSaturday = [1, 2, 3, 4, 5, 6];
const mondayToFriday = [1, 2, 3, 4, 5];

// Where a source gives no date, this one stands for "before this table began".
const beforeThisTable = '2020-01-01';

interface Law {
  preset: QuietHoursPreset;
  region: string;
  /** Weekdays and window; no window where no text may go on those days. */
  windows: [weekdays: number[], opensAt?: string, closesAt?: string][];
  effectiveFrom?: string;
  source: string;
  confidence: QuietHoursRule['confidence'];
  name: string;
}

const laws: Law[] = [
  {
    preset: 'federal',
    region: '*',
    windows: [[everyDay, '08:00', '21:00']],
    source: '47 CFR 64.1200(c)(1): no telephone solicitation before 8:00 or after 21:00 at the called party',
    confidence: 'law',
    name: 'federal',
  },
  state('FL', '08:00', '20:00', 'Florida Telephone Solicitation Act', 'secondary'),
  state('OK', '08:00', '20:00', 'Oklahoma Telephone Solicitation Act of 2022', 'secondary'),
  state('MD', '08:00', '20:00', 'Maryland, in force since 2024-01-01', 'secondary', '2024-01-01'),
  state('WA', '08:00', '20:00', 'RCW 80.36.390 and 19.158.040; that texts count is arguable', 'law'),
  state('OR', '08:00', '20:00', 'HB 3865, in force since 2026-01-01', 'law', '2026-01-01'),
  {
    preset: 'states',
    region: 'US-TX',
    windows: [
      [mondayToSaturday, '09:00', '21:00'],
      [[7], '12:00', '21:00'],
    ],
    effectiveFrom: '2025-09-01',
    source: 'SB 140, in force since 2025-09-01',
    confidence: 'law',
    name: 'US-TX',
  },
  state('CT', '09:00', '20:00', 'Connecticut, in force since 2023-10-01', 'secondary', '2023-10-01'),
  state('NJ', '08:00', '20:00', 'New Jersey; sources disagree on 20:00 or 21:00', 'secondary'),
  state('VA', '08:00', '21:00', 'SB 1339, in force since 2026-01-01', 'secondary', '2026-01-01'),
  ...['AL', 'LA', 'MS'].map((code): Law => ({
    preset: 'states',
    region: `US-${code}`,
    windows: [[mondayToSaturday, '08:00', '20:00'], [[7]]],
    source: 'State telephone solicitation law: none on Sunday, nor on holidays, which are not in this table',
    confidence: 'secondary',
    name: `US-${code}`,
  })),
  state('MA', '08:00', '20:00', 'Massachusetts', 'secondary'),
  state('NV', '09:00', '20:00', 'Nevada', 'secondary'),
  state('KY', '10:00', '21:00', 'Kentucky', 'secondary'),
  ...['MI', 'MN', 'NM'].map((code) =>
    state(code, '09:00', '21:00', 'State telephone solicitation law', 'secondary'),
  ),
  {
    preset: 'states',
    region: 'US-RI',
    windows: [[mondayToFriday, '09:00', '18:00'], [[6], '10:00', '17:00'], [[7]]],
    source: 'Rhode Island; no window is named for Sunday, so none is assumed',
    confidence: 'secondary',
    name: 'US-RI',
  },
  {
    preset: 'safe',
    region: '*',
    windows: [
      [mondayToSaturday, '09:00', '20:00'],
      [[7], '12:00', '20:00'],
    ],
    source: 'Our own caution: inside nearly every state window without knowing the state',
    confidence: 'own',
    name: 'safe',
  },
];

function state(
  code: string,
  opensAt: string,
  closesAt: string,
  source: string,
  confidence: QuietHoursRule['confidence'],
  effectiveFrom = beforeThisTable,
): Law {
  const region = `US-${code}`;
  const windows: Law['windows'] = [[everyDay, opensAt, closesAt]];
  return { preset: 'states', region, windows, effectiveFrom, source, confidence, name: region };
}

/**
 * The rules every organization is offered, the same rows as the ones of `public.quiet_hours_rules` without an
 * organization (a test compares them). For previews without a database; what the database says is what counts.
 */
export const shippedQuietHours: readonly QuietHoursRule[] = laws.flatMap(({ windows, name, ...law }) =>
  windows.map(([weekdays, opensAt = null, closesAt = null]): QuietHoursRule => ({
    preset: law.preset,
    region: law.region,
    messageClass: 'marketing',
    weekdays,
    opensAt,
    closesAt,
    effectiveFrom: law.effectiveFrom ?? beforeThisTable,
    effectiveTo: null,
    source: law.source,
    confidence: law.confidence,
    version: `${name}/1`,
  })),
);
