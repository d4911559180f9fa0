/** Milliseconds a page must be looked at before that counts as reading. */
const glance = 250;

/** Calls back once when the page has been visible for a moment; the returned function calls it off. */
export function whileVisible(onSeen: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState === 'visible') timer = setTimeout(onSeen, glance);
  };
  look();
  document.addEventListener('visibilitychange', look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
