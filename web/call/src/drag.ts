/** Dragging something into a corner of what it lies in. */

import type { Attachment } from 'svelte/attachments';
import type { Corner } from './model.svelte.js';

/** A press that moves less is a click. */
const CLICK_PIXELS = 6;

/** Follows the pointer, and tells the corner that is nearest where it is let go. */
export function draggable(onDrop: (corner: Corner) => void): Attachment<HTMLElement> {
  return (element) => {
    const ending = new AbortController();
    element.addEventListener('pointerdown', (event) => startDrag(element, event, onDrop), { signal: ending.signal });
    return () => ending.abort();
  };
}

function startDrag(element: HTMLElement, start: PointerEvent, onDrop: (corner: Corner) => void): void {
  if (start.button !== 0) {
    return;
  }
  const { signal, abort } = controller();
  let isMoving = false;

  element.addEventListener('pointermove', move, { signal });
  element.addEventListener('pointerup', drop, { signal });
  element.addEventListener('pointercancel', finish, { signal });

  function move(event: PointerEvent): void {
    const [x, y] = [event.clientX - start.clientX, event.clientY - start.clientY];
    if (!isMoving && Math.hypot(x, y) < CLICK_PIXELS) {
      return;
    }
    if (!isMoving) {
      isMoving = true;
      element.setPointerCapture(start.pointerId);
      element.classList.add('is-dragged');
    }
    element.style.setProperty('transform', `translate(${x}px, ${y}px)`);
  }

  function drop(event: PointerEvent): void {
    const area = element.parentElement?.getBoundingClientRect();
    if (isMoving && area) {
      onDrop(nearestCorner(event, area));
      // The click that ends a drag is none.
      element.addEventListener('click', (click) => click.stopPropagation(), { capture: true, once: true });
    }
    finish();
  }

  function finish(): void {
    abort();
    element.classList.remove('is-dragged');
    element.style.removeProperty('transform');
  }
}

/** The quarter of `area` that the point lies in. */
export function nearestCorner({ clientX, clientY }: { clientX: number; clientY: number }, area: { left: number; top: number; width: number; height: number }): Corner {
  const row = clientY < area.top + area.height / 2 ? 'top' : 'bottom';
  const column = clientX < area.left + area.width / 2 ? 'left' : 'right';
  return `${row}-${column}`;
}

function controller(): { signal: AbortSignal; abort: () => void } {
  const ending = new AbortController();
  return { signal: ending.signal, abort: () => ending.abort() };
}
