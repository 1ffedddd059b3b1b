import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  Ban,
  Building2,
  Ellipsis,
  ListPlus,
  RotateCcw,
  ShieldOff,
  Tag,
  Trash2,
  UserCheck,
  X,
} from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { api, type BulkDraft } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { BulkJob } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { Menu } from '../ui/menu';

const BlockForm = lazy(async () => ({ default: (await import('../blocking/dialog')).BlockForm }));
const AttributeForm = lazy(async () => ({ default: (await import('./bulk-values')).AttributeForm }));
const CompanyForm = lazy(async () => ({ default: (await import('./bulk-values')).CompanyForm }));

/** Whom an act is about: these people, or all whom a list is about. */
export type Target = Pick<BulkDraft, 'contact_ids' | 'filter' | 'segment_id' | 'bin'>;

interface BarProps {
  target: Target;
  count: number;
  isBin: boolean;
  onClear: () => void;
  onBegun: (job: BulkJob) => void;
  /** What chooses more than those who are loaded. */
  more: ReactNode;
}

type Asking = 'tag' | 'untag' | 'bin' | 'erase' | 'restrict' | 'attribute' | 'company' | 'block' | null;

const people = (n: number) => (n === 1 ? '1 person' : `${n.toLocaleString('en')} people`);

/** What can be done with those who are chosen. */
export function BulkBar({ target, count, isBin, onClear, onBegun, more }: BarProps) {
  const [asking, setAsking] = useState<Asking>(null);
  const mayErase = useCan(may.eraseContacts);
  const mayRestrict = useCan(may.writePrivacy);
  const begin = useMutation({
    mutationFn: (draft: Omit<BulkDraft, keyof Target | 'expect'>) =>
      api.beginBulk({ ...target, ...draft, expect: count }),
    onSuccess: (job) => {
      setAsking(null);
      onBegun(job);
    },
  });
  const ask = (what: Asking) => {
    begin.reset();
    setAsking(what);
  };
  const rest = [
    {
      id: 'attribute',
      label: 'Set an attribute…',
      icon: <ListPlus size={15} />,
      onAction: () => ask('attribute'),
    },
    {
      id: 'company',
      label: 'Set the company…',
      icon: <Building2 size={15} />,
      onAction: () => ask('company'),
    },
    { id: 'block', label: 'Block…', icon: <Ban size={15} />, onAction: () => ask('block') },
    {
      id: 'unblock',
      label: 'Let in again',
      icon: <UserCheck size={15} />,
      onAction: () => begin.mutate({ action: 'unblock' }),
    },
    ...(mayRestrict
      ? [
          {
            id: 'restrict',
            label: 'Restrict…',
            icon: <ShieldOff size={15} />,
            onAction: () => ask('restrict'),
          },
        ]
      : []),
  ];
  const form = {
    who: people(count),
    problem: begin.error ? problemText(begin.error) : undefined,
    isBusy: begin.isPending,
    onClose: () => setAsking(null),
  };
  return (
    <section
      aria-label="With those who are chosen"
      className="flex flex-wrap items-center gap-2 border-t border-line bg-surface px-4 py-2 md:px-6"
    >
      <span className="text-sm font-medium tabular-nums" role="status">
        {people(count)} chosen
      </span>
      {more}
      <span className="ml-auto" />
      {isBin ? (
        <Button size="sm" icon={<RotateCcw size={14} />} onPress={() => begin.mutate({ action: 'restore' })}>
          Take out of the bin
        </Button>
      ) : (
        <>
          <Button size="sm" icon={<Tag size={14} />} onPress={() => ask('tag')}>
            Tag
          </Button>
          <Button size="sm" look="quiet" onPress={() => ask('untag')}>
            Remove a tag
          </Button>
          <Button size="sm" look="quiet" icon={<Trash2 size={14} />} onPress={() => ask('bin')}>
            Move to the bin
          </Button>
          <Menu
            label="More with those who are chosen"
            placement="bottom end"
            groups={[{ id: 'more', items: rest }]}
            trigger={
              <IconButton label="More with those who are chosen">
                <Ellipsis size={16} />
              </IconButton>
            }
          />
        </>
      )}
      {mayErase && (
        <Button size="sm" look="quiet" className="text-loss" onPress={() => ask('erase')}>
          Erase
        </Button>
      )}
      <Button size="sm" look="quiet" aria-label="Choose nobody" icon={<X size={14} />} onPress={onClear} />
      <Suspense fallback={null}>
        {asking === 'attribute' && <AttributeForm {...form} onDo={(draft) => begin.mutate(draft)} />}
        {asking === 'company' && <CompanyForm {...form} onDo={(draft) => begin.mutate(draft)} />}
        {asking === 'block' && (
          <BlockForm {...form} onBlock={(block) => begin.mutate({ action: 'block', block })} />
        )}
      </Suspense>
      {asking && asking in words && (
        <Ask
          {...form}
          what={asking as Worded}
          count={count}
          onDo={(tag) => begin.mutate({ action: asking, ...(tag && { tag }) })}
        />
      )}
    </section>
  );
}

type Worded = Exclude<Asking, 'attribute' | 'company' | 'block' | null>;

interface AskProps {
  what: Worded;
  count: number;
  problem: string | undefined;
  isBusy: boolean;
  onClose: () => void;
  onDo: (tag?: string) => void;
}

const words: Record<Worded, { title: string; text: string; act: string }> = {
  tag: {
    title: 'Tag',
    text: 'Letters, digits, spaces, - and _. Nothing that tells who somebody is.',
    act: 'Tag',
  },
  untag: { title: 'Remove a tag from', text: 'Those who do not have it stay as they are.', act: 'Remove' },
  bin: {
    title: 'Move to the bin:',
    text: 'They are out of sight at once, can be brought back for 30 days, and are erased after that.',
    act: 'Move to the bin',
  },
  restrict: {
    title: 'Restrict',
    text: 'Their data is stored and nothing else happens to it, until that is lifted for each of them.',
    act: 'Restrict',
  },
  erase: {
    title: 'Erase for good:',
    text: 'Everything about them goes, and the keys that it was sealed with. Nobody can undo it. Who is under a legal hold stays.',
    act: 'Erase for good',
  },
};

function Ask({ what, count, problem, isBusy, onClose, onDo }: AskProps) {
  const [text, setText] = useState('');
  const isTag = what === 'tag' || what === 'untag';
  const isMeant = isTag ? text.trim() !== '' : what !== 'erase' || text.trim() === String(count);
  const submit = () => {
    if (isMeant && !isBusy) onDo(isTag ? text.trim() : undefined);
  };
  const w = words[what];
  return (
    <Dialog
      title={`${w.title} ${people(count)}`}
      isOpen
      isAlert={what === 'erase'}
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look={what === 'erase' ? 'loss' : 'primary'}
            isDisabled={!isMeant}
            busy={isBusy}
            onPress={submit}
          >
            {w.act}
          </Button>
        </>
      }
    >
      <p className="mt-1 mb-4 text-ink-soft">{w.text}</p>
      {(isTag || what === 'erase') && (
        <TextField
          label={isTag ? 'Tag' : `Type ${count} to confirm`}
          autoFocus
          autoComplete="off"
          value={text}
          onChange={(e) => setText(e.target.value)}
          onKeyDown={(e) => e.key === 'Enter' && submit()}
          problem={problem}
        />
      )}
      {!isTag && what !== 'erase' && problem && (
        <p role="alert" className="text-sm text-loss">
          {problem}
        </p>
      )}
    </Dialog>
  );
}

const doing: Record<BulkJob['action'], string> = {
  tag: 'Tagging',
  untag: 'Removing the tag',
  bin: 'Moving to the bin',
  restore: 'Taking out of the bin',
  erase: 'Erasing',
  restrict: 'Restricting',
  attribute: 'Setting the attribute',
  company: 'Setting the company',
  block: 'Blocking',
  unblock: 'Letting in again',
};

const ended: Record<string, string> = {
  cancelled: 'Stopped',
  stopped: 'Stopped, since who began it may not do that any more',
};

const reasons: Record<string, string> = {
  restricted: 'restricted',
  held: 'under a legal hold',
  not_found: 'no longer here',
  too_many_tags: 'with too many tags',
  objected: 'who objected',
  contact_in_bin: 'in the bin',
  invalid: 'who cannot have it',
  changed_meanwhile: 'changed by others just then',
  failed: 'failed',
};

/** How far an act on many people is, and what came of it: the stream tells, and where it is cut off it is asked for. */
export function BulkProgress({ id, onClose }: { id: string; onClose: () => void }) {
  const cache = useQueryClient();
  const { data: job } = useQuery({
    queryKey: keys.bulkJob(id),
    queryFn: ({ signal }) => api.bulkJob(id, signal),
    refetchInterval: (query) => (query.state.data?.state === 'running' || !query.state.data ? 2000 : false),
  });
  const cancel = useMutation({
    mutationFn: () => api.cancelBulk(id),
    onSuccess: (now) => cache.setQueryData(keys.bulkJob(id), now),
  });
  const hasEnded = job !== undefined && job.state !== 'running';
  useEffect(() => {
    if (hasEnded) {
      void cache.invalidateQueries({ queryKey: keys.contacts });
      void cache.invalidateQueries({ queryKey: keys.contactTags });
    }
  }, [hasEnded, cache]);
  if (!job) return null;
  const left = Object.entries(job.outcomes).filter(([outcome, n]) => outcome !== 'done' && n > 0);
  return (
    <section
      aria-label="Progress"
      className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line bg-surface px-4 py-2 text-sm md:px-6"
    >
      <span role="status">
        {hasEnded
          ? `${ended[job.state] ?? 'Done'}: ${people(job.outcomes['done'] ?? 0)}`
          : `${doing[job.action]}…`}
        {hasEnded && left.length > 0 && (
          <span className="text-ink-soft">
            {' '}
            · left as they are: {left.map(([outcome, n]) => `${n} ${reasons[outcome] ?? outcome}`).join(', ')}
          </span>
        )}
      </span>
      {!hasEnded && (
        <progress
          aria-label="How many are done"
          className="h-1.5 w-40 accent-accent"
          value={job.done}
          max={Math.max(job.total, 1)}
        />
      )}
      <span className="text-ink-faint tabular-nums">
        {job.done.toLocaleString('en')} of {job.total.toLocaleString('en')}
      </span>
      <span className="ml-auto" />
      {hasEnded ? (
        <Button size="sm" look="quiet" onPress={onClose}>
          Close
        </Button>
      ) : (
        <Button size="sm" look="quiet" busy={cancel.isPending} onPress={() => cancel.mutate()}>
          Stop
        </Button>
      )}
    </section>
  );
}
