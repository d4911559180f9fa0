/** TCP ports of one stack, all on loopback, all derived from one base so that two stacks never meet. */
export type StackPorts = {
  web: number;
  carrier: number;
  gateway: number;
  postgres: number;
  realtime: number;
  worker: number;
  /** First port for Edge Functions; the nth function takes `functions + n`. */
  functions: number;
};

export function stackPorts(base: number): StackPorts {
  return {
    web: base,
    carrier: base + 1,
    gateway: base + 2,
    postgres: base + 3,
    realtime: base + 4,
    worker: base + 5,
    functions: base + 10,
  };
}
