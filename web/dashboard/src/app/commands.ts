import { useEffect, useRef } from 'react';
import { Store } from '../lib/store';
import { preferences } from './preferences';
import { type CommandId, match, strokeName } from './shortcuts';

type Handler = () => void;

const handlers = new Map<CommandId, Handler[]>();

/** The commands that somebody on screen answers to, for the palette. */
export const available = new Store<readonly CommandId[]>([]);

/** Answers to a command while the component is on screen. The one mounted last has it. */
export function useCommand(id: CommandId, handler: Handler, isEnabled = true): void {
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => {
    if (!isEnabled) return;
    const run = () => latest.current();
    handlers.set(id, [...(handlers.get(id) ?? []), run]);
    available.set([...handlers.keys()]);
    return () => {
      const rest = (handlers.get(id) ?? []).filter((h) => h !== run);
      if (rest.length) handlers.set(id, rest);
      else handlers.delete(id);
      available.set([...handlers.keys()]);
    };
  }, [id, isEnabled]);
}

/** Carries a command out; false when nobody answers to it now. */
export function run(id: CommandId): boolean {
  const handler = handlers.get(id)?.at(-1);
  handler?.();
  return handler !== undefined;
}

const pairTime = 1200;

/** Listens to the keyboard for the whole page. */
export function useKeyboard(): void {
  useEffect(() => {
    let pending = '';
    let pressedAt = 0;
    const onKey = (event: KeyboardEvent) => {
      const name = strokeName(event);
      if (event.defaultPrevented || name === null || event.isComposing) return;
      const isMod = name.startsWith('Mod+');
      if (!isMod && (isWriting(event.target) || isCovered())) return;
      if (event.timeStamp - pressedAt > pairTime) pending = '';
      const found = match(pending, name, preferences.get().singleKeys, (id) => handlers.has(id));
      pending = found.pending;
      pressedAt = event.timeStamp;
      if (found.id ? run(found.id) : pending) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function isCovered(): boolean {
  return (
    document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]') !== null
  );
}
