/** A failure with a plain sentence for the person at the terminal: printed without a stack trace. */
export class StackError extends Error {
  override name = 'StackError';
  /** What that person can do next, one line each. */
  readonly advice: readonly string[];

  constructor(message: string, advice: readonly string[] = []) {
    super(message);
    this.advice = advice;
  }
}
