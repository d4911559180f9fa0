import { z } from 'zod';

/** Options of a bench: every key is an option, its description says what it does. */
export type OptionsSchema = z.ZodObject;

/** The command line is wrong; the message says how and lists what there is. */
export class UsageProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageProblem';
  }
}

/** An option without a value is `true`, which must not count as 1. */
const givenNumber = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'must be a number')
  .transform(Number);

/** A whole number of at least `least`, given as text. */
export function wholeNumber(least: number, usual: number, meaning: string) {
  return givenNumber.pipe(z.number().int().min(least)).default(usual).describe(meaning);
}

/** A share from 0 to 1, given as text. */
export function share(usual: number, meaning: string) {
  return givenNumber.pipe(z.number().min(0).max(1)).default(usual).describe(meaning);
}

/** A port; any free one when it is left out. */
export function port(meaning: string) {
  return givenNumber.pipe(z.number().int().min(1024).max(65_000)).optional().describe(meaning);
}

/** `--name`, `--no-name`. */
export function flag(usual: boolean, meaning: string) {
  return z.boolean().default(usual).describe(meaning);
}

/** `--name 1,2,3`; empty text is an empty list. */
export function numberList(usual: readonly number[], meaning: string) {
  return z
    .string()
    .default(usual.join(','))
    .transform((text) => (text === '' ? [] : text.split(',').map(Number)))
    .pipe(z.array(z.number().int().min(1)))
    .describe(meaning);
}

/**
 * Reads `--message-count 5 --verbose --no-color` by a schema with the keys messageCount, verbose and color.
 * @throws UsageProblem
 */
export function readOptions<Schema extends OptionsSchema>(
  schema: Schema,
  words: readonly string[],
): z.output<Schema> {
  const given: Record<string, string | boolean> = {};
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('--'))
      throw new UsageProblem(`I do not understand "${word}".\n${describeOptions(schema)}`);
    const [name = '', inline] = word.slice(2).split('=', 2);
    const next = words[index + 1];
    if (inline !== undefined) given[camelCase(name)] = inline;
    else if (next !== undefined && !next.startsWith('--')) {
      given[camelCase(name)] = next;
      index += 1;
    } else if (name.startsWith('no-')) given[camelCase(name.slice(3))] = false;
    else given[camelCase(name)] = true;
  }
  const parsed = schema.strict().safeParse(given);
  if (!parsed.success) throw new UsageProblem(`${z.prettifyError(parsed.error)}\n${describeOptions(schema)}`);
  return schema.parse(given);
}

export function describeOptions(schema: OptionsSchema): string {
  const lines = Object.entries(schema.shape).map(([key, option]) => {
    const { description } = z.globalRegistry.get(option) ?? {};
    return `  --${kebabCase(key).padEnd(18)} ${description ?? ''}`;
  });
  return ['Options:', ...lines].join('\n');
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
