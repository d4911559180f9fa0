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
 * @param onClose told whenever a connection is lost
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

export interface Listener {
  close(): Promise<void>;
}

/**
 * Calls `onWork` for every notification, once whenever listening (again) began, since whatever was said before was not
 * heard, and whenever the connection is lost or not to be had, so that a sleeper learns of it at once. Keeps trying,
 * through outages and from before the database is there.
 */
export function listen(databaseUrl: string, onWork: () => void, log: Logger): Listener {
  const stopped = new AbortController();
  const running = listenUntil(databaseUrl, onWork, log, stopped.signal);
  return {
    async close() {
      stopped.abort();
      await (await running)?.end({ timeout: 1 });
    },
  };
}

async function listenUntil(
  databaseUrl: string,
  onWork: () => void,
  log: Logger,
  stopped: AbortSignal,
): Promise<Sql | null> {
  for (let tries = 1; !stopped.aborted; tries += 1) {
    const sql = connect(databaseUrl, log, onWork);
    try {
      // From its first success on, the driver listens again by itself after every loss of its connection.
      await sql.listen(jobsChannel, onWork, () => {
        log.info('listening for jobs');
        onWork();
      });
      return sql;
    } catch (error) {
      log.warn({ err: error, tries }, 'not listening yet');
      // Nobody would tell a sleeper that the database is away.
      onWork();
      await sql.end({ timeout: 0 });
      await pause(backoffMs(tries), undefined, { signal: stopped }).catch(() => undefined);
    }
  }
  return null;
}
