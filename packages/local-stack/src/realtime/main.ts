import { readRealtimeConfig } from './config.ts';
import { createLogger } from './logger.ts';
import { createRealtimeServer } from './server.ts';

/** The development Realtime server as a process of its own; see docs/decisions/0003-own-realtime-server.md. */
const log = createLogger((line) => console.log(line));
const server = await createRealtimeServer({ ...readRealtimeConfig(), log });
log('info', 'listening', { url: server.url });

let isStopping = false;
const stop = (): void => {
  if (isStopping) return;
  isStopping = true;
  log('info', 'stopping');
  void server.stop().finally(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
