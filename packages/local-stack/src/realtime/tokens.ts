import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose';
import { isJsonObject, parseJson } from './json.ts';
import type { JsonObject } from './json.ts';

/** What a verified token or key says about its bearer. */
export type Claims = JsonObject & { role: string };

export type Bearer = {
  claims: Claims;
  /** Milliseconds since 1970; undefined for opaque keys, which do not expire. */
  expiresAt: number | undefined;
};

/** Why a token was refused; `code` prefixes join reasons, `message` stands alone in system messages. */
export type TokenRefusal = {
  code: 'InvalidJWTToken' | 'MalformedJWT' | 'JwtSignatureError' | 'JwtSignerError';
  message: string;
};

export type TokenOutcome = { ok: true; bearer: Bearer } | { ok: false; refusal: TokenRefusal };

export type KeyRing = { publishableKey: string; secretKey: string; jwtSecret: string };

const algorithms = ['HS256', 'HS384', 'HS512'];

export function isOpaqueKey(token: string): boolean {
  return token.startsWith('sb_');
}

/**
 * Verifies tokens and keys. On hosted the gateway exchanges opaque keys for tokens; here there is none, so their
 * claims are made up on the spot.
 */
export class TokenVerifier {
  readonly #keys: KeyRing;
  readonly #secret: Uint8Array;
  readonly #now: () => number;

  constructor(keys: KeyRing, now: () => number = Date.now) {
    this.#keys = keys;
    this.#secret = new TextEncoder().encode(keys.jwtSecret);
    this.#now = now;
  }

  /** Verifies a user token or an opaque key. */
  async verify(token: string): Promise<TokenOutcome> {
    if (token === this.#keys.publishableKey) return keyBearer('anon');
    if (token === this.#keys.secretKey) return keyBearer('service_role');
    return this.#verifyJwt(clean(token));
  }

  async #verifyJwt(token: string): Promise<TokenOutcome> {
    const signer = peekSigner(token);
    if (!signer) return refuse('MalformedJWT', 'The token provided is not a valid JWT');
    if (!algorithms.includes(signer.algorithm)) return refuse('JwtSignerError', signerMessage(signer.keyId));
    try {
      const { payload } = await compactVerify(token, this.#secret, { algorithms });
      const claims = parseJson(new TextDecoder().decode(payload));
      return this.#acceptClaims(isJsonObject(claims) ? claims : {});
    } catch {
      return refuse('JwtSignatureError', 'Failed to validate JWT signature');
    }
  }

  #acceptClaims(payload: JsonObject): TokenOutcome {
    const { exp, role } = payload;
    const seconds = Math.floor(this.#now() / 1000);
    if (typeof exp === 'number' && exp <= seconds) {
      return refuse('InvalidJWTToken', expiredMessage(exp, this.#now()));
    }
    if (exp === undefined || role === undefined) {
      return refuse('InvalidJWTToken', 'Fields `role` and `exp` are required in JWT');
    }
    if (typeof exp !== 'number' || !Number.isInteger(exp) || typeof role !== 'string') {
      return refuse('InvalidJWTToken', 'Token expiration time is invalid');
    }
    return { ok: true, bearer: { claims: { ...payload, role }, expiresAt: exp * 1000 } };
  }
}

/** @param exp seconds since 1970 @param now milliseconds since 1970 */
export function expiredMessage(exp: number, now: number): string {
  return `Token has expired ${Math.max(0, Math.floor(now / 1000) - exp)} seconds ago`;
}

function keyBearer(role: string): TokenOutcome {
  return { ok: true, bearer: { claims: { role }, expiresAt: undefined } };
}

function refuse(code: TokenRefusal['code'], message: string): TokenOutcome {
  return { ok: false, refusal: { code, message } };
}

/** Browsers sometimes percent-encode the key or break its lines. */
function clean(token: string): string {
  try {
    return decodeURIComponent(token).replaceAll(/\s/g, '');
  } catch {
    return token;
  }
}

function peekSigner(token: string): { algorithm: string; keyId: string | undefined } | undefined {
  try {
    if (!isJsonObject(decodeJwt(token))) return undefined;
    const { alg, kid } = decodeProtectedHeader(token);
    return { algorithm: alg ?? 'none', keyId: typeof kid === 'string' ? kid : undefined };
  } catch {
    return undefined;
  }
}

function signerMessage(keyId: string | undefined): string {
  const which = keyId === undefined ? '' : ` for key ID (kid) ${JSON.stringify(keyId)}`;
  return `Failed to generate JWT signer${which}, check your JWT secret or JWKS configuration`;
}
