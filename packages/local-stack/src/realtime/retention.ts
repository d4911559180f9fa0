import type { Sql } from 'postgres';
import { errorName } from './logger.ts';
import type { Logger } from './logger.ts';

/** Hosted drops partitions of realtime.messages this old. */
const retentionHours = 72;

/** Deletes what is too old to be replayed, now and every `intervalMs`; call the result to stop. */
export function startRetention(sql: Sql, log: Logger, intervalMs: number): () => void {
  const sweep = (): void => {
    deleteOldMessages(sql).then(
      (count) => count > 0 && log('info', 'old_messages_deleted', { count }),
      (error: unknown) => log('warning', 'retention_failed', { error: errorName(error) }),
    );
  };
  sweep();
  const timer = setInterval(sweep, intervalMs);
  return () => clearInterval(timer);
}

/** @returns how many rows went */
export async function deleteOldMessages(sql: Sql): Promise<number> {
  const deleted = await sql`delete from realtime.messages
    where inserted_at < timezone('utc', now()) - ${retentionHours} * interval '1 hour'`;
  return deleted.count;
}
