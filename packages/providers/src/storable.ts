/**
 * The same text as Postgres can keep it: without NUL, which stands for nothing a person wrote, and with U+FFFD for half of a
 * surrogate pair. One such character in a body would otherwise have the whole event refused, and the text lost.
 */
function storableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableValue);
  return typeof value === 'object' && value !== null ? storableFields({ ...value }) : value;
}

/** What a carrier said, field by field, with every text as the database can keep it. */
export function storableFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [storableText(name), storableValue(value)]),
  );
}
