import fc from 'fast-check';
import postgres from 'postgres';
import { afterAll, expect, inject, test } from 'vitest';
import { parseTemplate, renderTemplate } from '@threadline/messaging/template';

const sql = postgres(inject('stack').dbUrl, { max: 1, onnotice: () => {} });
afterAll(async () => sql.end());

const piece = fc.oneof(
  fc.constantFrom(
    '{{ a }}',
    '{{b}}',
    '{{-c -}}',
    '{{\n\ta_1\u00a0}}',
    '{{\u2003a\u3000}}',
    '{{\u180ea\ufeff| upcase}}',
    '{{ a | upcase }}',
    '{{ d | default: "x y" }}',
    "{{ e|default:'' | capitalize }}",
    '{{ f | date: "%A", "UTC" }}',
    '{{ g | default: "|" }}',
    '{{ h | default: "it\'s" | downcase }}',
  ),
  fc.constantFrom('{{', '}}', '{', '}', '{{{', '|', '"', 'a', ' ', '\n', '😀', '\u2003', 'default:'),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
);

test('what the parser takes, the database takes too', async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
      const body = pieces.join('');
      const parsed = parseTemplate(body);
      if (!parsed.ok) return;
      taken += 1;
      await sql`select private.check_template(${body}, ${JSON.stringify(parsed.variables)}::text::jsonb)`;
    }),
    { numRuns: 600 },
  );
  expect(taken).toBeGreaterThan(50);
});

test('what the renderer misses or fills in, the database does too', async () => {
  const body = '{{ a }} {{ b }} {{ c | default: "x" }}';
  const parsed = parseTemplate(body);
  const variables = JSON.stringify(parsed.ok ? parsed.variables : []);
  const blank = fc
    .array(fc.constantFrom(' ', '\n', '\t', '\u00a0', '\ufeff', '\u200b', '\u2003', '\u0085'))
    .map((all) => all.join(''));
  const value = fc.oneof(blank, fc.constantFrom(null, 0, 1.5, true, false, 'x', [], {}, ['x'], { a: 'x' }));
  const values = fc.record({ a: value, b: value, c: value, d: value }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(values, async (given) => {
      const [row] = await sql<{ missing: string[]; filled: string[] }[]>`
        select private.missing_variables(v, g) as missing, private.template_values(v, g) as filled
        from jsonb_populate_record(
          null::public.template_versions, jsonb_build_object('variables', ${variables}::text::jsonb)
        ) v, (select ${JSON.stringify(given)}::text::jsonb) given (g)`;
      const rendered = renderTemplate(body, given);
      expect(row?.missing).toEqual(rendered.ok ? [] : rendered.missing);
      if (rendered.ok) expect(row?.filled.join(' ')).toBe(rendered.text);
    }),
    { numRuns: 300 },
  );
});
