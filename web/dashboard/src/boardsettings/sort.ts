import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';

/** A list with one thing moved to another place. */
export function moved<T>(all: readonly T[], from: number, to: number): T[] {
  const out = [...all];
  const [one] = out.splice(from, 1);
  if (one !== undefined) out.splice(Math.max(0, Math.min(out.length, to)), 0, one);
  return out;
}

/** Has rows change places under a pointer: by mouse, pen or finger. What it is dragged by takes the pointer; Escape puts it back. */
export function useSort(
  list: RefObject<HTMLElement | null>,
  onMove: (from: number, to: number) => void,
): { held: number | null; begin: (event: PointerEvent, at: number) => void } {
  const [held, setHeld] = useState<number | null>(null);
  const latest = useRef(onMove);
  latest.current = onMove;
  const end = useRef<() => void>(() => {});
  useEffect(() => () => end.current(), []);
  const begin = (event: PointerEvent, at: number) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const first = at;
    let now = at;
    setHeld(at);
    const move = (e: globalThis.PointerEvent) => {
      const rows = [...(list.current?.children ?? [])];
      const over = rows.findIndex((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return e.clientY >= top && e.clientY < bottom;
      });
      if (over < 0 || over === now) return;
      latest.current(now, over);
      now = over;
      setHeld(over);
    };
    const key = (e: KeyboardEvent) => {
      if (e.key !== 'Escape') return;
      e.preventDefault();
      e.stopPropagation();
      latest.current(now, first);
      end.current();
    };
    end.current = () => {
      document.removeEventListener('pointermove', move);
      document.removeEventListener('pointerup', end.current);
      document.removeEventListener('pointercancel', end.current);
      document.removeEventListener('keydown', key, true);
      setHeld(null);
      end.current = () => {};
    };
    document.addEventListener('pointermove', move);
    document.addEventListener('pointerup', end.current);
    document.addEventListener('pointercancel', end.current);
    document.addEventListener('keydown', key, true);
  };
  return { held, begin };
}
