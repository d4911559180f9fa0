import { HttpFailure } from '@threadline/providers';
import type { HttpClient, HttpFailureReason, HttpReply, HttpRequest } from '@threadline/providers';
import { Agent } from 'undici';
import type { Dispatcher } from 'undici';

const LARGEST_ANSWER_BYTES = 1024 * 1024;
const CONNECT_TIMEOUT_MS = 5_000;

export interface CarrierClient {
  readonly http: HttpClient;
  close(): Promise<void>;
}

/**
 * HTTP to carriers over kept connections. Never retries and never follows a redirect.
 * @param connections most connections to one carrier, which is also the most requests in flight
 */
export function createCarrierClient(connections: number): CarrierClient {
  const agent = new Agent({
    connections,
    // One request per connection at a time and no streams: whether a request was written stays a plain question.
    pipelining: 1,
    allowH2: false,
    // Shorter than any server's own, so that a request is not written to a connection that is just being closed.
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 30_000,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    // The exchange as a whole has its own limit below.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: LARGEST_ANSWER_BYTES,
  });
  return { http: (request) => exchange(agent, request), close: () => agent.destroy() };
}

function exchange(agent: Agent, request: HttpRequest): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const handler = new ExchangeHandler(request, resolve, reject);
    const url = new URL(request.url);
    try {
      agent.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: request.method,
          headers: { ...request.headers },
          body: request.body ?? null,
        },
        handler,
      );
    } catch (error) {
      handler.onResponseError(null, error);
    }
  });
}

/** One exchange: it either ends with a reply or with a failure that knows whether anything was written. */
class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #resolve: (reply: HttpReply) => void;
  readonly #reject: (failure: HttpFailure) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  /** By performance.now(). */
  readonly #deadline: number;
  readonly #onAbort = () => this.#giveUp('aborted');
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | null = null;
  #gaveUp: HttpFailureReason | null = null;
  #status = 0;
  #headers: Record<string, string> = {};

  constructor(
    request: HttpRequest,
    resolve: (reply: HttpReply) => void,
    reject: (failure: HttpFailure) => void,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = request.signal;
    this.#timer = setTimeout(() => this.#giveUp('timeout'), request.timeoutMs);
    this.#deadline = performance.now() + request.timeoutMs;
    if (request.signal?.aborted === true) this.#giveUp('aborted');
    else request.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Called when a connection is there and the request is about to be written to it: the last moment to turn back. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // After a standstill of the whole process, a connection that came up meanwhile is told before the timer.
    if (performance.now() > this.#deadline) this.#gaveUp ??= 'timeout';
    if (this.#gaveUp !== null) {
      controller.abort(new Error('given up before it began'));
      return;
    }
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
    );
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#clear();
    const text = Buffer.concat(this.#chunks).toString('utf8');
    this.#resolve({ status: this.#status, headers: this.#headers, text });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: unknown): void {
    const requestWritten = this.#controller !== null;
    this.#fail(this.#gaveUp ?? (requestWritten ? 'broken' : 'connect'), cause);
  }

  #giveUp(reason: HttpFailureReason): void {
    this.#gaveUp = reason;
    if (this.#controller === null) this.#fail(reason, undefined);
    else this.#controller.abort(new Error(reason));
  }

  #fail(reason: HttpFailureReason, cause: unknown): void {
    this.#clear();
    this.#reject(new HttpFailure({ requestWritten: this.#controller !== null, reason, cause }));
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}
