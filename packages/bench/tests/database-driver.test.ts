import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { afterEach, expect, it } from 'vitest';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Just enough of Postgres' protocol (version 3) to begin a transaction, and then to go away in good order. */
async function serverThatGoesAway(): Promise<string> {
  const message = (type: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const ready = message('Z', Buffer.from('I'));
  const answer = (socket: Socket, data: Buffer): void => {
    if (data[0] === 0) socket.write(Buffer.concat([message('R', Buffer.alloc(4)), ready]));
    else if (data.includes('begin')) {
      socket.write(Buffer.concat([message('C', Buffer.from('BEGIN\0')), ready]));
      setTimeout(() => socket.end(), 20);
    }
  };
  const server = createServer((socket) => {
    socket.on('data', (data) => answer(socket, data)).on('error', () => {});
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `postgres://user@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/database`;
}

// Without our patch the driver throws where nobody can catch it, and the process ends (porsager/postgres issue 1208).
it('rejects what is asked of a transaction whose connection is gone, and ends nothing else', async () => {
  const sql = postgres(await serverThatGoesAway(), { max: 1, fetch_types: false, onnotice: () => {} });
  const transaction = sql.begin(async (tx) => {
    await pause(60);
    return tx`select 1`.simple();
  });
  await expect(transaction).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
  await pause(120);
  await sql.end({ timeout: 0 });
});
