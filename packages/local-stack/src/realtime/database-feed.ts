import { broadcastBytes, publishBroadcast, storedBroadcast } from './broadcast.ts';
import type { RealtimeContext } from './context.ts';
import { payloadTooLarge } from './limits.ts';
import type { StoredRow } from './replication.ts';

/** Delivers a committed row of realtime.messages; what exceeds a limit is dropped and logged. */
export function deliverStoredRow(
  context: Pick<RealtimeContext, 'registry' | 'rates' | 'limits' | 'log'>,
  row: StoredRow,
  isPrivate: boolean,
): void {
  const broadcast = storedBroadcast(row, false);
  if (context.rates.messages.average() >= context.limits.messagesPerSecond) {
    context.log('warning', 'database_broadcast_dropped', { reason: 'messages_per_second' });
  } else if (payloadTooLarge(context.limits, broadcastBytes(broadcast))) {
    context.log('warning', 'database_broadcast_dropped', { reason: 'payload_size' });
  } else {
    context.rates.messages.add();
    const topic = context.registry.find({ isPrivate, name: row.topic });
    if (topic) publishBroadcast(topic, broadcast);
  }
}
