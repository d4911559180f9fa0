import { randomUUID } from 'node:crypto';
import { REALTIME_SUBSCRIBE_STATES } from '@supabase/supabase-js';
import { afterEach, expect, inject, test } from 'vitest';
import { client } from '../testing/clients.ts';

const stack = inject('stack');
const open: ReturnType<typeof client>[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.removeAllChannels()));
});

function connected() {
  const own = client();
  open.push(own);
  return own;
}

test('a broadcast travels through the gateway to whoever listens', async () => {
  const topic = `gateway-${randomUUID()}`;
  const received = new Promise((settle) => {
    const listener = connected().channel(topic).on('broadcast', { event: 'hello' }, settle);
    const speaker = connected().channel(topic, { config: { broadcast: { ack: true } } });
    listener.subscribe(() => {
      speaker.subscribe((status) => {
        if (status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED) {
          void speaker.send({ type: 'broadcast', event: 'hello', payload: { from: 'here' } });
        }
      });
    });
  });
  expect(await received).toMatchObject({ event: 'hello', payload: { from: 'here' } });
});

test('Realtime’s HTTP routes are reached through the gateway too', async () => {
  const answer = await fetch(`${stack.apiUrl}/realtime/v1/api/broadcast`, {
    method: 'POST',
    headers: { apikey: stack.secretKey, 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ topic: 'somewhere', event: 'e', payload: {} }] }),
  });
  expect(answer.status).toBe(202);
});

test('a WebSocket to any other path is turned away', async () => {
  const socket = new WebSocket(`${stack.apiUrl.replace('http', 'ws')}/elsewhere`);
  const end = await new Promise<string>((settle) => {
    socket.onopen = () => settle('opened');
    socket.onerror = () => settle('refused');
  });
  expect(end).toBe('refused');
});
