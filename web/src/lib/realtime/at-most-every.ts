/**
 * Runs `work` at once, and while calls keep coming once per interval, the last time after the last call.
 *
 * @param milliseconds the interval
 */
export function atMostEvery(milliseconds: number, work: () => void): { call: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAskedAgain = false;

  function rest(): void {
    timer = setTimeout(() => {
      timer = undefined;
      if (!isAskedAgain) return;
      isAskedAgain = false;
      work();
      rest();
    }, milliseconds);
  }

  return {
    call() {
      if (timer !== undefined) {
        isAskedAgain = true;
        return;
      }
      work();
      rest();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      isAskedAgain = false;
    },
  };
}
