import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { assertPortFree, isListening } from './port-check.ts';

const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listen(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('a taken port is refused by number, purpose and holder, with a way out', async () => {
  const port = await listen();
  const refusal = assertPortFree(port, 'the API');
  await expect(refusal).rejects.toThrow(`Port ${port} is needed for the API but is already taken`);
  await expect(refusal).rejects.toMatchObject({
    advice: [expect.stringContaining('THREADLINE_PORT_BASE')],
  });
});

test.runIf(process.platform === 'linux')('the program that holds a port is found', async () => {
  const port = await listen();
  await expect(assertPortFree(port, 'the API')).rejects.toThrow(`process ${process.pid}`);
});

test('a free port passes, and nobody listens there', async () => {
  const port = await listen();
  open.pop()?.close();
  await expect(assertPortFree(port, 'the API')).resolves.toBeUndefined();
  expect(await isListening(port)).toBe(false);
});
