// What Supabase's edge runtime adds to Deno and our functions may use. Loaded before the function itself.
globalThis.EdgeRuntime ??= {
  /** Keeps work going after the response; here the process lives on anyway, so only failures need a word. */
  waitUntil(work) {
    Promise.resolve(work).catch((error) => console.error(error));
    return work;
  },
};
