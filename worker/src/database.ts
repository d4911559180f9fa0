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

export interface Listener {
  close(): Promise<void>;
}

/**
 * Calls `onWork` for every notification, and once whenever listening (again) began, since whatever was said before was
 * not heard. Keeps trying, through outages and from before the database is there. The loss of its connection is not
 * reported: the driver takes that event for itself, to listen again.
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
