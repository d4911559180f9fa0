import type { Sql } from 'postgres';
import { CarrierControl, type CarrierMessage } from '../rig/carrier.ts';
import type { Rig } from '../rig/rig.ts';
import type { StackParts } from '../rig/stack-types.ts';
import type { WorkerEnvironment } from '../rig/worker.ts';
import { createRandom } from '../random.ts';
import { adoptDemoTenant, demoCredentials } from './demo-tenant.ts';
import { Journal } from './journal.ts';
import { LossyProxy } from './lossy-proxy.ts';
import { Producers } from './producers.ts';
import { Workers } from './workers.ts';

export type PartsOptions = {
  seed: number;
  messages: number;
  threads: number;
  workers: number;
  /** Share of the database's answers to workers that are lost, with their connections. */
  lostAnswers: number;
  /** How wrong the workers' clocks are, by turns ahead and behind. */
  skewMinutes: number;
  producers: number;
  inFlight: number;
};

/** What takes part in a run. */
export type ChaosParts = {
  sql: Sql;
  stackParts: StackParts;
  carrier: CarrierControl;
  journal: Journal;
  workers: Workers;
  producers: Producers;
  proxy: LossyProxy;
  /** How the bodies of the run's messages begin. */
  label: string;
};

export async function prepareParts(
  { sql, stack, parts, host }: Rig,
  options: PartsOptions,
  tell: (line: string) => void,
): Promise<ChaosParts> {
  const journal = new Journal(tell);
  const tenant = await adoptDemoTenant(sql, stack, options.threads);
  const label = `chaos ${options.seed}`;
  const proxy = lossyWay(stack.workerDatabaseUrl, options);
  const environment: WorkerEnvironment = {
    WORKER_DATABASE_URL: await urlThrough(proxy, stack.workerDatabaseUrl),
    SUPABASE_URL: stack.apiUrl,
    SUPABASE_SECRET_KEY: stack.secretKey,
    PUBLIC_WEBHOOK_BASE: stack.functionsUrl,
    PROVIDER_CREDENTIALS: await demoCredentials(stack),
    WORKER_CONCURRENCY: String(options.inFlight),
  };
  const { messages, producers } = options;
  return {
    sql,
    stackParts: parts,
    carrier: new CarrierControl(stack.carrierUrl),
    journal,
    workers: new Workers(host, options, environment, journal),
    producers: new Producers(sql, { tenant, messages, producers, label }, journal),
    proxy,
    label,
  };
}

/** What the carrier took of this run. */
export async function readCarrierLog({ carrier, label }: ChaosParts): Promise<CarrierMessage[]> {
  return (await carrier.messages()).filter(({ body }) => body.startsWith(`${label} `));
}

function lossyWay(databaseUrl: string, { lostAnswers, seed }: PartsOptions): LossyProxy {
  const { hostname, port } = new URL(databaseUrl);
  const random = createRandom(seed + 1);
  return new LossyProxy({
    target: { host: hostname, port: Number(port) },
    rate: lostAnswers,
    random: () => random.next(),
  });
}

async function urlThrough(proxy: LossyProxy, databaseUrl: string): Promise<string> {
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(await proxy.start());
  return url.href;
}
