import { setTimeout as pause } from 'node:timers/promises';
import { jobsChannel } from '@threadline/database/queues';
import postgres from 'postgres';
import type { Sql } from 'postgres';
import { backoffMs } from './backoff.ts';
import type { Logger } from './logger.ts';

/** Statements never wait for one another longer than this many of them run at once. */
const CONNECTIONS = 6;

/**
 * A pool that reconnects by itself; statements fail while the database is away.
 * @param onClose told whenever a connection is lost, or could not be had. An idle one has no statement to fail, so a
 *   sleeper would not learn of it
 */
export function connect(databaseUrl: string, log: Logger, onClose?: () => void): Sql {
  return postgres(databaseUrl, {
    max: CONNECTIONS,
    connect_timeout: 5,
    // In seconds. Every attempt to reconnect waits a little longer, and never long.
    backoff: (retries) => backoffMs(retries) / 1000,
    // Its catalogue is of no use to us, and asking for it delays the first statement of every connection.
    fetch_types: false,
    connection: { application_name: 'threadline-worker' },
    ...(onClose === undefined ? {} : { onclose: onClose }),
    onnotice: (notice) => log.debug({ code: notice['code'] }, 'database notice'),
  });
}

export type Row = Readonly<Record<string, unknown>>;
/** One statement of SQL, its values apart from it. */
export type Statement = (
  strings: TemplateStringsArray,
  ...values: readonly (string | number | null)[]
) => Promise<readonly Row[]>;

/** A statement had no answer in time. The database may have carried it out all the same. */
export class StatementTimeout extends Error {
  constructor(milliseconds: number) {
    super(`the database has not answered for ${milliseconds} ms`);
    this.name = 'StatementTimeout';
  }
}

export interface DatabaseOptions {
  readonly databaseUrl: string;
  /** Milliseconds a statement may take. */
  readonly timeoutMs: number;
  readonly log: Logger;
  /** See `connect`. */
  readonly onClose: () => void;
  /** The way to the database is not to be trusted: whoever has connections of their own should make them anew. */
  readonly onTimeout: () => void;
}

/**
 * Statements that fail rather than hang. A connection whose other end vanished without a word, as when a database fails
 * over, is found out by the system after a quarter of an hour; here after `timeoutMs`, and then all are made anew.
 */
export class Database {
  readonly #options: DatabaseOptions;
  #pool: Sql;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#pool = this.#connect();
  }

  readonly statement: Statement = async (strings, ...values) => {
    const pool = this.#pool;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const { timeoutMs } = this.#options;
    const timer = setTimeout(() => {
      this.#replace(pool);
      reject(new StatementTimeout(timeoutMs));
    }, timeoutMs);
    try {
      return await Promise.race([pool(strings, ...values), late]);
    } finally {
      clearTimeout(timer);
    }
  };

  async end(): Promise<void> {
    await this.#pool.end({ timeout: 1 });
  }

  #connect(): Sql {
    return connect(this.#options.databaseUrl, this.#options.log, this.#options.onClose);
  }

  #replace(pool: Sql): void {
    // Of many statements that hang, the first is enough.
    if (this.#pool !== pool) return;
    this.#options.log.error({ alert: true }, 'the database does not answer: connecting anew');
    this.#pool = this.#connect();
    void pool.end({ timeout: 0 });
    this.#options.onTimeout();
  }
}

export interface Listener {
  /** Listens on a new connection. */
  renew(): void;
  close(): Promise<void>;
}

/**
 * Calls `onWork` for every notification, and once whenever listening (again) began, since whatever was said before was
 * not heard. Keeps trying, through outages and from before the database is there. The loss of its connection is not
 * reported: the driver takes that event for itself, to listen again.
 */
export function listen(databaseUrl: string, onWork: () => void, log: Logger): Listener {
  const begin = () => {
    const stopped = new AbortController();
    return { stopped, running: listenUntil(databaseUrl, onWork, log, stopped.signal) };
  };
  const end = async ({ stopped, running }: ReturnType<typeof begin>, timeout: number) => {
    stopped.abort();
    await (await running)?.end({ timeout });
  };
  let current = begin();
  return {
    renew() {
      void end(current, 0);
      current = begin();
    },
    close: () => end(current, 1),
  };
}

async function listenUntil(
  databaseUrl: string,
  onWork: () => void,
  log: Logger,
  stopped: AbortSignal,
): Promise<Sql | null> {
  for (let tries = 1; !stopped.aborted; tries += 1) {
    const sql = connect(databaseUrl, log);
    try {
      // From its first success on, the driver listens again by itself after every loss of its connection.
      await sql.listen(jobsChannel, onWork, () => {
        log.info('listening for jobs');
        onWork();
      });
      return sql;
    } catch (error) {
      log.warn({ err: error, tries }, 'not listening yet');
      await sql.end({ timeout: 0 });
      await pause(backoffMs(tries), undefined, { signal: stopped }).catch(() => undefined);
    }
  }
  return null;
}
