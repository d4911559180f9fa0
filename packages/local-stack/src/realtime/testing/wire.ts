import { once } from 'node:events';
import { WebSocket } from 'ws';

/** One server message, whatever the protocol version. */
export type Received = {
  joinRef: string | null;
  ref: string | null;
  topic: string;
  event: string;
  payload: unknown;
};

/** A raw frame of kind 4. */
export type ReceivedBinary = {
  topic: string;
  event: string;
  metadata: string;
  encoding: number;
  body: Buffer;
};

/** A client that speaks frames, nothing else. */
export class WireClient {
  readonly version: string;
  readonly received: Received[] = [];
  readonly binary: ReceivedBinary[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;
  readonly #listeners = new Set<() => void>();
  #nextRef = 1;

  constructor(url: string, version: string, headers: Record<string, string> = {}) {
    this.version = version;
    this.#socket = new WebSocket(url, { headers });
    this.#socket.on('message', (bytes, isBinary) => this.#receive(bytes as Buffer, isBinary));
    this.#socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.#notify();
    });
    this.#socket.on('error', () => undefined);
  }

  async open(): Promise<this> {
    await once(this.#socket, 'open');
    return this;
  }

  close(): void {
    this.#socket.terminate();
  }

  /** Sends one message and returns its ref. */
  send(
    topic: string,
    event: string,
    payload: unknown,
    options: { joinRef?: string | null; ref?: string } = {},
  ): string {
    const ref = options.ref ?? String(this.#nextRef++);
    const joinRef = options.joinRef === undefined ? ref : options.joinRef;
    this.sendRaw(
      this.version === '2.0.0'
        ? JSON.stringify([joinRef, ref, topic, event, payload])
        : JSON.stringify({ topic, event, payload, ref, join_ref: joinRef }),
    );
    return ref;
  }

  sendRaw(frame: string | Buffer): void {
    this.#socket.send(frame);
  }

  /** A user-broadcast push (kind 3). */
  sendBinary(
    topic: string,
    event: string,
    body: Buffer,
    encoding: 0 | 1,
    joinRef = '',
    ref = String(this.#nextRef++),
  ): string {
    const fields = [joinRef, ref, topic, event, ''].map((field) => Buffer.from(field));
    const head = Buffer.from([3, ...fields.map((field) => field.length), encoding]);
    this.sendRaw(Buffer.concat([head, ...fields, body]));
    return ref;
  }

  /** Joins and waits for the answer. */
  async join(
    topic: string,
    config: object = {},
    params: object = {},
  ): Promise<{ ref: string; reply: Reply }> {
    const ref = this.send(topic, 'phx_join', { config, ...params });
    return { ref, reply: await this.reply(ref) };
  }

  async reply(ref: string): Promise<Reply> {
    const message = await this.waitFor(
      (candidate) => candidate.event === 'phx_reply' && candidate.ref === ref,
    );
    return message.payload as Reply;
  }

  /** The first message, past or to come, that fits. */
  async waitFor(fits: (message: Received) => boolean, timeoutMs = 4000): Promise<Received> {
    return this.#until(
      () => this.received.find(fits),
      timeoutMs,
      () => this.#summary(),
    );
  }

  async waitForEvent(event: string, topic?: string): Promise<Received> {
    return this.waitFor(
      (message) => message.event === event && (topic === undefined || message.topic === topic),
    );
  }

  async waitForBinary(timeoutMs = 4000): Promise<ReceivedBinary> {
    return this.#until(
      () => this.binary[0],
      timeoutMs,
      () => this.#summary(),
    );
  }

  async waitForClose(timeoutMs = 4000): Promise<{ code: number; reason: string }> {
    return this.#until(
      () => this.closed,
      timeoutMs,
      () => 'still open',
    );
  }

  /** Everything the server had to say before this point has arrived once this resolves. */
  async settle(): Promise<void> {
    await this.reply(this.send('nowhere', 'ping', {}));
  }

  events(event: string): Received[] {
    return this.received.filter((message) => message.event === event);
  }

  clear(): void {
    this.received.length = 0;
    this.binary.length = 0;
  }

  async #until<Value>(
    find: () => Value | undefined,
    timeoutMs: number,
    describe: () => string,
  ): Promise<Value> {
    const found = find();
    if (found !== undefined) return found;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(check);
        reject(new Error(`nothing fitting arrived; got ${describe()}`));
      }, timeoutMs);
      const check = (): void => {
        const value = find();
        if (value === undefined) return;
        clearTimeout(timer);
        this.#listeners.delete(check);
        resolve(value);
      };
      this.#listeners.add(check);
    });
  }

  #summary(): string {
    return JSON.stringify(this.received.slice(-8));
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #receive(bytes: Buffer, isBinary: boolean): void {
    if (isBinary) this.binary.push(decodeKind4(bytes));
    else this.received.push(decodeMessage(this.version, bytes.toString()));
    this.#notify();
  }
}

export type Reply = { status: string; response: Record<string, unknown> };

function decodeMessage(version: string, text: string): Received {
  const message: unknown = JSON.parse(text);
  if (version !== '2.0.0') return { joinRef: null, ...(message as Omit<Received, 'joinRef'>) };
  const [joinRef, ref, topic, event, payload] = message as [string, string, string, string, unknown];
  return { joinRef, ref, topic, event, payload };
}

function decodeKind4(frame: Buffer): ReceivedBinary {
  const [kind, topicLength = 0, eventLength = 0, metadataLength = 0, encoding = 0] = frame;
  if (kind !== 4) throw new Error(`unexpected frame kind ${kind}`);
  let offset = 5;
  const take = (length: number): string => {
    offset += length;
    return frame.toString('utf8', offset - length, offset);
  };
  return {
    topic: take(topicLength),
    event: take(eventLength),
    metadata: take(metadataLength),
    encoding,
    body: frame.subarray(offset),
  };
}
