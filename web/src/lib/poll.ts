/** A look that takes long is repeated less often: watching may cost a tenth of what is watched, and no more. */
const restPerLook = 10;

/**
 * Looks now, and again `interval` milliseconds after each look, or ten times as long as the look took, for as long as the
 * page is visible; on its return to sight or to the network it looks at once. The returned function stops.
 */
export function pollWhileVisible(look: () => Promise<void>, interval: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  let isLooking = false;
  const wait = (took: number) => {
    if (!isStopped) timer = setTimeout(() => void go(), Math.max(interval, took * restPerLook));
  };
  const go = async () => {
    if (isStopped || isLooking || document.visibilityState === 'hidden') return;
    clearTimeout(timer);
    isLooking = true;
    const begin = performance.now();
    await look().finally(() => (isLooking = false));
    wait(performance.now() - begin);
  };
  const onReturn = () => void go();
  document.addEventListener('visibilitychange', onReturn);
  window.addEventListener('online', onReturn);
  void go();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onReturn);
    window.removeEventListener('online', onReturn);
  };
}
