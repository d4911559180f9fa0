import { timingSafeEqual } from 'node:crypto';
import { jwtVerify, type JWTPayload } from 'jose';

/** What a key stands for. `secret` keys are refused in browsers, legacy ones (JWTs) are not, as on hosted. */
export type ApiKey = { type: 'publishable' | 'secret' | 'legacy'; claims: JWTPayload & { role: string } };

export type ApiKeys = {
  resolve(key: string): Promise<ApiKey | null>;
};

/** Recognizes the two opaque keys, and any JWT of role anon or service_role that we signed. */
export function createApiKeys(keys: {
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
}): ApiKeys {
  const secret = new TextEncoder().encode(keys.jwtSecret);
  return {
    async resolve(key) {
      if (sameText(key, keys.publishableKey)) return { type: 'publishable', claims: { role: 'anon' } };
      if (sameText(key, keys.secretKey)) return { type: 'secret', claims: { role: 'service_role' } };
      if (key.startsWith('sb_')) return null;
      const payload = await jwtVerify(key, secret, { algorithms: ['HS256'] }).then(
        (verified) => verified.payload,
        () => null,
      );
      const role = payload?.['role'];
      if (!payload || (role !== 'anon' && role !== 'service_role')) return null;
      return { type: 'legacy', claims: { ...payload, role } };
    },
  };
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
