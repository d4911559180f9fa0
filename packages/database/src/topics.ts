/** Realtime topics, all private: `org:<uuid>:<thing>`. Server topics are read-only for clients; `live` ones are theirs. */
export type Topic =
  | { kind: 'inbox'; organizationId: string }
  | { kind: 'thread'; organizationId: string; threadId: string }
  | { kind: 'live'; organizationId: string }
  | { kind: 'live_thread'; organizationId: string; threadId: string };

/** Thread summaries that changed and opt-outs; only the database sends here. */
export function inboxTopic(organizationId: string): string {
  return `org:${organizationId}:inbox`;
}

/** Messages, statuses and read markers of one thread; only the database sends here. */
export function threadTopic(organizationId: string, threadId: string): string {
  return `org:${organizationId}:thread:${threadId}`;
}

/** Presence of the members online. */
export function liveTopic(organizationId: string): string {
  return `org:${organizationId}:live`;
}

/** Presence of a thread's viewers, and who is typing. */
export function liveThreadTopic(organizationId: string, threadId: string): string {
  return `org:${organizationId}:live:thread:${threadId}`;
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const topicPattern = new RegExp(`^org:(${uuid}):(?:(inbox)|(live)|(live:)?thread:(${uuid}))$`);

/** The topic a string names, or null. Upper-case UUIDs are refused: a topic has one spelling. */
export function parseTopic(topic: string): Topic | null {
  const match = topicPattern.exec(topic);
  if (match === null) return null;
  const [, organizationId, inbox, live, livePrefix, threadId] = match;
  if (organizationId === undefined) return null;
  if (inbox !== undefined) return { kind: 'inbox', organizationId };
  if (live !== undefined) return { kind: 'live', organizationId };
  if (threadId === undefined) return null;
  return { kind: livePrefix === undefined ? 'thread' : 'live_thread', organizationId, threadId };
}
