import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFixture } from './testing/fixture.ts';
import type { Fixture } from './testing/fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.stop());

const message = { type: 'broadcast', event: 'typing', payload: { thread: 't1' } };

it('delivers to everyone on the topic but the sender, of either version', async () => {
  const sender = await fixture.connect();
  const [one, two] = [await fixture.connect({ version: '1.0.0' }), await fixture.connect()];
  for (const client of [sender, one, two]) await client.join('realtime:a');
  sender.send('realtime:a', 'broadcast', message);
  for (const client of [one, two]) {
    expect(await client.waitForEvent('broadcast')).toEqual({
      joinRef: null,
      ref: null,
      topic: 'realtime:a',
      event: 'broadcast',
      payload: message,
    });
  }
  await sender.settle();
  expect(sender.events('broadcast')).toEqual([]);
});

it('delivers to the sender too when it asked for its own', async () => {
  const client = await fixture.connect();
  await client.join('realtime:self', { broadcast: { self: 'true' } });
  client.send('realtime:self', 'broadcast', message);
  expect((await client.waitForEvent('broadcast')).payload).toEqual(message);
});

it('acknowledges only when asked to', async () => {
  const client = await fixture.connect();
  const { ref: joinRef } = await client.join('realtime:ack', { broadcast: { ack: true } });
  const reply = await client.reply(client.send('realtime:ack', 'broadcast', message, { joinRef }));
  expect(reply).toEqual({ status: 'ok', response: {} });
  await client.join('realtime:ack');
  const ref = client.send('realtime:ack', 'broadcast', message);
  await client.settle();
  expect(client.received.filter((received) => received.ref === ref)).toEqual([]);
});

it('relays a text payload as it came, whatever is in it', async () => {
  const [sender, receiver] = [await fixture.connect({ version: '1.0.0' }), await fixture.connect()];
  for (const client of [sender, receiver]) await client.join('realtime:relay');
  const odd = { anything: ['goes', null, 1.5], event: { not: 'text' }, 日本: '\u2028' };
  sender.send('realtime:relay', 'broadcast', odd);
  expect((await receiver.waitForEvent('broadcast')).payload).toEqual(odd);
});

describe('a binary frame', () => {
  it('with JSON reaches version 2.0.0 as a binary frame and version 1.0.0 as text', async () => {
    const [sender, modern, old] = [
      await fixture.connect(),
      await fixture.connect(),
      await fixture.connect({ version: '1.0.0' }),
    ];
    for (const client of [sender, modern, old]) await client.join('realtime:json');
    sender.sendBinary('realtime:json', 'typing', Buffer.from('{"thread":"t1"}'), 1);
    expect(await modern.waitForBinary()).toEqual({
      topic: 'realtime:json',
      event: 'typing',
      metadata: '',
      encoding: 1,
      body: Buffer.from('{"thread":"t1"}'),
    });
    expect((await old.waitForEvent('broadcast')).payload).toEqual(message);
  });

  it('with raw bytes reaches version 2.0.0 only', async () => {
    const [sender, old] = [await fixture.connect(), await fixture.connect({ version: '1.0.0' })];
    await sender.join('realtime:raw', { broadcast: { self: true, ack: true } });
    await old.join('realtime:raw');
    const bytes = Buffer.from([0xca, 0xfe, 0, 255]);
    expect(await sender.reply(sender.sendBinary('realtime:raw', 'file', bytes, 0))).toEqual({
      status: 'ok',
      response: {},
    });
    expect(await sender.waitForBinary()).toMatchObject({ event: 'file', encoding: 0, body: bytes });
    await old.settle();
    expect(old.events('broadcast')).toEqual([]);
  });

  it('on a topic nobody joined is unmatched', async () => {
    const client = await fixture.connect();
    const reply = await client.reply(client.sendBinary('realtime:never', 'e', Buffer.from('{}'), 1));
    expect(reply).toEqual({ status: 'error', response: { reason: 'unmatched topic' } });
  });

  it('falls back to text where an event or topic is too long for one', async () => {
    const client = await fixture.connect();
    const topic = `realtime:${'x'.repeat(240)}`;
    await client.join(topic, { broadcast: { self: true } });
    const wide = `realtime:${'y'.repeat(300)}`;
    await client.join(wide, { broadcast: { self: true } });
    client.sendBinary(topic, 'e', Buffer.from('{"a":1}'), 1);
    expect((await client.waitForBinary()).topic).toBe(topic);
    client.send(wide, 'broadcast', message);
    expect((await client.waitForEvent('broadcast', wide)).payload).toEqual(message);
  });
});

describe('a payload above the limit', () => {
  it('is an error when acknowledged and silence when not, and is never delivered', async () => {
    const server = await fixture.serve({ limits: { payloadKilobytes: 1 } });
    const [sender, receiver] = [await fixture.connect({ server }), await fixture.connect({ server })];
    await receiver.join('realtime:big');
    const { ref: quiet } = await sender.join('realtime:big');
    const large = { event: 'e', payload: { text: 'x'.repeat(2000) } };
    const ref = sender.send('realtime:big', 'broadcast', large, { joinRef: quiet });
    await sender.settle();
    expect(sender.received.filter((received) => received.ref === ref)).toEqual([]);

    await sender.join('realtime:big', { broadcast: { ack: true } });
    expect(await sender.reply(sender.send('realtime:big', 'broadcast', large))).toMatchObject({
      status: 'error',
    });
    const binary = sender.sendBinary('realtime:big', 'e', Buffer.alloc(2000), 0);
    expect(await sender.reply(binary)).toMatchObject({ status: 'error' });
    expect(await sender.reply(sender.send('realtime:big', 'broadcast', message))).toMatchObject({
      status: 'ok',
    });
    await receiver.waitForEvent('broadcast');
    expect(receiver.events('broadcast').map(({ payload }) => payload)).toEqual([message]);
    expect(receiver.binary).toEqual([]);
  });
});

it('closes channels once the messages of a minute are used up, counting what is sent and what is delivered', async () => {
  const server = await fixture.serve({ limits: { messagesPerSecond: 0.1 } });
  const [sender, receiver] = [await fixture.connect({ server }), await fixture.connect({ server })];
  const { ref: joinRef } = await sender.join('realtime:busy');
  await receiver.join('realtime:busy');
  // Three sends and three deliveries are the six messages of a minute.
  for (let sent = 0; sent < 3; sent += 1) sender.send('realtime:busy', 'broadcast', message, { joinRef });
  const system = await sender.waitForEvent('system');
  expect(system.payload).toEqual({
    extension: 'system',
    status: 'error',
    message: 'Too many messages per second',
    channel: 'busy',
  });
  expect(await sender.waitForEvent('phx_close')).toMatchObject({ ref: joinRef });
  expect(receiver.events('broadcast')).toHaveLength(3);
  expect(receiver.events('system')).toEqual([]);
});
