import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';
import type { Sql } from 'postgres';
import type { StoredMessage } from './broadcast.ts';
import { isJsonObject } from './json.ts';
import { errorName } from './logger.ts';
import type { Logger } from './logger.ts';

const publication = 'supabase_realtime_messages_publication';
const slotPrefix = 'supabase_realtime_messages_replication_slot_';
const firstRetryMs = 100;
const longestRetryMs = 2_000;

export type ReplicationOptions = {
  databaseUrl: string;
  sql: Sql;
  log: Logger;
  onMessage: (message: StoredRow, isPrivate: boolean) => void;
  /** The connection stands, for the first time or again. */
  onReady: () => void;
};

/**
 * Follows the rows that commit into realtime.messages, through a temporary replication slot. Rows that commit while
 * the connection is down are not delivered, as on hosted: clients reconcile, or ask for a replay.
 */
export class ReplicationFeed {
  readonly #options: ReplicationOptions;
  readonly #changes = new EventEmitter();
  readonly #stopping = new AbortController();
  readonly #stopped = once(this.#stopping.signal, 'abort');
  #isReady = false;
  #finished: Promise<void> = Promise.resolve();

  constructor(options: ReplicationOptions) {
    this.#options = options;
    this.#changes.setMaxListeners(0);
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  start(): void {
    this.#finished = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#finished;
  }

  /** Resolves to false when the connection is not there in time. */
  async whenReady(timeoutMs: number): Promise<boolean> {
    if (this.#isReady) return true;
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#stopping.signal]);
    return once(this.#changes, 'ready', { signal }).then(
      () => true,
      () => false,
    );
  }

  async #run(): Promise<void> {
    let retryMs = firstRetryMs;
    while (!this.#stopping.signal.aborted) {
      const wasReady = await this.#follow();
      retryMs = wasReady ? firstRetryMs : Math.min(retryMs * 2, longestRetryMs);
      await delay(retryMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  /** One connection, until it ends; true when it got as far as streaming. */
  async #follow(): Promise<boolean> {
    let wasReady = false;
    const { databaseUrl, sql, log } = this.#options;
    const service = new LogicalReplicationService({
      connectionString: databaseUrl,
      application_name: 'realtime_replication_connection',
    });
    service.on('error', (error) => log('warning', 'replication_error', { error: errorName(error) }));
    service.on('start', () => {
      wasReady = true;
      this.#isReady = true;
      log('info', 'replication_ready');
      this.#changes.emit('ready');
      this.#options.onReady();
    });
    service.on('data', (_lsn, change: unknown) => this.#deliver(change));
    service.on('heartbeat', (lsn, _timestamp, shouldRespond) => {
      if (shouldRespond) void service.acknowledge(before(lsn));
    });
    try {
      await ensurePublication(sql);
      const slot = `${slotPrefix}${randomBytes(4).toString('hex')}`;
      await Promise.race([service.subscribe(new MessagesPlugin(), slot), this.#stopped]);
    } catch (error) {
      if (!this.#stopping.signal.aborted) log('warning', 'replication_lost', { error: errorName(error) });
    } finally {
      this.#isReady = false;
      // A connection that is still being made may never hear of its end.
      await Promise.race([service.destroy().catch(() => undefined), delay(500, undefined, { ref: false })]);
    }
    return wasReady;
  }

  #deliver(change: unknown): void {
    const row = insertedRow(change);
    if (!row) return;
    const message = parseRow(row);
    if (message === 'skipped') return;
    if (message === 'incomplete') {
      this.#options.log('error', 'database_broadcast_incomplete');
      return;
    }
    this.#options.onMessage(message, row.private === 't');
  }
}

/** Hands out every column as the text Postgres sent, and makes its slot on the connection that will use it. */
class MessagesPlugin extends PgoutputPlugin {
  constructor() {
    super({ protoVersion: 2, publicationNames: [publication] });
  }

  override async start(
    ...[client, slotName, lastLsn]: Parameters<PgoutputPlugin['start']>
  ): Promise<unknown> {
    await client.query(
      `CREATE_REPLICATION_SLOT "${slotName}" TEMPORARY LOGICAL pgoutput (SNAPSHOT 'nothing')`,
    );
    return super.start(client, slotName, lastLsn);
  }

  override parse(buffer: Buffer): ReturnType<PgoutputPlugin['parse']> {
    const message = super.parse(buffer);
    if (message.tag === 'relation') {
      for (const column of message.columns) column.parser = (raw: unknown) => raw;
    }
    return message;
  }
}

/**
 * The position just before `lsn`. The driver adds one to what it acknowledges, but a database that is shutting down
 * waits until we have acknowledged exactly what it sent.
 */
function before(lsn: string): string {
  const [high = '0', low = '0'] = lsn.split('/');
  const position = ((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)) - 1n;
  return `${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`;
}

async function ensurePublication(sql: Sql): Promise<void> {
  const [found] = await sql`select 1 from pg_catalog.pg_publication where pubname = ${publication}`;
  if (found) return;
  await sql`create publication ${sql(publication)} for table realtime.messages
    with (publish_via_partition_root = true)`;
}

function insertedRow(change: unknown): Record<string, unknown> | undefined {
  if (!isJsonObject(change) || change.tag !== 'insert' || !isJsonObject(change.relation)) return undefined;
  const { schema, name } = change.relation;
  if (schema !== 'realtime' || typeof name !== 'string' || !name.startsWith('messages')) return undefined;
  return isJsonObject(change.new) ? change.new : undefined;
}

/** A row as it was committed. */
export type StoredRow = StoredMessage & { topic: string };

function parseRow(row: Record<string, unknown>): StoredRow | 'skipped' | 'incomplete' {
  const { id, topic, event, payload, binary_payload: binary } = row;
  if (row.skip_broadcast === 't') return 'skipped';
  if (typeof id !== 'string' || typeof topic !== 'string' || typeof event !== 'string') return 'incomplete';
  if (row.private === null) return 'incomplete';
  if (typeof binary === 'string')
    return { id, topic, event, payload: null, binaryPayload: parseBytea(binary) };
  if (typeof payload !== 'string') return 'incomplete';
  return { id, topic, event, payload, binaryPayload: null };
}

/** Postgres writes bytes as `\x` and hexadecimal digits. */
function parseBytea(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex');
}
