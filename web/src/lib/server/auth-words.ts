import { isAuthRetryableFetchError, type AuthError } from '@supabase/supabase-js';

const byCode: Record<string, string> = {
  invalid_credentials: 'That email address and password do not match.',
  email_not_confirmed: 'Confirm your email address first: open the link we sent you.',
  user_already_exists: 'There is an account with this email address already. Sign in instead.',
  email_exists: 'There is an account with this email address already. Sign in instead.',
  weak_password: 'Choose a longer password.',
  over_request_rate_limit: 'Too many attempts. Wait a minute and try again.',
  signup_disabled: 'New accounts are switched off here. Ask an admin for help.',
  user_banned: 'This account is blocked. Ask an admin for help.',
};

/** What went wrong with signing in or up, for the person who tried. */
export function explainAuthError(error: AuthError): string {
  if (isAuthRetryableFetchError(error))
    return 'Threadline cannot be reached right now. Try again in a moment.';
  const known = byCode[error.code ?? ''];
  if (known !== undefined) return known;
  // Auth servers that give no code still mean this when a password was refused.
  if (error.status === 400) return 'That email address and password do not match.';
  return 'Something went wrong on our side. Try again in a moment.';
}
