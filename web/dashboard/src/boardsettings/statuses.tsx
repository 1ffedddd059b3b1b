import { GripVertical, Plus, X } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { type Status, useCounts } from '../boards/data';
import { count, kindLabels } from '../boards/words';
import { Button, IconButton } from '../ui/button';
import { isColor } from '../ui/color';
import { fieldBox } from '../ui/field';
import { type DraftStatus, keyFor } from './draft';
import type { PartProps } from './form';
import { Section } from './parts';
import { moved, useSort } from './sort';

const most = 30;

/** What a post can be at: order, name, colour and kind. */
export function Statuses({ board, draft, set, mayWrite, wrong, isTried }: PartProps) {
  const counts = useCounts(board.id).data;
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState('');
  const all = draft.statuses;
  const put = (statuses: DraftStatus[]) => set({ statuses });
  const move = (from: number, to: number) => {
    const one = all[from];
    if (!one || to < 0 || to >= all.length) return;
    put(moved(all, from, to));
    setSaid(`${one.name || 'The status'} is now ${to + 1} of ${all.length}.`);
  };
  const sort = useSort(list, move);
  const firstOpen = all.findIndex((s) => s.kind === 'open');
  const change = (at: number, to: Partial<DraftStatus>) =>
    put(all.map((s, i) => (i === at ? renamed({ ...s, ...to }, all) : s)));
  const add = () => {
    put([
      ...all,
      {
        id: crypto.randomUUID(),
        isNew: true,
        key: keyFor(
          'new',
          all.map((s) => s.key),
        ),
        name: '',
        color: '#64748b',
        kind: 'planned',
      },
    ]);
    setTimeout(() => list.current?.querySelector<HTMLInputElement>('li:last-child [data-name]')?.focus(), 30);
  };
  return (
    <Section
      id="statuses"
      title="Statuses"
      intro="What a post can be at. Their order is that of the roadmap; new posts begin at the first one that is open."
    >
      <ol ref={list} className="divide-y divide-line rounded-md border border-line bg-surface">
        {all.map((s, i) => (
          <Row
            key={s.id}
            status={s}
            at={i}
            posts={s.isNew ? 0 : counts?.statuses.find((c) => c.status === s.key)?.posts}
            isFirst={i === firstOpen}
            isHeld={sort.held === i}
            mayWrite={mayWrite}
            wrong={(field) => (s.isNew && !s.name && !isTried ? undefined : wrong(`statuses[${i}].${field}`))}
            onChange={(to) => change(i, to)}
            onRemove={() => put(all.filter((_, at) => at !== i))}
            onMove={(by) => move(i, i + by)}
            onGrip={(event) => sort.begin(event, i)}
          />
        ))}
      </ol>
      {wrong('statuses') && (
        <p role="alert" className="text-sm text-loss-text">
          {wrong('statuses')}
        </p>
      )}
      <p role="status" className="sr-only">
        {said}
      </p>
      {mayWrite && all.length < most && (
        <Button size="sm" icon={<Plus size={14} aria-hidden="true" />} onPress={add}>
          Add a status
        </Button>
      )}
    </Section>
  );
}

/** A new status gets its key from its name for as long as nobody has saved it. */
const renamed = (s: DraftStatus, all: DraftStatus[]): DraftStatus =>
  s.isNew
    ? {
        ...s,
        key: keyFor(
          s.name,
          all.filter((o) => o.id !== s.id).map((o) => o.key),
        ),
      }
    : s;

interface RowProps {
  status: DraftStatus;
  at: number;
  posts: number | undefined;
  isFirst: boolean;
  isHeld: boolean;
  mayWrite: boolean;
  wrong: (field: string) => string | undefined;
  onChange: (to: Partial<Status>) => void;
  onRemove: () => void;
  onMove: (by: 1 | -1) => void;
  onGrip: (event: React.PointerEvent) => void;
}

function Row({
  status: s,
  at,
  posts,
  isFirst,
  isHeld,
  mayWrite,
  wrong,
  onChange,
  onRemove,
  onMove,
  onGrip,
}: RowProps) {
  const what = s.name || `status ${at + 1}`;
  const problem = wrong('name') ?? wrong('color') ?? wrong('kind') ?? wrong('key');
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
          value={isColor(s.color) ? s.color : '#64748b'}
          onChange={(e) => onChange({ color: e.target.value })}
          className="size-8 shrink-0 rounded-md border border-line-field bg-surface p-1"
        />
        <input
          data-name
          aria-label={`Name of status ${at + 1}`}
          aria-invalid={problem ? true : undefined}
          autoComplete="off"
          maxLength={60}
          disabled={!mayWrite}
          value={s.name}
          onChange={(e) => onChange({ name: e.target.value })}
          className={`h-8 min-w-0 flex-1 px-2.5 ${fieldBox}`}
        />
        <select
          aria-label={`Kind of ${what}`}
          disabled={!mayWrite}
          value={s.kind}
          onChange={(e) => onChange({ kind: e.target.value as Status['kind'] })}
          className={`h-8 w-26! shrink-0 px-1.5 text-sm! ${fieldBox}`}
        >
          {Object.entries(kindLabels).map(([id, label]) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
        {mayWrite && (
          <IconButton
            label={posts ? `${what} cannot go: ${count(posts, 'post')} at it` : `Remove ${what}`}
            isDisabled={!!posts}
            onPress={onRemove}
          >
            <X size={15} />
          </IconButton>
        )}
      </div>
      <p
        className={`flex flex-wrap gap-x-3 text-xs text-ink-faint tabular-nums ${mayWrite ? 'pl-18' : 'pl-10'}`}
      >
        {problem && <span className="text-loss-text">{problem}</span>}
        {!!posts && <span>{count(posts, 'post')}</span>}
        {isFirst && <span className="font-medium text-accent-text">New posts begin here</span>}
      </p>
    </li>
  );
}
