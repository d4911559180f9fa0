import { AuthenticationError, NetworkError, refusedError, ServerError } from './errors.ts';
import type { ThreadlineError } from './errors.ts';
import { isPassingError } from './passing-errors.ts';

export interface TransportOptions {
  readonly supabaseUrl: string;
  readonly secretKey: string;
  readonly fetch: typeof fetch;
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How often a call is tried again. */
  readonly retries: number;
  /** The longest wait before the first retry, in milliseconds; it doubles with each. */
  readonly retryDelayMs: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly value: unknown;
  /** How often the call was made; after the first it may have had its effect before. */
  readonly tries: number;
}

/** Calls a SQL function of the project. @throws ThreadlineError, or the reason of the signal */
export type Call = (
  functionName: string,
  parameters: Readonly<Record<string, unknown>>,
  options?: CallOptions,
) => Promise<Answer>;

/** Full jitter (Brooker, "Exponential Backoff and Jitter"), in milliseconds. */
const LONGEST_DELAY_MS = 10_000;

export function createCall(options: TransportOptions): Call {
  return async (functionName, parameters, { signal } = {}) => {
    for (let tries = 1; ; tries += 1) {
      signal?.throwIfAborted();
      try {
        return { value: await callOnce(options, functionName, parameters, signal), tries };
      } catch (error) {
        if (!(error instanceof NetworkError) || !error.retryable || tries > options.retries) throw error;
        const longest = Math.min(options.retryDelayMs * 2 ** (tries - 1), LONGEST_DELAY_MS);
        await pause(error.retryAfterMs ?? Math.random() * longest, signal);
      }
    }
  };
}

async function callOnce(
  options: TransportOptions,
  functionName: string,
  parameters: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await options.fetch(`${options.supabaseUrl}/rest/v1/rpc/${functionName}`, {
      method: 'POST',
      headers: {
        apikey: options.secretKey,
        // Keys of the older kind are tokens, which the gateway wants a second time.
        ...(options.secretKey.startsWith('eyJ') ? { authorization: `Bearer ${options.secretKey}` } : {}),
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body: JSON.stringify(parameters),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    const what = timeout.aborted
      ? `gave no answer within ${options.timeoutMs / 1000} s`
      : 'could not be reached';
    throw new NetworkError(`${options.supabaseUrl} ${what}.`, { retryable: true, cause });
  }
  const answer = parseJson(text);
  if (response.ok && answer !== undefined) return answer;
  throw toError(response, answer);
}

function toError(response: Response, answer: unknown): ThreadlineError {
  const { status } = response;
  const { code, message, details } = readProblem(answer);
  if (code !== null && /^TL\d{3}$/.test(code)) return refusedError({ code, message, details });
  if (status === 401 || status === 403) {
    return new AuthenticationError('The project does not accept this secret key.');
  }
  if (status === 408 || status === 429 || status >= 500 || response.ok || isPassingError(code)) {
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'));
    return new NetworkError(`The server answered ${status}.`, { retryable: true, status, retryAfterMs });
  }
  if (code === 'PGRST202') {
    return new ServerError('The project lacks a function this client needs; apply its migrations.', {
      code,
      status,
    });
  }
  return new ServerError(`The server answered ${status}: ${message}`, { code, status });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readProblem(answer: unknown): { code: string | null; message: string; details: unknown } {
  const fields: Record<string, unknown> = { ...(typeof answer === 'object' ? answer : {}) };
  return {
    code: typeof fields['code'] === 'string' ? fields['code'] : null,
    message: typeof fields['message'] === 'string' ? fields['message'] : 'no reason given',
    details: fields['details'] ?? null,
  };
}

/** Seconds or a date (RFC 9110 §10.2.3); never more than a minute. */
function readRetryAfter(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 60_000) : null;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new DOMException('Aborted', 'AbortError'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
