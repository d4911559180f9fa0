import { z } from 'zod';
import type { Panel } from './chart.ts';
import { median } from '../report/statistics.ts';

const spread = z.object({
  samples: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  most: z.number(),
});

/** What of a report is shown in the docs; the rest of it is kept beside them. */
export const publishedReport = z.object({
  bench: z.string(),
  at: z.string(),
  machine: z.object({ processor: z.string(), cores: z.number(), memoryGb: z.number(), system: z.string() }),
  versions: z.record(z.string(), z.string()),
  options: z.record(z.string(), z.unknown()),
  commitRate: z.number().optional(),
  httpRate: z.number().optional(),
  results: z.looseObject({}),
  ratios: z.record(z.string(), z.number()),
});

export type PublishedReport = z.infer<typeof publishedReport>;

const cpu = z.object({ sender: z.number(), postgres: z.number(), carrier: z.number() }).nullable();
const drained = z.object({
  perSecond: z.number(),
  cpuMicros: cpu,
  senderMemoryMb: z.number().nullable(),
  walBytes: z.number(),
});
const drainResults = z.looseObject({
  rounds: z.array(drained.extend({ engine: z.string() })),
  backlogs: z.array(drained.extend({ backlog: z.number() })),
});
const latencyResults = z.looseObject({ spreads: z.record(z.string(), spread) });
const rateResults = z.looseObject({
  rates: z.array(
    z.object({
      call: z.string(),
      producers: z.number(),
      waking: z.string(),
      perSecond: z.number(),
      p95Ms: z.number(),
    }),
  ),
  batchSeconds: z.array(z.number()),
});
const scheduleResults = z.looseObject({ lateMs: spread, scheduledPerSecond: z.number() });
const fairnessResults = z.looseObject({ replies: spread, reminders: spread });
const paceResults = z.looseObject({
  workers: z.number(),
  perSecond: z.number(),
  windows: z.number(),
  least: z.number(),
  most: z.number(),
});
const chaosResults = z.looseObject({
  counts: z.record(z.string(), z.number()),
  ends: z.record(z.string(), z.number()),
  takenByCarrier: z.number(),
});

/** A table in Markdown, its head first. */
export type Section = { title: string; rows: readonly (readonly (string | number)[])[]; note?: string };

/** The results of one report as tables for the docs. */
export function describeReport(report: PublishedReport): Section[] {
  switch (report.bench) {
    case 'drain':
      return describeDrain(report);
    case 'latency':
      return [
        {
          title: 'Latency on an idle stack (ms)',
          rows: [
            ['way', 'p50', 'p95', 'p99', 'most'],
            ...Object.entries(latencyResults.parse(report.results).spreads).map(([way, s]) => [
              way,
              s.p50,
              s.p95,
              s.p99,
              s.most,
            ]),
          ],
        },
      ];
    case 'enqueue':
      return describeEnqueue(report);
    case 'schedule':
      return describeSchedule(report);
    case 'fairness':
      return describeFairness(report);
    case 'pace':
      return describePace(report);
    case 'chaos':
      return describeChaos(report);
    default:
      return [];
  }
}

/** What the picture shows: the two comparisons with peers. */
export function chartPanels(reports: readonly PublishedReport[]): Panel[] {
  const panels: Panel[] = [];
  for (const report of reports) {
    if (report.bench === 'drain')
      panels.push({
        title: 'Out of a backlog, doing the same work: messages a second',
        unit: 'a second',
        bars: enginesOf(report).map(({ engine, perSecond }) => ({
          name: engine,
          value: perSecond,
          isOurs: engine === 'threadline',
        })),
      });
    if (report.bench === 'latency')
      panels.push({
        title: 'On an idle stack: p95 in milliseconds',
        unit: 'ms',
        bars: Object.entries(latencyResults.parse(report.results).spreads).map(([way, { p95 }]) => ({
          name: way.replace(' (nothing else)', ''),
          value: p95,
          isOurs: !way.startsWith('graphile'),
        })),
      });
  }
  return panels;
}

function enginesOf(report: PublishedReport) {
  const { rounds } = drainResults.parse(report.results);
  return [...new Set(rounds.map(({ engine }) => engine))].map((engine) => {
    const own = rounds.filter((round) => round.engine === engine);
    const middle = (pick: (round: (typeof own)[number]) => number): number => median(own.map(pick));
    return {
      engine,
      perSecond: middle((round) => round.perSecond),
      sender: middle((round) => round.cpuMicros?.sender ?? Number.NaN),
      postgres: middle((round) => round.cpuMicros?.postgres ?? Number.NaN),
      walBytes: middle((round) => round.walBytes),
      memory: Math.max(...own.map((round) => round.senderMemoryMb ?? Number.NaN)),
    };
  });
}

function describeDrain(report: PublishedReport): Section[] {
  const { backlogs } = drainResults.parse(report.results);
  const head = ['messages a second', 'sender µs', 'database µs', 'WAL bytes', 'sender MB'];
  const sections: Section[] = [
    {
      title: 'Drain: the same work out of a backlog',
      rows: [
        ['engine', ...head],
        ...enginesOf(report).map((e) => [e.engine, e.perSecond, e.sender, e.postgres, e.walBytes, e.memory]),
      ],
      note: `${ratioText(report)} Medians of the rounds; µs is processor time for each message.`,
    },
  ];
  if (backlogs.length > 0)
    sections.push({
      title: 'Drain: out of backlogs of different sizes',
      rows: [
        ['backlog', ...head],
        ...backlogs.map((b) => [
          b.backlog.toLocaleString('en-US'),
          b.perSecond,
          b.cpuMicros?.sender ?? '–',
          b.cpuMicros?.postgres ?? '–',
          b.walBytes,
          b.senderMemoryMb ?? '–',
        ]),
      ],
    });
  return sections;
}

function describeEnqueue(report: PublishedReport): Section[] {
  const { rates, batchSeconds } = rateResults.parse(report.results);
  const best = new Map<string, (typeof rates)[number]>();
  for (const rate of rates) {
    const key = `${rate.call}|${rate.producers}|${rate.waking}`;
    if ((best.get(key)?.perSecond ?? 0) < rate.perSecond) best.set(key, rate);
  }
  return [
    {
      title: 'Enqueue',
      rows: [
        ['call', 'producers', 'waking', 'a second', 'p95 ms'],
        ...[...best.values()].map((r) => [r.call, r.producers, r.waking, r.perSecond, r.p95Ms]),
      ],
      note:
        batchSeconds.length > 0
          ? `10,000 jobs in one call of enqueue_batch: ${median(batchSeconds)} s (median).`
          : '',
    },
  ];
}

function describeSchedule(report: PublishedReport): Section[] {
  const { lateMs, scheduledPerSecond } = scheduleResults.parse(report.results);
  return [
    {
      title: 'Scheduled sends: how late they reach the carrier (ms)',
      rows: [
        ['sends', 'p50', 'p95', 'p99', 'most'],
        [lateMs.samples, lateMs.p50, lateMs.p95, lateMs.p99, lateMs.most],
      ],
      note: `${ratioText(report)} Scheduled ${scheduledPerSecond.toLocaleString('en-US')} jobs a second.`,
    },
  ];
}

function describeFairness(report: PublishedReport): Section[] {
  const { replies, reminders } = fairnessResults.parse(report.results);
  return [
    {
      title: `Fairness: behind another tenant's campaign (ms)`,
      rows: [
        ['what', 'p50', 'p95', 'p99', 'most'],
        ['a reply', replies.p50, replies.p95, replies.p99, replies.most],
        ['a reminder', reminders.p50, reminders.p95, reminders.p99, reminders.most],
      ],
    },
  ];
}

function describePace(report: PublishedReport): Section[] {
  const { workers, perSecond, windows, least, most } = paceResults.parse(report.results);
  return [
    {
      title: `Pace: one number's ${perSecond} segments a second, kept by ${workers} workers`,
      rows: [
        ['windows of ten seconds', 'least', 'most'],
        [windows, least, most],
      ],
      note: 'As a share of what was promised; every window that begins with a message is counted.',
    },
  ];
}

function describeChaos(report: PublishedReport): Section[] {
  const { counts, ends } = chaosResults.parse(report.results);
  return [
    {
      title: 'Chaos',
      rows: [
        ['promise', 'violations'],
        ...Object.entries(counts).map(([promise, count]) => [promise.replaceAll('_', ' '), count]),
      ],
      note: `${Object.entries(ends)
        .map(([end, count]) => `${count} ${end.replaceAll('_', ' ')}`)
        .join(', ')}.`,
    },
  ];
}

function ratioText({ ratios }: PublishedReport): string {
  return Object.entries(ratios)
    .map(([name, ratio]) => `${name}: **${ratio}**.`)
    .join(' ');
}
