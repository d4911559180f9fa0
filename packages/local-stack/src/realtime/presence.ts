import { isJsonObject, sameJson } from './json.ts';
import type { JsonObject } from './json.ts';

/** One tracked presence as clients see it: the payload plus its own reference. */
export type PresenceMeta = JsonObject & { phx_ref: string; phx_ref_prev?: string };

/** Metas grouped by presence key; the shape of `presence_state` and of both halves of a diff. */
export type PresenceState = Record<string, { metas: PresenceMeta[] }>;

export type PresenceDiff = { joins: PresenceState; leaves: PresenceState };

type Tracked = { key: string; payload: JsonObject; meta: PresenceMeta };

/**
 * Who is present on one topic. An owner (a channel of one socket) holds at most one meta; several owners may share
 * a key.
 */
export class Presence<Owner extends object> {
  readonly #tracked = new Map<Owner, Tracked>();
  readonly #newRef: () => string;

  constructor(newRef: () => string) {
    this.#newRef = newRef;
  }

  get isEmpty(): boolean {
    return this.#tracked.size === 0;
  }

  /** Tracks or updates; undefined when the payload is the one already tracked. */
  track(owner: Owner, key: string, payload: JsonObject): PresenceDiff | undefined {
    const previous = this.#tracked.get(owner);
    if (previous && sameJson(previous.payload, payload)) return undefined;
    const meta: PresenceMeta = {
      ...payload,
      phx_ref: this.#newRef(),
      ...(previous && { phx_ref_prev: previous.meta.phx_ref }),
    };
    this.#tracked.set(owner, { key, payload, meta });
    return { joins: group([{ key, meta }]), leaves: previous ? group([previous]) : {} };
  }

  /** Forgets the owner; undefined when it tracked nothing. */
  untrack(owner: Owner): PresenceDiff | undefined {
    const previous = this.#tracked.get(owner);
    if (!previous) return undefined;
    this.#tracked.delete(owner);
    return { joins: {}, leaves: group([previous]) };
  }

  state(): PresenceState {
    return group([...this.#tracked.values()]);
  }
}

function group(entries: { key: string; meta: PresenceMeta }[]): PresenceState {
  const byKey = Map.groupBy(entries, ({ key }) => key);
  return Object.fromEntries(
    [...byKey].map(([key, items]) => [key, { metas: items.map(({ meta }) => meta) }]),
  );
}

/** What a client asked of presence. Event names are case-insensitive. */
export type PresenceCall =
  { kind: 'none' } | { kind: 'track'; payload: unknown } | { kind: 'untrack' } | { kind: 'unknown' };

export function parsePresenceCall(payload: unknown): PresenceCall {
  if (!isJsonObject(payload) || typeof payload.event !== 'string') return { kind: 'none' };
  const event = payload.event.toLowerCase();
  if (event === 'track') return { kind: 'track', payload: 'payload' in payload ? payload.payload : {} };
  return event === 'untrack' ? { kind: 'untrack' } : { kind: 'unknown' };
}
