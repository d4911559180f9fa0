import { scanSql } from './sql-script.ts';
import type { Finding, SqlScript, Token } from './sql-script.ts';

const dollarQuoted = /^(?<delimiter>\$\w*\$)(?<body>[\s\S]*)\k<delimiter>$/;

/** Keywords and names in lower case, also inside dollar quotes, where formatters rarely look. */
export function lowerCase(script: SqlScript): Finding[] {
  return [...wordsOf(script.tokens, 0)]
    .filter(({ text }) => !text.startsWith('"') && text !== text.toLowerCase())
    .map(({ text, start }) => ({
      path: script.path,
      line: script.lineAt(start),
      rule: 'lower-case',
      message: `Write ${text} in lower case.`,
    }));
}

function* wordsOf(tokens: Token[], offset: number): Generator<{ text: string; start: number }> {
  for (const { kind, text, start } of tokens) {
    if (kind === 'word') yield { text, start: offset + start };
    const quoted = kind === 'string' ? dollarQuoted.exec(text)?.groups : undefined;
    if (quoted?.['body'] !== undefined && quoted['delimiter'] !== undefined) {
      yield* wordsOf(scanSql(quoted['body']), offset + start + quoted['delimiter'].length);
    }
  }
}
