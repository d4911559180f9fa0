import type { HeldOrder } from './state/held-order.svelte.ts';

/** Pixels a list may be scrolled and still count as being at its top. */
const topTolerance = 8;
/** Milliseconds after its last movement that a resting pointer no longer means somebody is about to click. */
const restTime = 5000;

/** An attachment for what surrounds a scroller: holds the order while it is scrolled or a pointer moves over either. */
export function holdWhileBusy(order: HeldOrder): (surroundings: HTMLElement) => () => void {
  return (surroundings) => {
    const scroller = surroundings.querySelector('[data-scroller]');
    let isHovered = false;
    let resting: ReturnType<typeof setTimeout> | undefined;
    const settle = () => {
      if (isHovered || (scroller?.scrollTop ?? 0) > topTolerance) order.hold();
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
    surroundings.addEventListener('pointermove', move);
    surroundings.addEventListener('pointerleave', leave);
    scroller?.addEventListener('scroll', settle, { passive: true });
    return () => {
      clearTimeout(resting);
      surroundings.removeEventListener('pointermove', move);
      surroundings.removeEventListener('pointerleave', leave);
      scroller?.removeEventListener('scroll', settle);
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
