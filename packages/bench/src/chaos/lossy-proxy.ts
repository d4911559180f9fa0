import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** Authentication is over by then: losing it would only be one more failed start. */
const spared = 4;

export type LossyProxyOptions = {
  target: { host: string; port: number };
  /** Share of answers that are lost, and the connection with them. */
  rate: number;
  /** From 0 to 1. */
  random: () => number;
};

/**
 * A way to the database on which answers get lost: the statement was carried out and committed, and whoever asked never
 * hears of it.
 */
export class LossyProxy {
  readonly #options: LossyProxyOptions;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #lost = 0;

  constructor(options: LossyProxyOptions) {
    this.#options = options;
    this.#server = createServer((client) => this.#join(client));
  }

  get lost(): number {
    return this.#lost;
  }

  /** @returns the port it listens on */
  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('a TCP server has a port');
    return address.port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    const upstream = connect(this.#options.target);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream);
    let answers = 0;
    upstream.on('data', (answer: Buffer) => {
      answers += 1;
      if (answers > spared && this.#options.random() < this.#options.rate) {
        this.#lost += 1;
        client.destroy();
      } else if (!client.write(answer)) {
        upstream.pause();
        client.once('drain', () => upstream.resume());
      }
    });
  }
}
