import type { Machine, Versions } from './machine.ts';

/** Columns and rows as they are printed; numbers are aligned to the right. */
export type Table = { title: string; columns: readonly string[]; rows: readonly (readonly Cell[])[] };
export type Cell = string | number;

/** What one bench found. `tables` are for people and stay out of the JSON. */
export type Findings = {
  results: Readonly<Record<string, unknown>>;
  /** Ours against a peer, or with against without: above 1 is better for us unless the name says otherwise. */
  ratios: Readonly<Record<string, number>>;
  tables: readonly Table[];
  /** Single-row commits a second that the database can make durable, from eight connections at once. */
  commitRate?: number;
  /** Creates a second that plain undici gets through the simulated carrier. */
  httpRate?: number;
  /** A bench that judges (chaos) says here whether everything held. */
  passed?: boolean;
};

export type Report = Omit<Findings, 'tables'> & {
  bench: string;
  at: string;
  machine: Machine;
  versions: Versions;
  options: Readonly<Record<string, unknown>>;
};

export function printTable({ title, columns, rows }: Table): string {
  const texts = [columns, ...rows.map((row) => row.map((cell) => format(cell)))];
  const widths = columns.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)));
  const lines = texts.map((row, index) =>
    row
      .map((text, column) =>
        pad(text, widths[column] ?? 0, index > 0 && typeof rows[index - 1]?.[column] === 'number'),
      )
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [title, lines[0], rule, ...lines.slice(1)].join('\n');
}

function pad(text: string, width: number, isNumber: boolean): string {
  return isNumber ? text.padStart(width) : text.padEnd(width);
}

function format(cell: Cell): string {
  return typeof cell === 'number' ? cell.toLocaleString('en-US', { maximumFractionDigits: 2 }) : cell;
}
