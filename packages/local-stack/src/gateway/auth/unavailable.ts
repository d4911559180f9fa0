import { z } from 'zod';
import { AuthProblem } from './auth-problem.ts';

const phoneSchema = z.looseObject({ phone: z.string().min(1) });
const factorSchema = z.looseObject({ factor_type: z.string().default('totp') });

/**
 * Refuses what the embedded Auth does not offer the way a hosted project does where it is switched off, so that clients
 * know what they are told. @throws AuthProblem
 */
export function refuseUnavailable(method: string, path: string, body: unknown): void {
  if (method !== 'POST') return;
  if (path === '/factors') {
    const kind = factorSchema.safeParse(body).data?.factor_type ?? 'totp';
    throw new AuthProblem(
      422,
      `mfa_${kind}_enroll_not_enabled`,
      `MFA enroll is disabled for ${kind.toUpperCase()}`,
    );
  }
  if (!phoneSchema.safeParse(body).success) return;
  if (path === '/signup') throw new AuthProblem(400, 'phone_provider_disabled', 'Phone signups are disabled');
  if (path === '/otp') throw new AuthProblem(400, 'phone_provider_disabled', 'Unsupported phone provider');
  if (path === '/token') throw new AuthProblem(422, 'phone_provider_disabled', 'Phone logins are disabled');
}
