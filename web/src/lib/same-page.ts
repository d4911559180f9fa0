/**
 * Makes a click on a link to the present address do nothing. SvelteKit would run every `load` again, for which it needs
 * the web server; what these pages show comes from the API and is up to date without it.
 */
export function stayOnSamePage(container: HTMLElement): () => void {
  const onClick = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain =
      event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link !== null && isPlain && link.href === location.href) event.preventDefault();
  };
  container.addEventListener('click', onClick, { capture: true });
  return () => container.removeEventListener('click', onClick, { capture: true });
}
