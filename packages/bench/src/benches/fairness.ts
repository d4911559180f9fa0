import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { port, wholeNumber } from '../arguments.ts';
import { describeVersions } from '../report/machine.ts';
import { rounded, spreadOf } from '../report/statistics.ts';
import type { CarrierMessage } from '../rig/carrier.ts';
import { withEngine, type EngineRig } from '../rig/engine-rig.ts';
import { claimsOf, enqueueBatch, load, settleDatabase } from '../rig/loader.ts';
import { waitUntil } from '../rig/wait-until.ts';
import type { Tenant } from '../rig/world.ts';
import { defineBench, type Progress } from './bench.ts';

const options = z.object({
  campaign: wholeNumber(1, 100_000, 'messages of tenant A that stand in front'),
  threads: wholeNumber(1, 20_000, 'threads of tenant A'),
  replies: wholeNumber(1, 40, 'replies, and as many reminders, of tenant B behind them'),
  pauseMs: wholeNumber(1, 250, 'between two of them'),
  inFlight: wholeNumber(1, 100, 'carrier calls at once'),
  urgent: wholeNumber(0, 3_000, 'urgent messages of tenant A in the test of starvation'),
  portBase: port('first port of the throw-away stack'),
});

type Options = z.output<typeof options>;

export const fairness = defineBench({
  summary: 'how long a reply and a reminder of one tenant wait behind the campaign of another',
  options,
  async run(given, progress) {
    progress('starting a database and a carrier of its own');
    return withEngine(
      {
        durable: true,
        keep: 'database',
        portBase: given.portBase,
        latencyMs: 20,
        tenants: [
          { name: 'Bench campaign', numbers: 40, threads: given.threads + given.urgent },
          { name: 'Bench neighbour', numbers: 2, threads: 200 },
        ],
      },
      (engine) => measure(engine, given, progress),
    );
  },
});

async function measure(engine: EngineRig, given: Options, progress: Progress) {
  const { sql } = engine.rig;
  const [a, b = a] = engine.tenants;
  await engine.resetCarrier();
  progress(`tenant A enqueues ${given.campaign} messages`);
  const campaigners = { ...a, threads: a.threads.slice(0, given.threads) };
  await load(sql, campaigners, { by: 'enqueue_batch', messages: given.campaign, label: 'campaign' });
  await settleDatabase(sql);
  const worker = await engine.startWorker('bench-worker', given);
  await worker.ready();
  progress(`tenant B sends ${given.replies} replies and reminders behind it`);
  const waits = await measureWaits(engine, b, given);
  const left = await countWaiting(engine, a);
  const starved = given.urgent > 0 ? await measureStarvation(engine, a, b, given, progress) : null;
  await worker.child.stop(0);
  return {
    versions: await describeVersions(sql),
    results: {
      unit: 'ms',
      replies: waits.replies,
      reminders: waits.reminders,
      campaignLeft: left,
      starvation: starved,
    },
    ratios: {},
    tables: [
      {
        title: `Waiting of tenant B behind ${given.campaign} messages of tenant A (${left} were still left), in milliseconds`,
        columns: ['what', 'sent', 'p50', 'p95', 'p99', 'most'],
        rows: [
          ['a reply of an agent', ...cellsOf(waits.replies)],
          ['a reminder of a program', ...cellsOf(waits.reminders)],
        ],
      },
      ...(starved === null
        ? []
        : [
            {
              title: `While ${given.urgent} urgent messages wait, regular ones get their share`,
              columns: ['regular among the first', 'share'],
              rows: [[starved.observed, starved.regularShare]],
            },
          ]),
    ],
  };
}

function cellsOf(spread: ReturnType<typeof spreadOf>): number[] {
  return [spread.samples, spread.p50, spread.p95, spread.p99, spread.most];
}

async function measureWaits(engine: EngineRig, tenant: Tenant, given: Options) {
  const { sql } = engine.rig;
  const sentAt = new Map<string, number>();
  for (let index = 0; index < given.replies; index += 1) {
    const reply = `reply ${index}`;
    sentAt.set(reply, Date.now());
    await sql.begin(async (tx) => {
      await tx`select set_config('request.jwt.claims', ${claimsOf(tenant)}, true), set_config('role', 'authenticated', true)`;
      await tx`select public.send_message(${tenant.threads[index * 2]?.id ?? ''}, ${reply}, ${randomUUID()})`;
    });
    const reminder = `reminder ${index}`;
    const thread = tenant.threads[index * 2 + 1];
    sentAt.set(reminder, Date.now());
    const job = { to: thread?.recipient, from: thread?.sender, body: reminder, dedupe_window_seconds: 0 };
    await sql`select public.enqueue_message(${tenant.organizationId}, ${JSON.stringify(job)}::text::jsonb)`;
    await pause(given.pauseMs);
  }
  const isOurs = ({ body }: CarrierMessage): boolean => sentAt.has(body);
  const arrived = async () => {
    const found = (await engine.carrier.control.messages()).filter(isOurs);
    return found.length === sentAt.size ? found : null;
  };
  const found = await waitUntil(arrived, {
    timeoutMs: 300_000,
    everyMs: 1_000,
    what: 'the replies of tenant B',
  });
  const waits = (kind: string) =>
    spreadOf(
      found
        .filter(({ body }) => body.startsWith(kind))
        .map(({ body, submittedAtMs }) => submittedAtMs - (sentAt.get(body) ?? submittedAtMs)),
    );
  return { replies: waits('reply'), reminders: waits('reminder') };
}

async function countWaiting(engine: EngineRig, tenant: Tenant): Promise<number> {
  const [row] = await engine.rig.sql`
    select count(*)::integer as left from public.message_jobs
    where organization_id = ${tenant.organizationId} and status in ('queued', 'processing')`;
  return Number(row?.['left']);
}

/** Floods the priority queue and looks how many regular messages the carrier gets meanwhile. */
async function measureStarvation(
  engine: EngineRig,
  a: Tenant,
  b: Tenant,
  given: Options,
  progress: Progress,
) {
  const { sql } = engine.rig;
  progress(`tenant A enqueues ${given.urgent} urgent messages, tenant B ${b.threads.length} regular ones`);
  const from = (await engine.carrier.control.status()).lastSequence;
  // To people whom the campaign does not write to: within a thread, order comes before priority.
  const urgent = a.threads.slice(given.threads).map((thread, index) => {
    return {
      to: thread.recipient,
      from: thread.sender,
      body: `urgent ${index}`,
      priority: 'urgent',
      dedupe_window_seconds: 0,
    };
  });
  await sql`select public.enqueue_batch(${a.organizationId}, ${JSON.stringify(urgent)}::text::jsonb)`;
  await enqueueBatch(
    sql,
    b,
    { label: 'regular' },
    b.threads.map((_, index) => index),
  );
  const done = async () => {
    const log = await engine.carrier.control.messages(from);
    return log.filter(({ body }) => body.startsWith('urgent')).length >= given.urgent / 2 ? log : null;
  };
  const log = await waitUntil(done, {
    timeoutMs: 300_000,
    everyMs: 500,
    what: 'half of the urgent messages',
  });
  const regular = log.filter(({ body }) => !body.startsWith('urgent')).length;
  return { observed: log.length, regularShare: rounded(regular / log.length, 3) };
}
