declare global {
  // TypeScript does not know it yet (ECMA-262 "JSON.rawJSON").
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

// A bigint that JavaScript's numbers cannot hold, which lite would round, leaves as the digits it is.
Object.defineProperty(BigInt.prototype, 'toJSON', {
  configurable: true,
  writable: true,
  value(this: bigint) {
    return JSON.rawJSON(this.toString());
  },
});

/** How one type of column is written and read; the driver knows it by the numbers of pg_type. */
type ColumnType = {
  to: number;
  from: number[];
  serialize: (value: unknown) => unknown;
  parse: (text: string) => unknown;
};

/** PostgREST writes numerics as JSON numbers; only NaN and the infinities are texts. */
const jsonNumber: ColumnType = {
  to: 1700,
  from: [1700],
  serialize: String,
  parse: (text) => (Number.isFinite(Number(text)) ? Number(text) : text),
};

/** Values of Postgres as PostgREST's JSON has them, for the driver that lite uses. */
export const columnTypes = {
  timestamp: isoTime(1114),
  timestamptz: isoTime(1184),
  numeric: jsonNumber,
  json: jsonValue(114),
  jsonb: jsonValue(3802),
  bytea: {
    to: 17,
    from: [17],
    serialize: (value: unknown) =>
      value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value,
    // Postgres' own text, `\xdead`.
    parse: (text: string) => text,
  },
} satisfies Record<string, ColumnType>;

/** lite hands values of columns on as they are, but JSON arguments of functions as JSON texts. */
function jsonValue(oid: number): ColumnType {
  return {
    to: oid,
    from: [oid],
    serialize: (value) => (typeof value === 'string' && isJson(value) ? value : JSON.stringify(value)),
    parse: (text): unknown => JSON.parse(text),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Times leave as PostgREST's JSON writes them: `2026-11-20T09:00:00.5+00:00`, not Postgres' own text form. */
function isoTime(oid: number): ColumnType {
  return {
    to: oid,
    from: [oid],
    serialize: (value) => value,
    parse: (text) => text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'),
  };
}
