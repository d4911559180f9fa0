export { BatchInterruptedError } from './batch.ts';
export type { BatchOptions, BatchProgress, BatchSummary } from './batch.ts';
export { createClient } from './client.ts';
export type { CallSignal, Client, ClientOptions } from './client.ts';
export * from './errors.ts';
export type { Job, Reminder } from './jobs.ts';
export { previewTemplate } from './preview.ts';
export type { TemplatePreview } from './preview.ts';
export type {
  BatchResult,
  CancelResult,
  EnqueuedJob,
  JobStatus,
  RefusedJob,
  RetryResult,
} from './results.ts';
