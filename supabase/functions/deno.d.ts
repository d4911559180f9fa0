/** The little of Deno our functions use, so that the same compiler checks them as everything else. */
declare const Deno: {
  serve(handler: (request: Request) => Response | Promise<Response>): unknown;
  readonly env: { get(name: string): string | undefined };
};
