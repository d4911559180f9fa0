import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { LossyProxy } from './lossy-proxy.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Answers every line with its number. */
async function counter(): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data: Buffer) => {
      heard.push(data.toString());
      socket.write(`answer ${heard.length}`);
    });
  });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, heard };
}

it('carries every question out and loses an answer with its connection', async () => {
  const { port, heard } = await counter();
  const draws = [0.9, 0.9, 0.1];
  const proxy = new LossyProxy({
    target: { host: '127.0.0.1', port },
    rate: 0.5,
    random: () => draws.shift() ?? 1,
  });
  closers.push(() => proxy.close());
  const client = connect(await proxy.start(), '127.0.0.1');
  const answers: string[] = [];
  const ended = new Promise((resolve) => client.once('close', resolve));
  client.on('error', () => {});
  client.on('data', (data: Buffer) => {
    answers.push(data.toString());
    client.write(`question ${answers.length + 1}`);
  });
  client.write('question 1');
  await ended;
  // Four are spared, two are drawn to arrive, and the next is not.
  expect(answers).toEqual([1, 2, 3, 4, 5, 6].map((number) => `answer ${number}`));
  expect(heard).toHaveLength(7);
  expect(proxy.lost).toBe(1);
});
