import { describe, expect, it } from 'vitest';
import { chartPanels, describeReport, publishedReport } from './published.ts';

function report(bench: string, results: object, ratios: Record<string, number> = {}) {
  return publishedReport.parse({
    bench,
    at: '2026-11-20T10:00:00.000Z',
    machine: { processor: 'A processor', cores: 2, memoryGb: 8, system: 'linux' },
    versions: { node: '24.21.0' },
    options: {},
    results,
    ratios,
  });
}

const round = { cpuMicros: { sender: 100, postgres: 500, carrier: 50 }, senderMemoryMb: 120, walBytes: 9000 };
const drain = report(
  'drain',
  {
    rounds: [
      { engine: 'threadline', perSecond: 1900, ...round },
      { engine: 'pg-boss', perSecond: 1000, ...round },
      { engine: 'threadline', perSecond: 2100, ...round, senderMemoryMb: 140 },
      { engine: 'threadline', perSecond: 2000, ...round },
    ],
    backlogs: [{ backlog: 1_000_000, perSecond: 1800, ...round }],
  },
  { 'threadline / pg-boss': 2 },
);
const spread = { samples: 100, p50: 5, p95: 12, p99: 14, most: 20 };

describe('describeReport', () => {
  it('tells each engine by the medians of its rounds, and its highest memory', () => {
    const [engines, backlogs] = describeReport(drain);
    expect(engines?.rows.slice(1)).toEqual([
      ['threadline', 2000, 100, 500, 9000, 140],
      ['pg-boss', 1000, 100, 500, 9000, 120],
    ]);
    expect(engines?.note).toContain('threadline / pg-boss: **2**');
    expect(backlogs?.rows[1]?.[0]).toBe('1,000,000');
  });

  it('leaves out what a bench did not measure', () => {
    expect(describeReport(report('drain', { rounds: [], backlogs: [] }))).toHaveLength(1);
    expect(describeReport(report('other', {}))).toEqual([]);
  });

  it('tells the verdict of chaos with what became of the messages', () => {
    const [verdict] = describeReport(
      report('chaos', {
        counts: { lost: 0, sent_twice: 0 },
        ends: { delivered: 9, unknown_shown: 1 },
        takenByCarrier: 9,
      }),
    );
    expect(verdict?.rows).toEqual([
      ['promise', 'violations'],
      ['lost', 0],
      ['sent twice', 0],
    ]);
    expect(verdict?.note).toBe('9 delivered, 1 unknown shown.');
  });
});

describe('chartPanels', () => {
  it('draws what is compared with peers, and marks what is ours', () => {
    const latency = report('latency', {
      spreads: {
        'send_message → carrier call': spread,
        'graphile-worker: add_job → task (nothing else)': spread,
      },
    });
    const [drained, delays] = chartPanels([drain, latency]);
    expect(drained?.bars).toEqual([
      { name: 'threadline', value: 2000, isOurs: true },
      { name: 'pg-boss', value: 1000, isOurs: false },
    ]);
    expect(delays?.bars.map(({ isOurs, value }) => [isOurs, value])).toEqual([
      [true, 12],
      [false, 12],
    ]);
  });
});
