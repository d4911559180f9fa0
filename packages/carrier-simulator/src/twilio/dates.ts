let lastSecond = -1;
let lastText = '';

/** RFC 2822 in GMT, as every date of the classic API: `Thu, 24 Aug 2023 05:01:45 +0000`. */
export function toTwilioDate(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  // Messages come thousands to the second; their dates are written once.
  if (second !== lastSecond) {
    lastText = new Date(epochMs).toUTCString().replace('GMT', '+0000');
    lastSecond = second;
  }
  return lastText;
}

/** Delivery receipts carry `YYMMDDhhmm` without a zone (Twilio changelog 2023-02-14). */
export function toReceiptDate(epochMs: number): string {
  const iso = new Date(epochMs).toISOString();
  return iso.slice(2, 16).replaceAll(/[-T:]/g, '');
}

/** A date or date-time of a list filter, as the half-open span of milliseconds it covers; null when unreadable. */
export function readFilterSpan(text: string): { from: number; until: number } | null {
  const start = Date.parse(text);
  if (Number.isNaN(start)) return null;
  const wholeDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  return { from: start, until: start + (wholeDay ? 86_400_000 : 1000) };
}
