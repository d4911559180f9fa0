import { setTimeout as pause } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { rounded } from '../report/statistics.ts';
import { usageOf, usageOfFamily, type Usage } from '../report/process-usage.ts';
import type { CarrierControl } from './carrier.ts';

/** A process that takes jobs and sends them. */
export type Sender = { pid: number; stop(): Promise<void> };

export type DrainInput = {
  sql: Sql;
  carrier: { control: CarrierControl; pid: number };
  postgresPid: number;
  /** Messages to wait for; the rest of a backlog stays where it is. */
  messages: number;
  start: () => Promise<Sender>;
  timeoutMs: number;
};

export type DrainResult = {
  messages: number;
  seconds: number;
  perSecond: number;
  /** Microseconds of processor time for each message; null where the system does not tell. */
  cpuMicros: { sender: number; postgres: number; carrier: number } | null;
  /** Bytes of write-ahead log for each message. */
  walBytes: number;
  /** Highest resident memory of the sender seen, in MB. */
  senderMemoryMb: number | null;
};

type Observation = { sender: Usage | null; postgres: Usage | null; carrier: Usage | null; walBytes: number };

/**
 * Starts a sender on what is queued and measures from the first text the carrier gets to the last outcome written.
 * Everything the sender does before its first call (starting, connecting) is left out, for every engine alike.
 */
export async function measureDrain(input: DrainInput): Promise<DrainResult> {
  const { carrier, messages } = input;
  const base = (await carrier.control.status()).lastSequence;
  const [now] = await input.sql<{ at: Date }[]>`select clock_timestamp() as at`;
  const since = now?.at ?? new Date();
  const sender = await input.start();
  try {
    const until = Date.now() + input.timeoutMs;
    await reach(input, base + 1, until, 10);
    const before = await observe(input, sender);
    const watch = watchMemory(sender.pid);
    await reach(input, base + messages, until, 50);
    const ended = await settled(input, since, until);
    const after = await observe(input, sender);
    const [first] = await carrier.control.messages(base, 1);
    const seconds = (ended - (first?.submittedAtMs ?? ended)) / 1000;
    return {
      messages,
      seconds: rounded(seconds, 3),
      perSecond: rounded(messages / seconds, 0),
      cpuMicros: cost(before, after, messages),
      walBytes: rounded((after.walBytes - before.walBytes) / messages, 0),
      senderMemoryMb: await watch.stop(),
    };
  } finally {
    await sender.stop();
  }
}

async function reach(
  { carrier }: DrainInput,
  sequence: number,
  until: number,
  everyMs: number,
): Promise<void> {
  for (;;) {
    const { lastSequence } = await carrier.control.status();
    if (lastSequence >= sequence) return;
    if (Date.now() > until)
      throw new Error(`only ${lastSequence} of ${sequence} texts reached the carrier in time`);
    await pause(everyMs);
  }
}

/** @returns when the last of the outcomes was written, by the clock of the database, in milliseconds */
async function settled({ sql, messages }: DrainInput, since: Date, until: number): Promise<number> {
  for (;;) {
    const [row] = await sql<{ ended: number; last: Date | null }[]>`
      select count(*)::integer as ended, max(finished_at) as last
      from public.send_attempts where state <> 'submitting' and started_at >= ${since}`;
    if (row?.last && row.ended >= messages) return row.last.getTime();
    if (Date.now() > until)
      throw new Error(`only ${row?.ended ?? 0} of ${messages} outcomes were written in time`);
    await pause(30);
  }
}

async function observe({ sql, carrier, postgresPid }: DrainInput, sender: Sender): Promise<Observation> {
  const [wal] = await sql`select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes`;
  const [ofSender, postgres, ofCarrier] = await Promise.all([
    usageOf(sender.pid),
    usageOfFamily(postgresPid),
    usageOf(carrier.pid),
  ]);
  return { sender: ofSender, postgres, carrier: ofCarrier, walBytes: Number(wal?.['bytes']) };
}

function cost(before: Observation, after: Observation, messages: number): DrainResult['cpuMicros'] {
  const spent = (part: Exclude<keyof Observation, 'walBytes'>): number | null => {
    const [from, to] = [before[part], after[part]];
    return from && to ? rounded(((to.cpuSeconds - from.cpuSeconds) * 1e6) / messages, 0) : null;
  };
  const [sender, postgres, carrier] = [spent('sender'), spent('postgres'), spent('carrier')];
  return sender === null || postgres === null || carrier === null ? null : { sender, postgres, carrier };
}

function watchMemory(pid: number): { stop(): Promise<number | null> } {
  let most = 0;
  const look = async (): Promise<void> => {
    const usage = await usageOf(pid);
    if (usage) most = Math.max(most, usage.residentBytes);
  };
  const timer = setInterval(() => void look(), 250);
  return {
    async stop() {
      clearInterval(timer);
      await look();
      return most === 0 ? null : rounded(most / 1024 ** 2, 0);
    },
  };
}
