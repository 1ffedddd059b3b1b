import { Plus } from 'lucide-react';
import { type Status, useCounts } from '../boards/data';
import { count, kindLabels } from '../boards/words';
import { Button } from '../ui/button';
import { fieldBox } from '../ui/field';
import { type DraftStatus, keyFor } from './draft';
import type { PartProps } from './form';
import { Section } from './parts';
import { focusLast, Rows } from './rows';

const most = 30;

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

/** What a post can be at: order, name, colour and kind. */
export function Statuses({ board, draft, set, mayWrite, wrong, isTried }: PartProps) {
  const counts = useCounts(board.id).data;
  const all = draft.statuses;
  const firstOpen = all.findIndex((s) => s.kind === 'open');
  const postsAt = (s: DraftStatus) =>
    s.isNew ? 0 : (counts?.statuses.find((c) => c.status === s.key)?.posts ?? 0);
  const problem = (s: DraftStatus, i: number) => {
    if (s.isNew && !s.name && !isTried) return undefined;
    const at = (field: string) => wrong(`statuses[${i}].${field}`);
    return at('name') ?? at('color') ?? at('kind') ?? at('key');
  };
  const add = () => {
    const key = keyFor(
      'new',
      all.map((s) => s.key),
    );
    const one: DraftStatus = {
      id: crypto.randomUUID(),
      isNew: true,
      key,
      name: '',
      color: '#64748b',
      kind: 'planned',
    };
    set({ statuses: [...all, one] });
    focusLast('status');
  };
  return (
    <Section
      id="statuses"
      title="Statuses"
      intro="What a post can be at. Their order is that of the roadmap; new posts begin at the first one that is open."
    >
      <Rows
        noun="status"
        all={all}
        onChange={(statuses) => set({ statuses })}
        mayWrite={mayWrite}
        edit={(one, to) => renamed({ ...one, ...to }, all)}
        problem={problem}
        stays={(s) => (postsAt(s) ? `${count(postsAt(s), 'post')} at it` : undefined)}
        note={(s, i) =>
          (postsAt(s) > 0 || i === firstOpen) && (
            <>
              {postsAt(s) > 0 && <span>{count(postsAt(s), 'post')}</span>}
              {i === firstOpen && <span className="font-medium text-accent-text">New posts begin here</span>}
            </>
          )
        }
        more={(s, i, change) => (
          <select
            aria-label={`Kind of ${s.name || `status ${i + 1}`}`}
            disabled={!mayWrite}
            value={s.kind}
            onChange={(e) => change({ kind: e.target.value as Status['kind'] })}
            className={`h-8 w-26! shrink-0 px-1.5 text-sm! ${fieldBox}`}
          >
            {Object.entries(kindLabels).map(([id, label]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        )}
      />
      {wrong('statuses') && (
        <p role="alert" className="text-sm text-loss-text">
          {wrong('statuses')}
        </p>
      )}
      {mayWrite && all.length < most && (
        <Button size="sm" icon={<Plus size={14} aria-hidden="true" />} onPress={add}>
          Add a status
        </Button>
      )}
    </Section>
  );
}
