export { createRealtimeServer } from './server.ts';
export type { RealtimeServer, RealtimeServerOptions } from './server.ts';
export { hostedLimits, relaxedLimits } from './limits.ts';
export type { Limits } from './limits.ts';
