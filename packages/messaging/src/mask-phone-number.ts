/**
 * A phone number fit for a log line: its last four digits, everything before them starred.
 * Input is any text; what is too short to keep four digits secret comes back as stars alone.
 */
export function maskPhoneNumber(phoneNumber: string): string {
  const digits = phoneNumber.replace(/\D/g, '');
  if (digits.length < 8) return '****';
  const plus = phoneNumber.trimStart().startsWith('+') ? '+' : '';
  return plus + '*'.repeat(digits.length - 4) + digits.slice(-4);
}
