import type { Client } from './client.ts';
import {
  closedAlert,
  deadLetter,
  deadLetterKind,
  deliveryNotice,
  messageClass,
  queueHealth,
  replayResult,
  unknownSend,
  type Alert,
  type ClosedAlert,
  type DeadLetter,
  type DeadLetterKind,
  type DeliveryNotice,
  type MessageClass,
  type QueueHealth,
  type ReplayResult,
  type UnknownSend,
} from './delivery-records.ts';
import { unwrap } from './errors.ts';
import { z } from './schema.ts';

/** Rows a page of jobs holds; fewer in an answer means that there are no more. */
export const jobsPageSize = 25;
const alertsPageSize = 20;
const eventsPageSize = 200;

/** Where a page of jobs goes on: after this row. */
export interface AfterJob {
  job_id: string;
  updated_at: string;
}

export async function fetchQueueHealth(client: Client, organizationId: string): Promise<QueueHealth> {
  return unwrap(queueHealth, await client.rpc('queue_health', { p_organization_id: organizationId }));
}

/** Whether an admin should look at the Delivery screen at all. */
export async function fetchDeliveryNotice(client: Client, organizationId: string): Promise<DeliveryNotice> {
  return unwrap(deliveryNotice, await client.rpc('delivery_notice', { p_organization_id: organizationId }));
}

export interface AlertHistory {
  alerts: ClosedAlert[];
  hasMore: boolean;
}

/** Alerts that are over, the latest first, after the row `after`. */
export async function fetchAlertHistory(
  client: Client,
  organizationId: string,
  after?: ClosedAlert,
): Promise<AlertHistory> {
  const columns =
    'id, kind, severity, subject_id, details, opened_at, seen_at, acknowledged_at, closed_at' as const;
  let query = client
    .from('alerts')
    .select(columns)
    .eq('organization_id', organizationId)
    .not('closed_at', 'is', null)
    .order('opened_at', { ascending: false })
    .order('id', { ascending: false })
    .limit(alertsPageSize + 1);
  if (after !== undefined) {
    query = query.or(
      `opened_at.lt."${after.opened_at}",and(opened_at.eq."${after.opened_at}",id.lt.${after.id})`,
    );
  }
  const rows = unwrap(z.array(closedAlert), await query);
  return { alerts: rows.slice(0, alertsPageSize), hasMore: rows.length > alertsPageSize };
}

export async function acknowledgeAlerts(
  client: Client,
  organizationId: string,
  alertIds: string[],
): Promise<void> {
  const answer = await client.rpc('acknowledge_alerts', {
    p_organization_id: organizationId,
    p_alert_ids: alertIds,
  });
  unwrap(z.int(), answer);
}

const eventOutcome = z.object({ outcome: z.string() });

/** Acts again on every carrier event that failed for good, the eldest first. One call each: every one locks its people. */
export async function retryFailedEvents(
  client: Client,
  organizationId: string,
): Promise<{ done: number; failed: number }> {
  const result = { done: 0, failed: 0 };
  // Ids rise with time. What fails again is not met again, and keeps nothing younger from its turn.
  for (let after: string | null = '00000000-0000-0000-0000-000000000000'; after !== null;) {
    const ids = await fetchFailedEvents(client, organizationId, after);
    for (const id of ids) {
      const answer = await client.rpc('replay_webhook_event', { p_webhook_event_id: id });
      result[unwrap(eventOutcome, answer).outcome === 'failed' ? 'failed' : 'done'] += 1;
    }
    after = ids.length === eventsPageSize ? (ids.at(-1) ?? null) : null;
  }
  return result;
}

async function fetchFailedEvents(client: Client, organizationId: string, after: string): Promise<string[]> {
  const answer = await client
    .from('webhook_events')
    .select('id')
    .eq('organization_id', organizationId)
    .eq('needs_person', true)
    .gt('id', after)
    .order('id')
    .limit(eventsPageSize);
  return unwrap(z.array(z.object({ id: z.guid() })), answer).map(({ id }) => id);
}

/** The thread an alert is about, or null when it is about none, or the thread is gone. */
export async function findThreadOf(
  client: Client,
  { details }: Pick<Alert, 'details'>,
): Promise<string | null> {
  const { job_id, message_id } = details;
  const table = job_id === undefined ? 'messages' : 'message_jobs';
  const id = job_id ?? message_id;
  if (typeof id !== 'string') return null;
  const answer = await client.from(table).select('thread_id').eq('id', id).limit(1);
  return unwrap(z.array(z.object({ thread_id: z.guid() })), answer)[0]?.thread_id ?? null;
}

export async function resumeAccount(client: Client, accountId: string): Promise<void> {
  unwrap(z.unknown(), await client.rpc('resume_account', { p_provider_account_id: accountId }));
}

/** Sends in doubt that wait for a person (`isAsked`), or those still looked up or sent again by rule; newest first. */
export async function fetchUnknownSends(
  client: Client,
  organizationId: string,
  isAsked: boolean,
  after?: AfterJob,
): Promise<UnknownSend[]> {
  const answer = await client.rpc('unknown_sends', {
    p_organization_id: organizationId,
    p_is_asked: isAsked,
    p_before: after?.updated_at ?? null,
    p_before_id: after?.job_id ?? null,
    p_limit: jobsPageSize,
  });
  return unwrap(z.array(unknownSend), answer);
}

export type Decision = 'sent' | 'not_sent' | 'send_again';

const decided = z.object({ outcome: replayResult.shape.outcome.optional(), message: z.string().optional() });

/** Says what became of a send. For `send_again` answers what came of that; null for a mere statement. */
export async function decideUnknown(
  client: Client,
  jobId: string,
  decision: Decision,
): Promise<ReplayResult | null> {
  const answer = await client.rpc('decide_unknown', { p_job_id: jobId, p_decision: decision });
  const { outcome, message } = unwrap(decided, answer);
  if (outcome === undefined) return null;
  return message === undefined ? { outcome } : { outcome, message };
}

/** Dead letters nobody dealt with, newest first; of one error code, or of all. */
export async function fetchDeadLetters(
  client: Client,
  organizationId: string,
  { code, after, limit }: { code: string | null; after: AfterJob | undefined; limit: number },
): Promise<DeadLetter[]> {
  const answer = await client.rpc('dead_letters', {
    p_organization_id: organizationId,
    p_before: after?.updated_at ?? null,
    p_before_id: after?.job_id ?? null,
    p_code: code,
    p_limit: limit,
  });
  return unwrap(z.array(deadLetter), answer);
}

export async function fetchDeadLetterKinds(
  client: Client,
  organizationId: string,
): Promise<DeadLetterKind[]> {
  const answer = await client.rpc('dead_letter_kinds', { p_organization_id: organizationId });
  return unwrap(z.array(deadLetterKind), answer);
}

/** Sends dead letters again; answers in the order asked. */
export async function replayDeadLetters(
  client: Client,
  organizationId: string,
  jobIds: string[],
): Promise<ReplayResult[]> {
  const answer = await client.rpc('replay_dead_letters', {
    p_organization_id: organizationId,
    p_job_ids: jobIds,
  });
  return unwrap(z.array(replayResult).length(jobIds.length), answer);
}

/** Deals with dead letters by leaving them unsent. */
export async function discardDeadLetters(
  client: Client,
  organizationId: string,
  jobIds: string[],
): Promise<void> {
  const answer = await client.rpc('discard_dead_letters', {
    p_organization_id: organizationId,
    p_job_ids: jobIds,
  });
  unwrap(z.int(), answer);
}

const policyRow = z.array(z.object({ resend_unconfirmed: z.array(messageClass) })).length(1);

/** Message classes whose unconfirmed sends go out again by themselves. */
export async function fetchResendPolicy(client: Client, organizationId: string): Promise<MessageClass[]> {
  const answer = await client
    .from('organizations')
    .select('resend_unconfirmed')
    .eq('id', organizationId)
    .limit(1);
  return unwrap(policyRow, answer)[0]?.resend_unconfirmed ?? [];
}

export async function setResendPolicy(
  client: Client,
  organizationId: string,
  classes: MessageClass[],
): Promise<MessageClass[]> {
  const answer = await client.rpc('set_resend_policy', {
    p_organization_id: organizationId,
    p_classes: classes,
  });
  return unwrap(z.array(messageClass), answer);
}
