import { loadModule, parseSync, scanSync, hasSqlDetails } from 'libpg-query';
import type { Node, ScanToken } from 'libpg-query';

await loadModule();

export interface Finding {
  path: string;
  line: number;
  rule: string;
  /** What is wrong and how to put it right, one sentence. */
  message: string;
}

export interface Token extends Pick<ScanToken, 'text' | 'start' | 'end'> {
  kind: 'comment' | 'string' | 'word' | 'other';
}

export interface Statement {
  node: Node;
  line: number;
  tokens: Token[];
}

/** A file of SQL as Postgres's own scanner and parser see it. All offsets are in bytes, as Postgres counts. */
export interface SqlScript {
  path: string;
  tokens: Token[];
  statements: Statement[];
  /** Set where Postgres cannot parse the file; `statements` is then empty. */
  syntaxError: Finding | null;
  lineAt: (offset: number) => number;
}

/** Reads one file. A syntax error is a finding, not an exception. */
export function readSqlScript(path: string, text: string): SqlScript {
  const lineAt = lineCounter(text);
  try {
    const tokens = scanSql(text);
    const statements = (parseSync(text).stmts ?? []).flatMap(
      ({ stmt, stmt_location: start = 0, stmt_len: length }) => {
        if (stmt === undefined) return [];
        const end = length === undefined ? Number.POSITIVE_INFINITY : start + length;
        const own = tokens.filter((token) => token.start >= start && token.end <= end);
        const first = own.find(({ kind }) => kind !== 'comment');
        return [{ node: stmt, line: lineAt(first?.start ?? start), tokens: own }];
      },
    );
    return { path, tokens, statements, syntaxError: null, lineAt };
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    const line = lineAt(error.sqlDetails?.cursorPosition ?? 0);
    const syntaxError = { path, line, rule: 'syntax', message: error.message };
    return { path, tokens: [], statements: [], syntaxError, lineAt };
  }
}

/** Splits SQL, or the body of a function in SQL or PL/pgSQL, into tokens. */
export function scanSql(text: string): Token[] {
  return scanSync(text).tokens.map(({ text: tokenText, start, end, tokenName, keywordKind }) => ({
    text: tokenText,
    start,
    end,
    kind: tokenKind(tokenName, keywordKind),
  }));
}

function tokenKind(tokenName: string, keywordKind: number): Token['kind'] {
  if (tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT') return 'comment';
  if (tokenName.endsWith('CONST')) return 'string';
  return keywordKind > 0 || tokenName === 'IDENT' ? 'word' : 'other';
}

function lineCounter(text: string): (offset: number) => number {
  const bytes = Buffer.from(text);
  const lineStarts = [0];
  for (const [index, byte] of bytes.entries()) if (byte === 0x0a) lineStarts.push(index + 1);
  return (offset) => lineStarts.findLastIndex((start) => start <= offset) + 1;
}
