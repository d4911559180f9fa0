import fc from 'fast-check';
import { Liquid } from 'liquidjs';
import { describe, expect, it } from 'vitest';
import { MAX_TEMPLATE_LENGTH, MAX_TEXT_LENGTH, parseTemplate, renderTemplate } from './template.ts';

const reminder =
  'Hi {{ first_name | default: "there" | capitalize }}, see you {{ starts_at | date: "%A, %B %-d at %-I:%M %p", "America/New_York" }} at {{ clinic }}.';

const problemsOf = (body: string) => {
  const parsed = parseTemplate(body);
  return parsed.ok ? [] : parsed.problems;
};

describe('reading a template', () => {
  it('lists each variable once, with its default', () => {
    expect(parseTemplate(`${reminder} {{clinic}} {{-clinic-}}`)).toEqual({
      ok: true,
      variables: [
        { name: 'first_name', required: false, default: 'there' },
        { name: 'starts_at', required: true, default: null },
        { name: 'clinic', required: true, default: null },
      ],
    });
  });

  it('takes a text without any variable', () => {
    expect(parseTemplate('We are open. }} 100 % {sure}')).toEqual({ ok: true, variables: [] });
  });

  it('takes an empty default for what may be left out', () => {
    expect(parseTemplate('Hi{{ suffix | default: "" }}')).toEqual({
      ok: true,
      variables: [{ name: 'suffix', required: false, default: '' }],
    });
  });

  it.each([
    ['nothing', ' \n ', /empty/],
    ['a tag', '{% if a %}x{% endif %}', /no \{% tags %\}/],
    ['a loop', '{%- for i in (1..1000000000) -%}{%- endfor -%}', /no \{% tags %\}/],
    ['raw text', '{% raw %}{{ a }}{% endraw %}', /no \{% tags %\}/],
    ['an inclusion', "{% render 'secrets' %}", /no \{% tags %\}/],
    ['an open placeholder', 'Hi {{ name', /never closed/],
    ['an empty placeholder', 'Hi {{ }}', /belongs the name/],
    ['three braces', '{{{ name }}}', /belongs the name/],
    ['two names', '{{ first last }}', /one name/],
    ['a path', '{{ contact.name }}', /one name/],
    ['an index', '{{ names[0] }}', /one name/],
    ['a literal', '{{ "name" }}', /one name/],
    ['a word of the language', '{{ true }}', /one name/],
    ['a number', '{{ 1 }}', /one name/],
    ['a range', '{{ (1..3) }}', /one name/],
    ['a comparison', '{{ a == b }}', /one name/],
    ['a name with a hyphen', '{{ first-name }}', /one name/],
    ['a name beyond ASCII', '{{ naïve }}', /one name/],
    ['a name of 64 characters', `{{ ${'a'.repeat(64)} }}`, /one name/],
    ['an unknown filter', '{{ a | escape }}', /no filter "escape".*default, upcase/],
    ['a filter that could grow a text', '{{ a | append: a }}', /no filter "append"/],
    ['a filter of the prototype', '{{ a | constructor }}', /no filter "constructor"/],
    ['a default without a text', '{{ a | default }}', /default needs one text/],
    ['a variable as default', '{{ a | default: b }}', /default needs one text/],
    ['a named argument', '{{ a | default: "x", allow_false: true }}', /default needs one text/],
    ['a placeholder in a default', '{{ a | default: "{{ b }}" }}', /cannot have/],
    ['a late default', '{{ a | upcase | default: "x" }}', /default first/],
    ['two defaults of one variable', '{{ a | default: "x" }} {{ a }}', /same default/],
    ['an argument for upcase', '{{ a | upcase: "x" }}', /takes nothing/],
    ['a date without a zone', '{{ a | date: "%A" }}', /format and a time zone/],
    ['a date with an offset', '{{ a | date: "%A", "+05:00" }}', /time zone "\+05:00"/],
    ['a date with a variable zone', '{{ a | date: "%A", zone }}', /format and a time zone/],
    ['a zone that does not exist', '{{ a | date: "%A", "America/Springfield" }}', /time zone "America\/Spr/],
    ['a padded date', '{{ a | date: "%9999999d", "UTC" }}', /does not know the format/],
    ['a format of the locale', '{{ a | date: "%c", "UTC" }}', /does not know the format/],
    ['a date of a text', '{{ a | upcase | date: "%A", "UTC" }}', /date before/],
    ['two dates', '{{ a | date: "%A", "UTC" | date: "%A", "UTC" }}', /date before/],
    [
      'a default that is no date',
      '{{ a | default: "soon" | date: "%A", "UTC" }}',
      /default of "a" is not a moment/,
    ],
    ['what Postgres cannot store', 'Hi \0', /cannot be stored/],
    ['half of an emoji', 'Hi \ud83d', /cannot be stored/],
    ['more than the most', 'x'.repeat(MAX_TEMPLATE_LENGTH + 1), /4001 characters; 4000/],
  ])('refuses %s', (_what, body, message) => {
    expect(problemsOf(body)).toEqual([{ message: expect.stringMatching(message), line: 1 }]);
  });

  it('names the line of every problem', () => {
    expect(problemsOf('{{ a.b }}\nfine {{ ok }}\n\n{{ c | nope }}').map(({ line }) => line)).toEqual([1, 4]);
    expect(problemsOf('a\n{% b %}\nc\n{% d %}').map(({ line }) => line)).toEqual([2, 4]);
    expect(problemsOf('a\n\n{{ b').map(({ line }) => line)).toEqual([3]);
  });
});

describe('rendering a template', () => {
  const values = { first_name: 'MARIA', starts_at: '2026-11-02T14:30:00Z', clinic: 'Main St' };

  it('fills in values and filters', () => {
    expect(renderTemplate(reminder, values)).toEqual({
      ok: true,
      text: 'Hi Maria, see you Monday, November 2 at 9:30 AM at Main St.',
    });
  });

  it.each([
    ['left out', {}],
    ['null', { first_name: null }],
    ['blank', { first_name: ' ' }],
    ['a list', { first_name: ['x'] }],
  ])('uses the default for what is %s', (_what, without) => {
    const { first_name: _, ...others } = values;
    expect(renderTemplate(reminder, { ...others, ...without })).toMatchObject({
      ok: true,
      text: expect.stringMatching(/^Hi There, /),
    });
  });

  it('refuses to render without the values it needs, and names them', () => {
    expect(renderTemplate(reminder, { clinic: '', first_name: 'x' })).toEqual({
      ok: false,
      missing: ['starts_at', 'clinic'],
      problems: [],
    });
  });

  it('takes numbers and booleans as text', () => {
    expect(renderTemplate('{{ a }} {{ b }} {{ c }}', { a: 0, b: false, c: 1.5 })).toEqual({
      ok: true,
      text: '0 false 1.5',
    });
    expect(renderTemplate('{{ a }}', { a: Number.NaN })).toMatchObject({ missing: ['a'] });
  });

  it('ignores values nobody asked for', () => {
    expect(renderTemplate('Hi', { other: 'x' })).toEqual({ ok: true, text: 'Hi' });
  });

  it('looks at own properties only', () => {
    const inherited: Record<string, string> = Object.create({ name: 'x' });
    expect(renderTemplate('{{ name }}', inherited)).toMatchObject({ ok: false, missing: ['name'] });
    expect(renderTemplate('{{ constructor }} {{ __proto__ }}', {})).toMatchObject({
      missing: ['constructor', '__proto__'],
    });
  });

  it('follows the clocks of the zone it names, on both nights they change', () => {
    const at = (instant: string, zone = 'America/New_York') =>
      renderTemplate(`{{ at | date: "%-I:%M %p", "${zone}" }}`, { at: instant });
    expect(at('2026-03-08T06:59:00Z')).toEqual({ ok: true, text: '1:59 AM' });
    expect(at('2026-03-08T07:00:00Z')).toEqual({ ok: true, text: '3:00 AM' });
    expect(at('2026-11-01T01:30:00-04:00')).toEqual({ ok: true, text: '1:30 AM' });
    expect(at('2026-11-01T01:30:00-05:00')).toEqual({ ok: true, text: '1:30 AM' });
    expect(at('2026-07-01T12:00:00Z', 'America/Phoenix')).toEqual({ ok: true, text: '5:00 AM' });
    expect(at('2026-07-01T12:00:00Z', 'Asia/Kathmandu')).toEqual({ ok: true, text: '5:45 PM' });
  });

  it('writes every part of a date the way the engine does', () => {
    const format = '%a %A %b %B %d %e %H %I %j %k %l %m %M %p %P %S %y %Y %% %-d %-I %-m %-j %^a %^B';
    const liquid = new Liquid({ locale: 'en-US' });
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1971-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }),
        fc.constantFrom('UTC', 'America/New_York', 'America/Phoenix', 'Asia/Kathmandu', 'Pacific/Chatham'),
        (date, zone) => {
          // The engine looks the offset up to the second only.
          date.setUTCMilliseconds(0);
          const body = `{{ at | date: "${format}", "${zone}" }}`;
          const values = { at: date.toISOString() };
          expect(renderTemplate(body, values)).toEqual({
            ok: true,
            text: liquid.parseAndRenderSync(body, values),
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(['tomorrow', '2026-11-02', '2026-11-02T14:30:00', '2026-02-30T10:00:00Z', '1767225600'])(
    'refuses %s where a moment is needed',
    (at) => {
      expect(renderTemplate('{{ at | date: "%A", "UTC" }}', { at })).toEqual({
        ok: false,
        missing: [],
        problems: [{ message: expect.stringMatching(/"at" is not a moment/), line: 1 }],
      });
    },
  );

  it('refuses a text no carrier takes', () => {
    const most = 'x'.repeat(MAX_TEXT_LENGTH);
    expect(renderTemplate('{{ a }}', { a: most })).toEqual({ ok: true, text: most });
    expect(renderTemplate('{{ a }}!', { a: most })).toMatchObject({
      ok: false,
      problems: [{ message: 'The text has 1601 characters; 1600 is the most.' }],
    });
    expect(renderTemplate('{{ a }}', { a: `${most}x` })).toMatchObject({
      problems: [{ message: 'The value of "a" is too long.' }],
    });
  });
});

describe('whatever is thrown at it', () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,10}$/).filter((word) => !literals.has(word));
  const literals = new Set([
    'true',
    'false',
    'nil',
    'null',
    'empty',
    'blank',
    'and',
    'or',
    'not',
    'contains',
  ]);
  const plain = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !/[{}\0]/.test(text));
  const snippet = fc.constantFrom(
    '{{',
    '}}',
    '{%',
    '%}',
    '|',
    'default:',
    '"',
    "'",
    ' a ',
    '\n',
    '-',
    'date',
    '.',
  );

  it('parses or explains, and never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(snippet, fc.string()), { maxLength: 20 }), (parts) => {
        const body = parts.join('');
        const parsed = parseTemplate(body);
        if (!parsed.ok) expect(parsed.problems.length).toBeGreaterThan(0);
        const rendered = renderTemplate(body, { a: 'x' });
        if (rendered.ok) expect(parsed.ok).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves text between placeholders as it is', () => {
    fc.assert(
      fc.property(fc.array(plain, { minLength: 2, maxLength: 5 }), (parts) => {
        fc.pre(parts.join('').trim() !== '');
        expect(renderTemplate(parts.join('{{ v }}'), { v: '#' })).toEqual({
          ok: true,
          text: parts.join('#'),
        });
      }),
    );
  });

  it('takes values literally, whatever they look like', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(snippet, fc.string()), { minLength: 1 }), (parts) => {
        const value = parts.join('');
        fc.pre(value.trim() !== '' && value.length <= MAX_TEXT_LENGTH - 2);
        expect(renderTemplate('<{{ a }}>', { a: value, b: 'secret' })).toEqual({
          ok: true,
          text: `<${value}>`,
        });
      }),
    );
  });

  it('misses exactly the required names that have no value', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 8 }), fc.array(fc.boolean()), (names, given) => {
        const body = `x ${names.map((each) => `{{ ${each} }}`).join(' ')}`;
        const values = Object.fromEntries(
          names.filter((_, n) => given[n] === true).map((each) => [each, 'v']),
        );
        const absent = names.filter((_, n) => given[n] !== true);
        const rendered = renderTemplate(body, values);
        expect(rendered.ok ? [] : rendered.missing).toEqual(absent);
      }),
    );
  });

  it('keeps a default as it was quoted', () => {
    fc.assert(
      fc.property(
        plain.filter((text) => !/["\\%]/.test(text)),
        (fallback) => {
          const parsed = parseTemplate(`{{ a | default: "${fallback}" }}!`);
          expect(parsed).toEqual({
            ok: true,
            variables: [{ name: 'a', required: false, default: fallback }],
          });
          expect(renderTemplate(`{{ a | default: "${fallback}" }}!`, {})).toEqual({
            ok: true,
            text: `${fallback}!`,
          });
        },
      ),
    );
  });
});
