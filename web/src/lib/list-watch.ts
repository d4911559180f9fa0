import type { HeldOrder } from './state/held-order.svelte.ts';

/** Pixels a list may be scrolled and still count as being at its top. */
const topTolerance = 8;
/** Milliseconds after its last movement that a resting pointer no longer means somebody is about to click. */
const restTime = 5000;

/** An attachment that holds the order of a list while it is scrolled or a pointer moves over it. */
export function holdWhileBusy(order: HeldOrder): (list: HTMLElement) => () => void {
  return (list) => {
    let isHovered = false;
    let resting: ReturnType<typeof setTimeout> | undefined;
    const settle = () => {
      if (isHovered || list.scrollTop > topTolerance) order.hold();
      else order.release();
    };
    const leave = () => {
      clearTimeout(resting);
      isHovered = false;
      settle();
    };
    const move = (event: PointerEvent) => {
      // A finger does not hover: its last position says nothing about its next.
      if (event.pointerType !== 'mouse') return;
      isHovered = true;
      clearTimeout(resting);
      resting = setTimeout(leave, restTime);
      settle();
    };
    list.addEventListener('pointermove', move);
    list.addEventListener('pointerleave', leave);
    list.addEventListener('scroll', settle, { passive: true });
    return () => {
      clearTimeout(resting);
      list.removeEventListener('pointermove', move);
      list.removeEventListener('pointerleave', leave);
      list.removeEventListener('scroll', settle);
    };
  };
}

/** An attachment that calls back when its element comes within a screen or so of being visible in its scroller. */
export function whenNear(onNear: () => void): (element: HTMLElement) => () => void {
  return (element) => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) onNear();
      },
      { root: element.closest('[data-scroller]'), rootMargin: '600px 0px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  };
}
