/** E.164, or null when the text is no phone number. Ten digits are taken for a number of the North American plan. */
export function readPhoneNumber(text) {
  const trimmed = text.trim();
  if (!/^\+?[\d\s().-]+$/.test(trimmed)) return null;
  const digits = trimmed.replaceAll(/\D/g, '');
  const national = trimmed.startsWith('+') ? digits : digits.length === 10 ? `1${digits}` : digits;
  if (national.startsWith('1')) return /^1[2-9]\d{9}$/.test(national) ? `+${national}` : null;
  return trimmed.startsWith('+') && /^[2-9]\d{6,14}$/.test(national) ? `+${national}` : null;
}

/** `(312) 555-0142` for numbers of the North American plan, E.164 for all others. */
export function formatPhoneNumber(phoneNumber) {
  const [, area, exchange, line] = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(phoneNumber) ?? [];
  return area ? `(${area}) ${exchange}-${line}` : phoneNumber;
}

const areaCodes = ['202', '206', '303', '312', '404', '415', '512', '602', '615', '617', '702', '917'];

/** A number nobody has: 555-0100 to 555-0199 are kept for fiction in every area code. */
export function inventPhoneNumber() {
  const area = areaCodes[Math.floor(Math.random() * areaCodes.length)];
  return `+1${area}55501${String(Math.floor(Math.random() * 100)).padStart(2, '0')}`;
}

/** The same hue for the same number, every time. */
export function hueOf(phoneNumber) {
  let hash = 7;
  for (const digit of phoneNumber) hash = (hash * 31 + digit.charCodeAt(0)) % 360;
  return hash;
}
