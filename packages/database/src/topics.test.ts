import { describe, expect, it } from 'vitest';
import { inboxTopic, liveThreadTopic, liveTopic, parseTopic, threadTopic } from './topics.ts';

const organizationId = '0198c6a1-0000-7000-8000-000000000001';
const threadId = '0198c6a1-0000-7000-8000-000000000002';

describe('topics', () => {
  it.each([
    [inboxTopic(organizationId), { kind: 'inbox', organizationId }],
    [threadTopic(organizationId, threadId), { kind: 'thread', organizationId, threadId }],
    [liveTopic(organizationId), { kind: 'live', organizationId }],
    [liveThreadTopic(organizationId, threadId), { kind: 'live_thread', organizationId, threadId }],
  ])('reads %s back', (topic, parsed) => {
    expect(parseTopic(topic)).toEqual(parsed);
  });

  it.each([
    '',
    'org:',
    `org:${organizationId}`,
    `org:${organizationId}:`,
    `org:${organizationId}:inbox:`,
    `org:${organizationId}:inbox\n`,
    `org:${organizationId.toUpperCase()}:inbox`,
    `org:${organizationId}:thread:`,
    `org:${organizationId}:thread:${threadId}:x`,
    `org:${organizationId}:live:${threadId}`,
    `realtime:org:${organizationId}:inbox`,
    'org:me:inbox',
  ])('refuses %j', (topic) => {
    expect(parseTopic(topic)).toBeNull();
  });
});
