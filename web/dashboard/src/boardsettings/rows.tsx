import { GripVertical, X } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { IconButton } from '../ui/button';
import { isColor } from '../ui/color';
import { fieldBox } from '../ui/field';
import { moved, useSort } from './sort';

/** What has a name, a colour and a place among others. */
export interface Named {
  id: string;
  name: string;
  color: string;
}

interface RowsProps<T extends Named> {
  /** What one is called, such as status. */
  noun: string;
  all: T[];
  onChange: (all: T[]) => void;
  mayWrite: boolean;
  /** One with a change made. */
  edit: (one: T, to: Partial<T>) => T;
  /** What else there is to choose of one. */
  more?: (one: T, at: number, change: (to: Partial<T>) => void) => ReactNode;
  /** What stands below one. */
  note?: (one: T, at: number) => ReactNode;
  problem: (one: T, at: number) => string | undefined;
  /** Why one cannot go. */
  stays?: (one: T) => string | undefined;
}

/** Things that are named, coloured and put in order: by a pointer at the grip, or by the arrow keys there. */
export function Rows<T extends Named>(props: RowsProps<T>) {
  const { all, onChange, noun } = props;
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState('');
  const move = (from: number, to: number) => {
    const one = all[from];
    if (!one || to < 0 || to >= all.length) return;
    onChange(moved(all, from, to));
    setSaid(`${one.name || `The ${noun}`} is now ${to + 1} of ${all.length}.`);
  };
  const sort = useSort(list, move);
  return (
    <>
      <ol
        ref={list}
        data-rows={noun}
        className="divide-y divide-line rounded-md border border-line bg-surface"
      >
        {all.map((one, at) => (
          <Row
            key={one.id}
            {...props}
            one={one}
            at={at}
            isHeld={sort.held === at}
            onMove={(by) => move(at, at + by)}
            onGrip={(event) => sort.begin(event, at)}
          />
        ))}
      </ol>
      <p role="status" className="sr-only">
        {said}
      </p>
    </>
  );
}

/** Puts the focus into the name of the row that was added last. */
export function focusLast(noun: string): void {
  setTimeout(
    () =>
      document.querySelector<HTMLInputElement>(`[data-rows="${noun}"] li:last-child [data-name]`)?.focus(),
    30,
  );
}

interface RowProps<T extends Named> extends RowsProps<T> {
  one: T;
  at: number;
  isHeld: boolean;
  onMove: (by: 1 | -1) => void;
  onGrip: (event: PointerEvent) => void;
}

function Row<T extends Named>(props: RowProps<T>) {
  const { one, at, all, noun, mayWrite, onChange, edit, isHeld, onMove, onGrip } = props;
  const what = one.name || `${noun} ${at + 1}`;
  const problem = props.problem(one, at);
  const stays = props.stays?.(one);
  const note = props.note?.(one, at);
  const change = (to: Partial<T>) => onChange(all.map((o, i) => (i === at ? edit(o, to) : o)));
  const onKey = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    onMove(by);
  };
  return (
    <li className={`px-2 py-2 first:rounded-t-md last:rounded-b-md ${isHeld ? 'bg-accent-soft' : ''}`}>
      <div className="flex items-center gap-2">
        {mayWrite && (
          <button
            type="button"
            aria-label={`Move ${what}: arrow keys, or drag`}
            onKeyDown={onKey}
            onPointerDown={onGrip}
            className="flex h-8 w-6 shrink-0 cursor-grab touch-none items-center justify-center rounded-sm text-ink-faint hover:bg-hover"
          >
            <GripVertical size={15} aria-hidden="true" />
          </button>
        )}
        <input
          type="color"
          aria-label={`Colour of ${what}`}
          disabled={!mayWrite}
          value={isColor(one.color) ? one.color : '#64748b'}
          onChange={(e) => change({ color: e.target.value } as Partial<T>)}
          className="size-8 shrink-0 rounded-md border border-line-field bg-surface p-1"
        />
        <input
          data-name
          aria-label={`Name of ${noun} ${at + 1}`}
          aria-invalid={problem ? true : undefined}
          autoComplete="off"
          maxLength={60}
          disabled={!mayWrite}
          value={one.name}
          onChange={(e) => change({ name: e.target.value } as Partial<T>)}
          className={`h-8 min-w-0 flex-1 px-2.5 ${fieldBox}`}
        />
        {props.more?.(one, at, change)}
        {mayWrite && (
          <IconButton
            label={stays ? `${what} cannot go: ${stays}` : `Remove ${what}`}
            isDisabled={!!stays}
            onPress={() => onChange(all.filter((_, i) => i !== at))}
          >
            <X size={15} />
          </IconButton>
        )}
      </div>
      {(problem || note) && (
        <p
          className={`flex flex-wrap gap-x-3 text-xs text-ink-faint tabular-nums ${mayWrite ? 'pl-18' : 'pl-10'}`}
        >
          {problem && <span className="text-loss-text">{problem}</span>}
          {note}
        </p>
      )}
    </li>
  );
}
