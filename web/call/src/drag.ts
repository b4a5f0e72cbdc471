/** Dragging something into a corner of what it lies in. */

import type { Attachment } from 'svelte/attachments';
import type { Corner } from './model.svelte.js';

/** A press that moves less is a click. */
const CLICK_PIXELS = 6;

/** For a handle: what it lies in follows the pointer, and `onDrop` is told the corner that is nearest where it is let go. */
export function dragging(onDrop: (corner: Corner) => void): Attachment<HTMLElement> {
  return (handle) => {
    const ending = new AbortController();
    handle.addEventListener('pointerdown', (event) => startDrag(handle, event, onDrop), { signal: ending.signal });
    return () => ending.abort();
  };
}

function startDrag(handle: HTMLElement, start: PointerEvent, onDrop: (corner: Corner) => void): void {
  const moved = handle.parentElement;
  if (start.button !== 0 || !moved) {
    return;
  }
  const ending = new AbortController();
  const { signal } = ending;
  let isMoving = false;
  handle.setPointerCapture(start.pointerId);
  handle.addEventListener('pointermove', move, { signal });
  handle.addEventListener('pointerup', drop, { signal });
  handle.addEventListener('pointercancel', finish, { signal });

  function move(event: PointerEvent): void {
    const [x, y] = [event.clientX - start.clientX, event.clientY - start.clientY];
    isMoving ||= Math.hypot(x, y) >= CLICK_PIXELS;
    if (isMoving) {
      moved?.classList.add('is-dragged');
      moved?.style.setProperty('transform', `translate(${x}px, ${y}px)`);
    }
  }

  function drop(event: PointerEvent): void {
    const area = moved?.parentElement?.getBoundingClientRect();
    if (isMoving && area) {
      ignoreClick(handle);
      onDrop(nearestCorner(event, area));
    }
    finish();
  }

  function finish(): void {
    ending.abort();
    moved?.classList.remove('is-dragged');
    moved?.style.removeProperty('transform');
  }
}

/** The click that ends a drag, and follows at once, is none. */
function ignoreClick(handle: HTMLElement): void {
  const ending = new AbortController();
  handle.addEventListener('click', (event) => event.stopImmediatePropagation(), { capture: true, signal: ending.signal });
  setTimeout(() => ending.abort());
}

/** The quarter of `area` that the point lies in. */
export function nearestCorner({ clientX, clientY }: { clientX: number; clientY: number }, area: { left: number; top: number; width: number; height: number }): Corner {
  const row = clientY < area.top + area.height / 2 ? 'top' : 'bottom';
  const column = clientX < area.left + area.width / 2 ? 'left' : 'right';
  return `${row}-${column}`;
}
