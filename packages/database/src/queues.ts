/** The pgmq queues, most urgent first. What cannot be sent after every retry rests in `deadLetter`. */
export const queues = {
  priority: 'sms_priority_queue',
  regular: 'sms_queue',
  deadLetter: 'sms_dead_letter',
} as const;

export type QueueName = (typeof queues)[keyof typeof queues];

/** Producers notify this channel, and only while a worker sleeps: NOTIFY makes commits queue up one by one. */
export const jobsChannel = 'threadline_jobs';
