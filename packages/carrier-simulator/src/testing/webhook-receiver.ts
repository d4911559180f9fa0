import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
  /** Full address as the sender wrote it. */
  url: string;
  headers: IncomingHttpHeaders;
  /** The body as it came, byte for byte. */
  body: string;
  /** The body read as a form. */
  form: Record<string, string>;
}

export interface WebhookAnswer {
  status: number;
  body?: string;
  contentType?: string;
  /** Breaks the connection instead of answering. */
  breaks?: boolean;
}

/** A business's webhook: remembers what it got, in order, and answers as told. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  answer: (webhook: ReceivedWebhook) => WebhookAnswer | Promise<WebhookAnswer> = () => ({ status: 204 });
  #server: Server | undefined;
  #base = '';
  #waiting: { count: number; resolve: () => void }[] = [];

  get base(): string {
    return this.#base;
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const form = Object.fromEntries(new URLSearchParams(body));
        const webhook = { url: this.#base + (request.url ?? ''), headers: request.headers, body, form };
        this.received.push(webhook);
        this.#wake();
        void Promise.resolve(this.answer(webhook)).then(
          ({ status, body = '', contentType = 'text/xml', breaks }) => {
            if (breaks) request.socket.destroy();
            else response.writeHead(status, { 'content-type': contentType }).end(body);
          },
        );
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this;
  }

  /** Resolves once so many webhooks have come in, with all of them. */
  async count(count: number): Promise<ReceivedWebhook[]> {
    if (this.received.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    }
    return this.received;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server?.close(() => resolve());
      this.#server?.closeAllConnections();
    });
  }

  #wake(): void {
    for (const waiter of this.#waiting) if (this.received.length >= waiter.count) waiter.resolve();
    this.#waiting = this.#waiting.filter(({ count }) => this.received.length < count);
  }
}
