import { type MouseEvent, type PointerEvent, useEffect, useRef, useState } from 'react';

/** Something that is dragged by a pointer from one column to another. */
export interface Drag<T> {
  held: T | null;
  /** The column under it. */
  over: string | null;
  x: number;
  y: number;
  /** What the element needs from which `what` is dragged: all of a card by the mouse, its handle by a finger. */
  source: (
    what: T,
    by: 'mouse' | 'touch',
  ) => {
    onPointerDown: (event: PointerEvent) => void;
    onClickCapture: (event: MouseEvent) => void;
  };
}

/** It is a click until the pointer has gone this far. */
const farEnough = 6;
const edge = 48;

const columnAt = (x: number, y: number): string | null =>
  document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-column]')?.dataset['column'] ?? null;

/** At the edge of what can be moved sideways it moves. */
function scrollAt(x: number, y: number): void {
  const box = document.elementFromPoint(x, y)?.closest('[data-column]')?.parentElement?.parentElement;
  if (!box) return;
  const { left, right } = box.getBoundingClientRect();
  if (x > right - edge) box.scrollBy({ left: 12 });
  else if (x < left + edge) box.scrollBy({ left: -12 });
}

/** Drags by mouse, pen and finger; Escape lets go. Keys have ways of their own, which are for those who show the columns to give. */
export function useDrag<T>(onDrop: (what: T, column: string) => void): Drag<T> {
  const [now, setNow] = useState<{ held: T; over: string | null; x: number; y: number } | null>(null);
  const wasDragged = useRef(false);
  const end = useRef<() => void>(() => {});
  const drop = useRef(onDrop);
  drop.current = onDrop;
  useEffect(() => () => end.current(), []);

  /** The click that follows at once, if one does, is the end of the drag. */
  const deafen = () => {
    wasDragged.current = true;
    setTimeout(() => {
      wasDragged.current = false;
    });
  };
  const begin = (what: T, from: { clientX: number; clientY: number; pointerId: number }) => {
    let isMoving = false;
    const move = (event: globalThis.PointerEvent) => {
      if (event.pointerId !== from.pointerId) return;
      const { clientX: x, clientY: y } = event;
      isMoving ||= Math.hypot(x - from.clientX, y - from.clientY) > farEnough;
      if (!isMoving) return;
      event.preventDefault();
      scrollAt(x, y);
      setNow({ held: what, over: columnAt(x, y), x, y });
    };
    const up = (event: globalThis.PointerEvent) => {
      if (event.pointerId !== from.pointerId) return;
      end.current();
      if (isMoving) deafen();
      const column = isMoving && event.type === 'pointerup' ? columnAt(event.clientX, event.clientY) : null;
      if (column) drop.current(what, column);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || !isMoving) return;
      event.preventDefault();
      end.current();
      document.addEventListener('pointerup', deafen, { once: true });
    };
    end.current = () => {
      document.removeEventListener('pointermove', move);
      document.removeEventListener('pointerup', up);
      document.removeEventListener('pointercancel', up);
      document.removeEventListener('keydown', key, true);
      document.body.style.userSelect = '';
      setNow(null);
      end.current = () => {};
    };
    document.addEventListener('pointermove', move);
    document.addEventListener('pointerup', up);
    document.addEventListener('pointercancel', up);
    document.addEventListener('keydown', key, true);
    document.body.style.userSelect = 'none';
  };

  return {
    held: now?.held ?? null,
    over: now?.over ?? null,
    x: now?.x ?? 0,
    y: now?.y ?? 0,
    source: (what, by) => ({
      onPointerDown: (event) => {
        if (event.button !== 0 || (event.pointerType === 'mouse') !== (by === 'mouse')) return;
        begin(what, event);
      },
      // The click that ends a drag opens nothing.
      onClickCapture: (event) => {
        if (!wasDragged.current) return;
        event.preventDefault();
        event.stopPropagation();
      },
    }),
  };
}
