import { evalQuotedToken, LiquidError, Output, TypeGuards } from 'liquidjs';
import type { Filter, Template } from 'liquidjs';
import { findDateFormatProblem, findDateProblem } from './template-date.ts';
import { allowedFilters, engine, isAllowedFilter } from './template-engine.ts';

/** In UTF-16 units. Longer than a text may be, because a placeholder can be longer than what it stands for. */
export const MAX_TEMPLATE_LENGTH = 4000;

export interface TemplateVariable {
  readonly name: string;
  /** False when there is a default. */
  readonly required: boolean;
  readonly default: string | null;
}

export interface TemplateProblem {
  /** A sentence for the person who writes the template. */
  readonly message: string;
  /** From 1. */
  readonly line: number;
}

/** One `{{ … }}`. */
export interface TemplateOutput {
  readonly name: string;
  readonly line: number;
  readonly isDate: boolean;
  readonly default: string | null;
}

export type TemplateReading =
  | {
      readonly ok: true;
      readonly templates: readonly Template[];
      readonly outputs: readonly TemplateOutput[];
      readonly variables: readonly TemplateVariable[];
    }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

/** The worker renders the same few templates again and again. */
const CACHE_SIZE = 200;
const cache = new Map<string, TemplateReading>();

export function readTemplate(body: string): TemplateReading {
  const known = cache.get(body);
  if (known !== undefined) return known;
  const reading = readAfresh(body);
  if (body.length <= MAX_TEMPLATE_LENGTH) {
    const [oldest] = cache.keys();
    if (cache.size >= CACHE_SIZE && oldest !== undefined) cache.delete(oldest);
    cache.set(body, reading);
  }
  return reading;
}

function readAfresh(body: string): TemplateReading {
  if (body.trim() === '') return { ok: false, problems: [{ message: 'The template is empty.', line: 1 }] };
  if (body.length > MAX_TEMPLATE_LENGTH) {
    const message = `The template has ${body.length} characters; ${MAX_TEMPLATE_LENGTH} is the most.`;
    return { ok: false, problems: [{ message, line: 1 }] };
  }
  if (!body.isWellFormed() || body.includes('\0')) {
    const message = 'The template has a character that cannot be stored (NUL, or half of an emoji).';
    return { ok: false, problems: [{ message, line: 1 }] };
  }
  const tags = findTags(body);
  if (tags.length > 0) return { ok: false, problems: tags };
  let templates: Template[];
  try {
    templates = engine.parse(body);
  } catch (error) {
    return { ok: false, problems: [describeError(error)] };
  }
  const problems: TemplateProblem[] = [];
  const outputs = templates
    .filter((template) => template instanceof Output)
    .flatMap((output) => readOutput(output, problems) ?? []);
  const variables = listVariables(outputs, problems);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, templates, outputs, variables };
}

function findTags(body: string): TemplateProblem[] {
  return body
    .split('\n')
    .flatMap((text, index) =>
      text.includes('{%')
        ? [{ message: 'Only {{ variables }} can be used here, no {% tags %}.', line: index + 1 }]
        : [],
    );
}

function describeError(error: unknown): TemplateProblem {
  if (!LiquidError.is(error)) throw error;
  const message = error.message.includes('not closed')
    ? 'A {{ is never closed with }}.'
    : 'Between {{ and }} belongs the name of a variable, such as {{ first_name }}.';
  return { message, line: error.token.getPosition()[0] ?? 1 };
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** Adds what is wrong to `problems`, and answers null then. */
function readOutput(output: Output, problems: TemplateProblem[]): TemplateOutput | null {
  const line = output.token.getPosition()[0] ?? 1;
  const refuse = (message: string) => {
    problems.push({ message, line });
    return null;
  };
  const name = readName(output);
  if (name === null) {
    return refuse('A variable is one name of letters, digits and _, such as {{ first_name }}.');
  }
  const { filters } = output.value;
  const unknown = filters.find((filter) => !isAllowedFilter(filter.name));
  if (unknown !== undefined) {
    return refuse(`There is no filter "${unknown.name}". These can be used: ${allowedFilters.join(', ')}.`);
  }
  const problem = findOrderProblem(filters) ?? findArgumentProblem(filters);
  if (problem !== null) return refuse(problem);
  const isDate = filters.some((filter) => filter.name === 'date');
  const fallback = filters[0]?.name === 'default' ? (readTexts(filters[0])?.[0] ?? null) : null;
  const dateProblem = isDate && fallback !== null ? findDateProblem(fallback) : null;
  if (dateProblem !== null) return refuse(`The default of "${name}" ${dateProblem}.`);
  return { name, line, isDate, default: fallback };
}

function readName(output: Output): string | null {
  const [token, ...more] = output.value.initial.postfix;
  if (more.length > 0 || !TypeGuards.isPropertyAccessToken(token) || token.variable !== undefined)
    return null;
  const [part, ...parts] = token.props;
  if (parts.length > 0 || !TypeGuards.isWordToken(part)) return null;
  return variableName.test(part.content) ? part.content : null;
}

/** The default stands for the value itself, so it is the first to come; a date is a date only before it is text. */
function findOrderProblem(filters: readonly Filter[]): string | null {
  const names = filters.map((filter) => filter.name);
  if (names.lastIndexOf('default') > 0) return 'Write default first: {{ name | default: "there" | upcase }}.';
  const place = names.lastIndexOf('date');
  if (place > (names[0] === 'default' ? 1 : 0)) return 'Write date before other filters, and once.';
  return null;
}

function findArgumentProblem(filters: readonly Filter[]): string | null {
  for (const filter of filters) {
    const texts = readTexts(filter);
    const [first, second] = texts ?? [];
    if (texts?.some((text) => /\{\{|\}\}/.test(text)) === true) {
      return 'A text in quotes cannot have {{ or }} in it.';
    }
    if (filter.name === 'default') {
      if (texts?.length !== 1 || first === undefined) {
        return 'default needs one text in quotes, such as default: "there".';
      }
    } else if (filter.name === 'date') {
      if (texts?.length !== 2 || first === undefined || second === undefined) {
        return 'date needs a format and a time zone, such as date: "%A at %-I:%M %p", "America/New_York".';
      }
      const problem = findDateFormatProblem(first, second);
      if (problem !== null) return `date ${problem}.`;
    } else if (texts?.length !== 0) {
      return `${filter.name} takes nothing after it.`;
    }
  }
  return null;
}

/** The arguments, when all are texts in quotes; null when one is anything else. */
function readTexts(filter: Filter): string[] | null {
  const texts: string[] = [];
  for (const argument of filter.args) {
    if (Array.isArray(argument) || !TypeGuards.isQuotedToken(argument)) return null;
    texts.push(evalQuotedToken(argument));
  }
  return texts;
}

/** One for each name, in order of appearance. A default belongs to the variable, so it may not differ between two uses. */
function listVariables(outputs: readonly TemplateOutput[], problems: TemplateProblem[]): TemplateVariable[] {
  const variables = new Map<string, TemplateVariable>();
  for (const output of outputs) {
    const { name, line } = output;
    const known = variables.get(name);
    if (known !== undefined && known.default !== output.default) {
      problems.push({ message: `"${name}" has to have the same default everywhere it is used.`, line });
    }
    if (known === undefined)
      variables.set(name, { name, required: output.default === null, default: output.default });
  }
  return [...variables.values()];
}
