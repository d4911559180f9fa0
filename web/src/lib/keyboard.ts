export interface InboxKeys {
  /** Whether a dialog is open, which has keys of its own. */
  isBlocked: () => boolean;
  onReply: () => void;
  onCompose: () => void;
  onHelp: () => void;
  /** Esc outside any text field. */
  onLeave: () => void;
}

/** Listens for the single-letter keys of the inbox; the returned function stops listening. */
export function listenForInboxKeys(keys: InboxKeys): () => void {
  const onKeydown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || keys.isBlocked()) return;
    if (isTyping(event.target)) {
      if (event.key === 'Escape') leaveField(event);
      return;
    }
    if (!perform(event, keys)) return;
    event.preventDefault();
  };
  window.addEventListener('keydown', onKeydown);
  return () => window.removeEventListener('keydown', onKeydown);
}

function perform(event: KeyboardEvent, keys: InboxKeys): boolean {
  switch (event.key) {
    case 'j':
      return focusRow(1);
    case 'k':
      return focusRow(-1);
    case 'ArrowDown':
      return mayUseArrows(event.target) && focusRow(1);
    case 'ArrowUp':
      return mayUseArrows(event.target) && focusRow(-1);
    case 'r':
      keys.onReply();
      return true;
    case 'c':
      keys.onCompose();
      return true;
    case '?':
      keys.onHelp();
      return true;
    case 'Escape':
      keys.onLeave();
      return true;
    default:
      return false;
  }
}

/** Moves the focus `step` rows on from the focused row, or from the open thread; true when there was one to go to. */
function focusRow(step: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-thread-row]')];
  const focused = rows.findIndex((row) => row === document.activeElement);
  const from = focused === -1 ? rows.findIndex((row) => row.hasAttribute('aria-current')) : focused;
  const next = rows[Math.max(0, from + step)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
  return next !== undefined;
}

/** Puts the focus on a thread's row, from where the keys go on; on the open thread's row when none is named. */
export function focusThreadRow(threadId?: string): void {
  const selector =
    threadId === undefined ? '[data-thread-row][aria-current]' : `[data-thread-row="${threadId}"]`;
  document.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
}

export function focusComposer(): void {
  document.querySelector<HTMLElement>('[data-composer]')?.focus();
}

// Elsewhere the arrows scroll what they are in.
function mayUseArrows(target: EventTarget | null): boolean {
  return (
    target === document.body || (target instanceof Element && target.closest('[data-thread-list]') !== null)
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
  );
}

function leaveField(event: KeyboardEvent): void {
  if (!(event.target instanceof HTMLElement)) return;
  event.preventDefault();
  event.target.blur();
  focusThreadRow();
}
