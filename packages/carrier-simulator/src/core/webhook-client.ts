import { Agent, request, type Dispatcher } from 'undici';

/** One HTTP attempt to reach a client's webhook. */
export interface WebhookAttempt {
  at: number;
  durationMs: number;
  httpStatus: number | null;
  /** Why there was no answer; null when there was. */
  error: string | null;
  /** First 64 KiB of the answer. */
  body: string;
  contentType: string;
}

/**
 * How often and when to try again, read from the fragment of a webhook URL (Twilio connection overrides):
 * `#rc=2&rp=5xx,ct,rt&ct=2000&rt=5000`. The fragment is neither sent nor signed.
 */
export interface RetryPolicy {
  retries: number;
  on: ReadonlySet<string>;
  connectTimeoutMs: number;
  readTimeoutMs: number;
}

export interface WebhookRequest {
  /** May end in a fragment with overrides. */
  url: string;
  headers: Record<string, string>;
  body: string;
  policy: RetryPolicy;
  /** Writes the request anew for each try after the first, where the carrier numbers or dates its tries. */
  rewrite?: (attempt: number) => Pick<WebhookRequest, 'headers' | 'body'>;
  /** Where the carrier goes once every try has failed. */
  failover?: WebhookRequest;
}

const longestAnswer = 65_536;

export function splitWebhookUrl(address: string): { url: string; policy: RetryPolicy } {
  const hash = address.indexOf('#');
  const overrides = new URLSearchParams(hash < 0 ? '' : address.slice(hash + 1));
  return {
    url: hash < 0 ? address : address.slice(0, hash),
    policy: {
      retries: bounded(overrides.get('rc'), 1, 0, 5),
      on: new Set((overrides.get('rp') ?? 'ct').split(',').map((name) => name.trim())),
      connectTimeoutMs: bounded(overrides.get('ct'), 5000, 100, 10_000),
      readTimeoutMs: bounded(overrides.get('rt') ?? overrides.get('tt'), 15_000, 100, 15_000),
    },
  };
}

function bounded(text: string | null, fallback: number, least: number, most: number): number {
  const value = Number(text ?? fallback);
  return Number.isFinite(value) ? Math.min(most, Math.max(least, Math.trunc(value))) : fallback;
}

/** Posts to webhooks over kept-alive connections, trying again as the URL asks. */
export class WebhookClient {
  readonly #agents = new Map<number, Agent>();
  readonly #retryDelayMs: number;

  constructor(retryDelayMs: number) {
    this.#retryDelayMs = retryDelayMs;
  }

  /** Calls `onAttempt` after each try and resolves with the last one. Never rejects. */
  async post(webhook: WebhookRequest, onAttempt: (attempt: WebhookAttempt) => void): Promise<WebhookAttempt> {
    for (let tries = 0; ; tries++) {
      const content = tries === 0 ? webhook : { ...webhook, ...webhook.rewrite?.(tries + 1) };
      const { attempt, failure } = await this.#tryOnce(content);
      onAttempt(attempt);
      if (failure === null) return attempt;
      const again = tries < webhook.policy.retries && retries(webhook.policy, failure);
      if (!again && webhook.failover === undefined) return attempt;
      await new Promise((resolve) => setTimeout(resolve, this.#retryDelayMs).unref());
      if (!again && webhook.failover) return this.post(webhook.failover, onAttempt);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  async #tryOnce(webhook: WebhookRequest): Promise<{ attempt: WebhookAttempt; failure: string | null }> {
    const at = Date.now();
    try {
      const answer = await request(webhook.url, {
        method: 'POST',
        headers: webhook.headers,
        body: webhook.body,
        dispatcher: this.#agentFor(webhook.policy.connectTimeoutMs),
        headersTimeout: webhook.policy.readTimeoutMs,
        bodyTimeout: webhook.policy.readTimeoutMs,
      });
      const body = await readAnswer(answer);
      const attempt = {
        at,
        durationMs: Date.now() - at,
        httpStatus: answer.statusCode,
        error: null,
        body,
        contentType: String(answer.headers['content-type'] ?? ''),
      };
      return { attempt, failure: answer.statusCode < 400 ? null : `${String(answer.statusCode)[0]}xx` };
    } catch (error) {
      const { name, text } = describeFailure(error);
      const attempt = {
        at,
        durationMs: Date.now() - at,
        httpStatus: null,
        error: text,
        body: '',
        contentType: '',
      };
      return { attempt, failure: name };
    }
  }

  #agentFor(connectTimeoutMs: number): Dispatcher {
    let agent = this.#agents.get(connectTimeoutMs);
    if (!agent) {
      agent = new Agent({ connections: 128, connect: { timeout: connectTimeoutMs } });
      this.#agents.set(connectTimeoutMs, agent);
    }
    return agent;
  }
}

async function readAnswer(answer: Dispatcher.ResponseData): Promise<string> {
  if (answer.headers['content-length'] === '0' || answer.statusCode === 204) {
    await answer.body.dump();
    return '';
  }
  const text = await answer.body.text();
  return text.slice(0, longestAnswer);
}

function retries(policy: RetryPolicy, failure: string): boolean {
  return policy.on.has('all') || policy.on.has(failure);
}

/** A broken connection counts as a failure to connect (`ct`), silence after connecting as a read timeout (`rt`). */
function describeFailure(error: unknown): { name: 'ct' | 'rt'; text: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const timedOut = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
  return { name: timedOut ? 'rt' : 'ct', text: code };
}
