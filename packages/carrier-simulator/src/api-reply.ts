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
