import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMetrics, registerWorkerFigures } from './metrics.ts';
import { FakeQueue } from './testing/fakes.ts';

const folder = join(import.meta.dirname, '../../docs/monitoring');
const files = ['grafana-dashboard.json', 'alert-rules.yml'];

/** The names /metrics shows, with those a histogram has besides its own. */
function shownNames(): Set<string> {
  const { registry } = createMetrics(new FakeQueue());
  registerWorkerFigures(registry, { inFlight: () => 0, waiting: () => 0, circuits: () => new Map() });
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  return new Set(names.flatMap((name) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]));
}

async function namedIn(file: string): Promise<string[]> {
  const text = await readFile(join(folder, file), 'utf8');
  return [...new Set(text.match(/\b(threadline_[a-z_]+|process_[a-z_]+|nodejs_[a-z_]+)\b/g) ?? [])];
}

describe.each(files)('docs/monitoring/%s', (file) => {
  it('names only figures that /metrics shows', async () => {
    const shown = shownNames();
    const named = await namedIn(file);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe('docs/monitoring/grafana-dashboard.json', () => {
  it('shows every figure of ours', async () => {
    const named = (await namedIn('grafana-dashboard.json')).map((name) => name.replace(/_bucket$/, ''));
    const { registry } = createMetrics(new FakeQueue());
    registerWorkerFigures(registry, { inFlight: () => 0, waiting: () => 0, circuits: () => new Map() });
    const ours = registry.getMetricsAsArray().map(({ name }) => name);
    const missing = ours.filter((name) => name.startsWith('threadline_') && !named.includes(name));
    expect(missing).toEqual([]);
  });
});
