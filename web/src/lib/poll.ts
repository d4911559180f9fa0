/**
 * Looks now, and again `interval` milliseconds after each look, for as long as the page is visible; on its return to
 * sight or to the network it looks at once. The returned function stops.
 */
export function pollWhileVisible(look: () => Promise<void>, interval: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  let isLooking = false;
  const wait = () => {
    if (!isStopped) timer = setTimeout(() => void go(), interval);
  };
  const go = async () => {
    if (isStopped || isLooking || document.visibilityState === 'hidden') return;
    clearTimeout(timer);
    isLooking = true;
    await look().finally(() => (isLooking = false));
    wait();
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
