import type { Account } from './core/account.ts';

/** A request to one of the carrier's APIs, read whole. */
export interface ApiRequest {
  method: string;
  /** Path without the query. */
  path: string;
  /** Query without the question mark; empty when there is none. */
  query: string;
  authorization: string | undefined;
  body: string;
}

/** What the API answers, and what happens to the connection instead when a fault was injected. */
export interface ApiReply {
  status: number;
  body: string | Buffer;
  headers?: Record<string, string>;
  /** `drop` breaks the connection without an answer; `hang` never answers. */
  fate?: 'drop' | 'hang';
  /** Called when the answer has been given, or would have been. */
  afterAnswer?: () => void;
}

/** One carrier's API, as the server drives it. */
export interface CarrierApi {
  /** How every path of the API begins. */
  readonly prefix: string;
  /** The account a request signs in as, before it is answered; for counting requests in flight. */
  authenticate(authorization: string | undefined): Account | undefined;
  /** @param concurrent requests of the account in flight, this one included */
  handle(request: ApiRequest, account: Account | undefined, concurrent: number): ApiReply;
  /** The answer to a mistake of the simulator itself, in the API's words. */
  failure(message: string): ApiReply;
  /** Headers every answer carries. */
  headers(load: { concurrent: number; seconds: number }): Record<string, string>;
}
