import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { flag, port, wholeNumber } from '../arguments.ts';
import { adoptDemoTenant, demoCredentials } from '../chaos/demo-tenant.ts';
import { measureBrowser } from '../latency/browser.ts';
import { startBarePickup, type BarePickup } from '../latency/graphile-pickup.ts';
import { measureBroadcast } from '../latency/broadcast.ts';
import { describeVersions } from '../report/machine.ts';
import { rounded, spreadOf, type Spread } from '../report/statistics.ts';
import { CarrierControl } from '../rig/carrier.ts';
import { claimsOf } from '../rig/loader.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { waitUntil } from '../rig/wait-until.ts';
import { startWorker } from '../rig/worker.ts';
import type { Tenant } from '../rig/world.ts';
import { defineBench, type Progress } from './bench.ts';

const options = z.object({
  samples: wholeNumber(10, 120, 'samples of each kind'),
  pauseMs: wholeNumber(50, 250, 'about how long the system is idle between two'),
  browser: flag(false, 'measure until an open browser shows the text as well (builds the web app)'),
  portBase: port('first port of the throw-away stack'),
});

type Options = z.output<typeof options>;
type Run = { rig: Rig; tenant: Tenant; carrier: CarrierControl; given: Options };

export const latency = defineBench({
  summary: 'on an idle stack: enqueue to carrier call, webhook to subscriber, webhook to browser',
  options,
  async run(given, progress) {
    progress('starting a whole stack');
    const rig = await startRig({
      durable: true,
      keep: 'all',
      portBase: given.portBase,
      web: given.browser ? 'production' : 'none',
    });
    try {
      return await measure(rig, given, progress);
    } finally {
      await rig.stop();
    }
  },
});

async function measure(rig: Rig, given: Options, progress: Progress) {
  const { sql, stack, host } = rig;
  const tenant = await adoptDemoTenant(sql, stack, given.samples * 2);
  const run: Run = { rig, tenant, carrier: new CarrierControl(stack.carrierUrl), given };
  await run.carrier.reset();
  // Callbacks of one sample would wake what the next one is to find asleep.
  await run.carrier.setFaults({ callbackDropRate: 1 });
  const worker = await startWorker(host, 'bench-worker', {
    WORKER_DATABASE_URL: stack.workerDatabaseUrl,
    SUPABASE_URL: stack.apiUrl,
    SUPABASE_SECRET_KEY: stack.secretKey,
    PUBLIC_WEBHOOK_BASE: stack.functionsUrl,
    PROVIDER_CREDENTIALS: await demoCredentials(stack),
  });
  await worker.ready();
  progress(`${given.samples} times enqueue to carrier call, beside graphile-worker's bare pickup`);
  const pickups = await measurePickups(run);
  progress(`${given.samples} times webhook to subscriber`);
  const broadcast = await measureBroadcast({ ...run, samples: given.samples, pauseMs: given.pauseMs });
  const spreads: Record<string, Spread> = { ...pickups, 'webhook → subscriber': spreadOf(broadcast) };
  if (given.browser) {
    progress(`${given.samples} times webhook to browser`);
    spreads['webhook → browser'] = spreadOf(
      await measureBrowser({ ...run, samples: given.samples, pauseMs: given.pauseMs }),
    );
  }
  const bare = spreads[barePickup]?.p95 ?? Number.NaN;
  return {
    versions: await describeVersions(sql),
    results: { unit: 'ms', spreads },
    ratios: {
      'p95 of graphile-worker bare pickup / ours': rounded(bare / (spreads[byAgent]?.p95 ?? Number.NaN)),
    },
    tables: [
      {
        title: 'Latency on an idle stack, in milliseconds',
        columns: ['way', 'samples', 'p50', 'p95', 'p99', 'most'],
        rows: Object.entries(spreads).map(([way, s]) => [way, s.samples, s.p50, s.p95, s.p99, s.most]),
      },
    ],
  };
}

const byAgent = 'send_message → carrier call';
const byProgram = 'enqueue_message → carrier call';
const barePickup = 'graphile-worker: add_job → task (nothing else)';

/** Taken by turns, so that whatever else the machine does falls on all alike. */
async function measurePickups({ rig, tenant, carrier, given }: Run): Promise<Record<string, Spread>> {
  const { sql, stack } = rig;
  const graphile = await startBarePickup(stack.dbUrl);
  const taken: Record<string, number[]> = {
    [byAgent]: [],
    [byProgram]: [],
    [barePickup]: [],
  };
  try {
    for (let sample = -3; sample < given.samples; sample += 1) {
      const index = sample + 3;
      const measured: Record<string, number> = {
        [byAgent]: await untilCarrier(carrier, `agent ${index}`, (body) =>
          sendAsAgent(sql, tenant, index, body),
        ),
      };
      await idle(given.pauseMs);
      measured[byProgram] = await untilCarrier(carrier, `program ${index}`, (body) =>
        sendAsProgram(sql, tenant, index, body),
      );
      await idle(given.pauseMs);
      measured[barePickup] = await sampleGraphile(sql, graphile);
      await idle(given.pauseMs);
      // The first ones only warm up.
      if (sample >= 0) for (const [way, ms] of Object.entries(measured)) taken[way]?.push(ms);
    }
  } finally {
    await graphile.stop();
  }
  return Object.fromEntries(Object.entries(taken).map(([way, sample]) => [way, spreadOf(sample)]));
}

async function idle(milliseconds: number): Promise<void> {
  await pause(milliseconds * (0.75 + Math.random() / 2));
}

/** Milliseconds from before the statement is sent to the arrival of the carrier's request, by one machine's clock. */
async function untilCarrier(
  carrier: CarrierControl,
  body: string,
  enqueue: (body: string) => Promise<void>,
): Promise<number> {
  const { lastSequence } = await carrier.status();
  const begin = Date.now();
  await enqueue(body);
  const arrived = async (): Promise<number | null> => {
    const found = (await carrier.messages(lastSequence)).find((message) => message.body === body);
    return found?.submittedAtMs ?? null;
  };
  return (
    (await waitUntil(arrived, { timeoutMs: 20_000, everyMs: 25, what: `"${body}" at the carrier` })) - begin
  );
}

async function sendAsAgent(sql: Sql, tenant: Tenant, index: number, body: string): Promise<void> {
  const thread = tenant.threads[(index * 2) % tenant.threads.length];
  await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims', ${claimsOf(tenant)}, true), set_config('role', 'authenticated', true)`;
    await tx`select public.send_message(${thread?.id ?? ''}, ${body}, ${randomUUID()})`;
  });
}

async function sendAsProgram(sql: Sql, tenant: Tenant, index: number, body: string): Promise<void> {
  const thread = tenant.threads[(index * 2 + 1) % tenant.threads.length];
  const job = JSON.stringify({ to: thread?.recipient, from: thread?.sender, body, dedupe_window_seconds: 0 });
  await sql`select public.enqueue_message(${tenant.organizationId}, ${job}::text::jsonb)`;
}

async function sampleGraphile(sql: Sql, graphile: BarePickup): Promise<number> {
  const id = randomUUID();
  const arrived = graphile.arrival(id);
  const begin = performance.now();
  await sql`select graphile_worker.add_job(${graphile.task}, json_build_object('id', ${id}::text))`;
  return (await arrived) - begin;
}
