import { readTemplate } from './template-reading.ts';
import type { TemplateProblem, TemplateVariable } from './template-reading.ts';
import { findDateProblem } from './template-date.ts';
import { engine } from './template-engine.ts';

export type { TemplateProblem, TemplateVariable } from './template-reading.ts';
export { MAX_TEMPLATE_LENGTH } from './template-reading.ts';

/** The longest text carriers take, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 1600;

/** What a template is filled with. Anything else than these counts as missing. */
export type TemplateValues = Readonly<Record<string, unknown>>;

export type ParsedTemplate =
  | { readonly ok: true; readonly variables: readonly TemplateVariable[] }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

export type RenderedTemplate =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      /** Required variables without a value, in the order in which the template names them. */
      readonly missing: readonly string[];
      /** What else is wrong: with the template, with a value, or with the length of the text. */
      readonly problems: readonly TemplateProblem[];
    };

/**
 * Reads a template: text with `{{ name }}`, `{{ name | default: "there" }}`, the filters `upcase`, `downcase`,
 * `capitalize` and `date: "<strftime format>", "<IANA time zone>"`, and nothing else.
 */
export function parseTemplate(body: string): ParsedTemplate {
  const reading = readTemplate(body);
  return reading.ok
    ? { ok: true, variables: reading.variables.map((variable) => ({ ...variable })) }
    : { ok: false, problems: reading.problems };
}

/**
 * Fills a template in. Values are taken literally: what looks like a template inside one is text.
 * Unknown values are ignored. A text, a finite number or a boolean is a value; null, blank text and all else is missing.
 */
export function renderTemplate(body: string, values: TemplateValues): RenderedTemplate {
  const reading = readTemplate(body);
  if (!reading.ok) return refuse([], reading.problems);
  const scope: Record<string, string> = {};
  const missing: string[] = [];
  for (const { name, default: fallback } of reading.variables) {
    const value = valueText(values, name) ?? fallback;
    if (value === null) missing.push(name);
    else scope[name] = value;
  }
  if (missing.length > 0) return refuse(missing, []);
  const problems = reading.outputs.flatMap(({ name, line, isDate }) => {
    const value = scope[name] ?? '';
    if (value.length > MAX_TEXT_LENGTH) return [{ message: `The value of "${name}" is too long.`, line }];
    const problem = isDate ? findDateProblem(value) : null;
    return problem === null ? [] : [{ message: `The value of "${name}" ${problem}.`, line }];
  });
  if (problems.length > 0) return refuse([], problems);
  const text = String(engine.renderSync([...reading.templates], scope));
  return text.length > MAX_TEXT_LENGTH ? refuse([], [tooLong(text.length)]) : { ok: true, text };
}

/** Own properties only: a template may name a variable `constructor`. */
function valueText(values: TemplateValues, name: string): string | null {
  const value: unknown = Object.hasOwn(values, name) ? values[name] : null;
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  return typeof value === 'boolean' ? String(value) : null;
}

function tooLong(length: number): TemplateProblem {
  return { message: `The text has ${length} characters; ${MAX_TEXT_LENGTH} is the most.`, line: 1 };
}

function refuse(missing: readonly string[], problems: readonly TemplateProblem[]): RenderedTemplate {
  return { ok: false, missing, problems };
}
