/** How long one SQL function may take, in milliseconds: below the 15 s after which a carrier gives up on us. */
const RPC_TIMEOUT_MS = 8_000;

/** The database did not do what it was asked: no answer, or an answer that is an error. */
export class RpcFailure extends Error {
  /** True when nothing is known to be wrong with the request itself, so that trying again makes sense. */
  readonly transient: boolean;
  /** SQLSTATE or the like, where there was one. */
  readonly code: string | null;

  constructor(failure: { transient: boolean; code: string | null; cause?: unknown }) {
    super(`rpc failed${failure.code === null ? '' : ` with ${failure.code}`}`, { cause: failure.cause });
    this.name = 'RpcFailure';
    this.transient = failure.transient;
    this.code = failure.code;
  }
}

/** Calls one SQL function by name; answers its JSON result. @throws RpcFailure */
export type Rpc = (functionName: string, parameters: Readonly<Record<string, unknown>>) => Promise<unknown>;

export function createRpc(options: { supabaseUrl: string; secretKey: string; timeoutMs?: number }): Rpc {
  const timeoutMs = options.timeoutMs ?? RPC_TIMEOUT_MS;
  return async (functionName, parameters) => {
    let status: number;
    let text: string;
    try {
      const response = await fetch(`${options.supabaseUrl}/rest/v1/rpc/${functionName}`, {
        method: 'POST',
        headers: {
          apikey: options.secretKey,
          'content-type': 'application/json',
          accept: 'application/json',
        },
        body: JSON.stringify(parameters),
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      text = await response.text();
    } catch (cause) {
      throw new RpcFailure({ transient: true, code: null, cause });
    }
    const answer = parseJson(text);
    if (status >= 200 && status < 300 && answer.ok) return answer.value;
    throw new RpcFailure({
      transient: status >= 500 || status === 429 || status < 400,
      code: errorCode(answer),
    });
  };
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

/** Only a code: the message and details of a database error may quote what the customer wrote. */
function errorCode(answer: { ok: true; value: unknown } | { ok: false }): string | null {
  if (!answer.ok || typeof answer.value !== 'object' || answer.value === null || !('code' in answer.value)) {
    return null;
  }
  const { code } = answer.value;
  return typeof code === 'string' && /^[A-Za-z0-9_]{1,20}$/.test(code) ? code : null;
}
