import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClaimedMedia, CompletedMedia } from '../queue/shapes.ts';
import { silentLog } from '../testing/fakes.ts';
import { MediaConsumer } from './media-consumer.ts';

const started: MediaConsumer[] = [];

afterEach(async () => {
  for (const consumer of started.splice(0)) await consumer.stop();
});

function media(id: string): ClaimedMedia {
  return {
    media_id: id,
    organization_id: 'org',
    message_id: 'message',
    position: 0,
    credentials_ref: 'main',
    provider_url: 'https://x.example',
  };
}

function stored(item: ClaimedMedia): CompletedMedia {
  const nothing = { storagePath: null, contentType: null, sizeBytes: null, reason: null };
  return { mediaId: item.media_id, status: 'stored', ...nothing };
}

function setUp(copy: (item: ClaimedMedia, signal: AbortSignal) => Promise<CompletedMedia>) {
  const waiting: ClaimedMedia[] = [];
  const completed: CompletedMedia[] = [];
  const failures: unknown[] = [];
  const consumer = new MediaConsumer({
    queue: {
      claimMedia: async (limit) => waiting.splice(0, limit),
      completeMedia: async (item) => {
        if (failures.length > 0) throw failures.shift();
        completed.push(item);
      },
    },
    copy,
    pollIntervalMs: 60_000,
    log: silentLog,
    onCompleted: () => undefined,
  });
  started.push(consumer);
  return { consumer, waiting, completed, failures };
}

describe('the consumer of pictures', () => {
  it('copies everything that waits, and what comes later when told to look', async () => {
    const { consumer, waiting, completed } = setUp(async (item) => stored(item));
    waiting.push(...['a', 'b', 'c', 'd', 'e', 'f'].map(media));
    consumer.start();
    await vi.waitFor(() => expect(completed).toHaveLength(6));
    waiting.push(media('g'));
    consumer.look();
    await vi.waitFor(() => expect(completed).toHaveLength(7));
  });

  it('writes an outcome again when the database did not take it', async () => {
    const { consumer, waiting, completed, failures } = setUp(async (item) => stored(item));
    failures.push(new Error('gone'));
    waiting.push(media('a'));
    consumer.start();
    await vi.waitFor(() => expect(completed).toHaveLength(1));
  });

  it('says nothing about a picture it was stopped from copying', async () => {
    const { consumer, waiting, completed } = setUp(
      (item, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ ...stored(item), status: 'retry' }));
        }),
    );
    waiting.push(media('a'));
    consumer.start();
    await vi.waitFor(() => expect(waiting).toEqual([]));
    await consumer.stop();
    expect(completed).toEqual([]);
  });
});
