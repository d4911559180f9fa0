export * from './error-codes.ts';
export * from './queues.ts';
export * from './topics.ts';
export type { Database, Json } from './types.ts';
