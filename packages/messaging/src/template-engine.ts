import { Liquid } from 'liquidjs';
import { formatDate } from './template-date.ts';

/** `default` never does anything at rendering: values are merged with their defaults before. */
export const allowedFilters = ['default', 'upcase', 'downcase', 'capitalize', 'date'] as const;

const allowed = new Set<string>(allowedFilters);

export function isAllowedFilter(name: string): boolean {
  return allowed.has(name);
}

/**
 * A Liquid without tags, files, prototypes and most filters: what it cannot do, no template can ask of it.
 * Nothing is left that repeats, so the work is bounded by the lengths of template and values. The engine's own time
 * limit is off: it is a wall clock, and a busy machine would fail innocent messages.
 */
function createEngine(): Liquid {
  const liquid = new Liquid({
    strictVariables: true,
    // Reading a template refuses unknown filters itself, all of them at once and in its own words.
    strictFilters: false,
    ownPropertyOnly: true,
    templates: {},
    parseLimit: 10_000,
  });
  for (const name of Object.keys(liquid.tags)) Reflect.deleteProperty(liquid.tags, name);
  for (const name of Object.keys(liquid.filters)) if (!isAllowedFilter(name)) liquid.unregisterFilter(name);
  // The engine's own asks the runtime for the zone's rules at every call, and takes half a millisecond.
  liquid.registerFilter('date', formatDate);
  return liquid;
}

export const engine = createEngine();
