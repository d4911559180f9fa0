/**
 * The little of HTTP an adapter needs, so that a test can play the carrier and
 * each runtime can bring its own pool. Adapters never retry: one call, one request.
 */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Absolute URL, without a fragment. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole exchange, waiting for a connection included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case; a repeated header keeps its values joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** @throws HttpFailure when there is no complete answer. */
export type HttpClient = (request: HttpRequest) => Promise<HttpReply>;

export type HttpFailureReason = 'connect' | 'timeout' | 'aborted' | 'broken';

/**
 * No complete answer. `requestWritten` is the whole point: false only when it is
 * certain that not one byte of the request left this machine.
 */
export class HttpFailure extends Error {
  readonly requestWritten: boolean;
  readonly reason: HttpFailureReason;

  constructor(failure: { requestWritten: boolean; reason: HttpFailureReason; cause?: unknown }) {
    const moment = failure.requestWritten
      ? 'after the request was written'
      : 'before the request was written';
    super(`${failure.reason} ${moment}`, { cause: failure.cause });
    this.name = 'HttpFailure';
    this.requestWritten = failure.requestWritten;
    this.reason = failure.reason;
  }
}
