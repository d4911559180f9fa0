/** Milliseconds a request may take until its answer is read. */
export const requestLimit = 20_000;

/**
 * A `fetch` that gives up. On a line that died without a word a browser waits for minutes, and so would everything that
 * stands in line behind the request.
 */
export function limitFetch(milliseconds: number): typeof fetch {
  return (input, init) => {
    const limit = AbortSignal.timeout(milliseconds);
    const given = init?.signal;
    const signal = given === undefined || given === null ? limit : AbortSignal.any([given, limit]);
    return fetch(input, { ...init, signal });
  };
}
