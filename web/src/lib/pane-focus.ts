/** An attachment for a heading: takes the focus where the list it was opened from has just left the screen. */
export function focusOnPhone(heading: HTMLElement): void {
  if (matchMedia('(width < 48rem)').matches) heading.focus({ preventScroll: true });
}
