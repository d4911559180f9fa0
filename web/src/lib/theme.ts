import type { Theme } from './state/preferences-state.svelte.ts';

/** Shows the page in the chosen theme and, for `system`, follows the system; the returned function stops following. */
export function followTheme(theme: Theme): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const show = () => {
    const isDark = theme === 'dark' || (theme === 'system' && system.matches);
    document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
  };
  show();
  system.addEventListener('change', show);
  return () => system.removeEventListener('change', show);
}
