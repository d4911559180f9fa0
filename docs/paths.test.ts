import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = globSync(['*.md', 'docs/**/*.md', '{packages,web,worker,supabase}/**/*.md'], {
  cwd: root,
  exclude: ['**/node_modules/**', '**/.*/**', '**/build/**'],
});

const fences = /^(```|~~~)[\s\S]*?^\1/gm;
const link = /\]\((?!\w+:)(?<path>[^)#\s]*)(?:#(?<anchor>[^)\s]*))?\)/g;
const codePath = /`(?<path>(?:packages|web|worker|supabase|docs)\/[\w.@/+[\]()-]*)(?::\d+)?`/g;

/** The anchor GitHub gives a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const anchorsOf = (path: string) =>
  Array.from(
    read(path)
      .replace(fences, '')
      .matchAll(/^#+ (?<heading>.+)$/gm),
    ({ groups }) => anchorOf(groups?.['heading'] ?? ''),
  );

describe.each(pages)('%s', (page) => {
  const prose = read(page).replace(fences, '');

  it('links only to files and headings that exist', () => {
    const broken = [...prose.matchAll(link)].filter(({ groups }) => {
      const target = groups?.['path'] === '' ? page : join(dirname(page), groups?.['path'] ?? '');
      if (!existsSync(join(root, target))) return true;
      const anchor = groups?.['anchor'];
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(broken.map(([text]) => text)).toEqual([]);
  });

  it('names only paths that exist', () => {
    const named = Array.from(prose.matchAll(codePath), ({ groups }) => groups?.['path'] ?? '');
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

it('lists every decision, with the status it has', () => {
  const index = read('docs/decisions/README.md');
  const records = globSync('docs/decisions/[0-9]*.md', { cwd: root }).toSorted();
  const rows = records.map((path) => {
    const [, number, title] = /^# (\d{4}) (.+)$/m.exec(read(path)) ?? [];
    const [, status] = /^Status: (.+)$/m.exec(read(path)) ?? [];
    return `| ${number ?? path} | [${title ?? ''}](${basename(path)}) | ${status ?? ''} |`;
  });
  const listed = index.split('\n').map((line) => line.replace(/ +\|/g, ' |'));
  expect(rows.filter((row) => !listed.includes(row))).toEqual([]);
});
