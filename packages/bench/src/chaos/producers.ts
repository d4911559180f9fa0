import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { claimsOf } from '../rig/loader.ts';
import { z } from 'zod';
import type { Tenant } from '../rig/world.ts';
import type { Intended } from './accounting.ts';
import type { Journal } from './journal.ts';

export type ProducerOptions = {
  tenant: Tenant;
  messages: number;
  /** At once; each has threads of its own, so that the order within a thread is the order of its calls. */
  producers: number;
  label: string;
};

const results = z.array(z.object({ outcome: z.string(), code: z.string().nullish() }));
/** Programs bring several at once. */
const batch = 25;

/**
 * Writes messages while everything breaks: agents one by one, programs in batches, both with idempotency keys, and both
 * try again when they do not know whether the database took it.
 */
export class Producers {
  readonly intended: Intended[];
  readonly #sql: Sql;
  readonly #options: ProducerOptions;
  readonly #journal: Journal;
  #retries = 0;

  constructor(sql: Sql, options: ProducerOptions, journal: Journal) {
    this.#sql = sql;
    this.#options = options;
    this.#journal = journal;
    const threads = options.tenant.threads.length;
    this.intended = Array.from({ length: options.messages }, (_, index) => ({
      body: `${options.label} ${index}`,
      thread: index % threads,
      order: Math.floor(index / threads),
    }));
  }

  get retries(): number {
    return this.#retries;
  }

  /** Resolves when every message is committed. */
  async run(): Promise<void> {
    const { producers } = this.#options;
    await Promise.all(
      Array.from({ length: producers }, (_, producer) => {
        const mine = this.intended.filter(({ thread }) => thread % producers === producer);
        return producer % 2 === 0 ? this.#enqueue(mine) : this.#send(mine);
      }),
    );
    this.#journal.note(
      `all ${this.intended.length} messages are written (${this.#retries} calls were repeated)`,
    );
  }

  async #send(texts: readonly Intended[]): Promise<void> {
    const { tenant } = this.#options;
    for (const { body, thread } of texts) {
      const key = randomUUID();
      await this.#untilCommitted(() =>
        this.#sql.begin(async (tx) => {
          await tx`
            select set_config('request.jwt.claims', ${claimsOf(tenant)}, true), set_config('role', 'authenticated', true)`;
          await tx`select public.send_message(${tenant.threads[thread]?.id ?? ''}, ${body}, ${key})`;
        }),
      );
    }
  }

  async #enqueue(texts: readonly Intended[]): Promise<void> {
    const { tenant } = this.#options;
    for (let from = 0; from < texts.length; from += batch) {
      const jobs = texts.slice(from, from + batch).map(({ body, thread }) => ({
        to: tenant.threads[thread]?.recipient,
        from: tenant.threads[thread]?.sender,
        body,
        idempotency_key: body,
        dedupe_window_seconds: 0,
      }));
      await this.#untilCommitted(async () => {
        const [row] = await this.#sql`
          select public.enqueue_batch(${tenant.organizationId}, ${JSON.stringify(jobs)}::text::jsonb) as results`;
        const refused = results.parse(row?.['results']).find(({ outcome }) => outcome === 'refused');
        if (refused) throw new Error(`a job was refused: ${refused.code ?? 'no code'}`);
      });
    }
  }

  async #untilCommitted(write: () => Promise<unknown>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await write();
        return;
      } catch (error) {
        if (!isOutage(error) || tries > 600) throw error;
        this.#retries += 1;
        await pause(Math.min(50 * tries, 500));
      }
    }
  }
}

/** The connection broke or could not be made (classes 08 and 57, and what the driver and the system say), or a deadlock was broken up. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return /^(08|57|40P01|CONNECT|ECONN|EPIPE|CONNECTION)/.test(String(error.code));
}
