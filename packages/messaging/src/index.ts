export * from './intent.ts';
export * from './jobs.ts';
export * from './message-status.ts';
export * from './phone-number.ts';
export * from './segments.ts';
