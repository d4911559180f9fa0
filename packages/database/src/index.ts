export * from './error-codes.ts';
export * from './queues.ts';
export * from './topics.ts';
