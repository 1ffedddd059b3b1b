import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { CircleAlert, Copy, Ellipsis, Filter, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Segment } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { Empty, LoadProblem, Skeleton } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Menu } from '../ui/menu';
import { toast } from '../ui/toast';
import { useFields, useSegmentCount, useSegments } from './data';
import { filterText, people } from './words';

const isNew = { to: '/contacts/segments/$segmentId', params: { segmentId: 'new' } } as const;

/** All segments, with how many people are in each. */
export function SegmentsPage() {
  useTitle('Segments');
  const mayWrite = useCan(may.writeContacts);
  const navigate = useNavigate();
  const list = useSegments();
  const { fields } = useFields();
  const [removing, setRemoving] = useState<Segment | null>(null);
  const addOne = mayWrite && (
    <Button icon={<Plus size={15} aria-hidden="true" />} onPress={() => void navigate(isNew)}>
      New segment
    </Button>
  );
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto max-w-4xl px-4 py-5 md:px-8">
        <header className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <div>
            <h1 className="text-lg font-semibold">Segments</h1>
            <p className="mt-0.5 text-sm text-ink-soft">
              Who belongs together, by what you know of them. Counted as they are now.
            </p>
          </div>
          {list.data?.length ? addOne : null}
        </header>
        {list.error ? (
          <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
        ) : !list.data ? (
          <Rows />
        ) : list.data.length === 0 ? (
          <Empty icon={<Filter size={22} strokeWidth={1.6} />} title="No segments yet" action={addOne}>
            Say once who you mean, such as people who agreed to your newsletter and wrote this month. Use it
            in the list, in exports and in the API.
          </Empty>
        ) : (
          <ul className="divide-y divide-line rounded-md border border-line">
            {list.data.map((s) => (
              <Row
                key={s.id}
                segment={s}
                text={filterText(s.filter, fields)}
                mayWrite={mayWrite}
                onRemove={() => setRemoving(s)}
              />
            ))}
          </ul>
        )}
        {removing && <RemoveDialog segment={removing} onClose={() => setRemoving(null)} />}
      </div>
    </div>
  );
}

interface RowProps {
  segment: Segment;
  text: string;
  mayWrite: boolean;
  onRemove: () => void;
}

function Row({ segment: s, text, mayWrite, onRemove }: RowProps) {
  return (
    <li className="relative flex items-center gap-3 px-4 py-3 transition-colors hover:bg-hover">
      <div className="min-w-0 flex-1">
        <Link
          to="/contacts/segments/$segmentId"
          params={{ segmentId: s.id }}
          preload={false}
          className="font-medium after:absolute after:inset-0"
        >
          {s.name}
        </Link>
        <p className="line-clamp-2 text-sm text-ink-faint">{text}</p>
      </div>
      {s.problem ? (
        <span className="inline-flex shrink-0 items-center gap-1.5 text-sm text-time-text">
          <CircleAlert size={14} aria-hidden="true" />
          Needs a look
        </span>
      ) : (
        <SegmentCount id={s.id} />
      )}
      {mayWrite && <More segment={s} onRemove={onRemove} />}
    </li>
  );
}

function SegmentCount({ id }: { id: string }) {
  const count = useSegmentCount(id);
  if (count.error) return null;
  if (!count.data) return <Skeleton className="h-3 w-16" />;
  return <span className="shrink-0 text-sm text-ink-soft tabular-nums">{people(count.data.count)}</span>;
}

function More({ segment, onRemove }: { segment: Segment; onRemove: () => void }) {
  const navigate = useNavigate();
  const open = (segmentId: string, search = {}) =>
    void navigate({ to: '/contacts/segments/$segmentId', params: { segmentId }, search });
  return (
    <span className="relative z-10">
      <Menu
        label="Segment"
        placement="bottom end"
        trigger={
          <IconButton label={`More for ${segment.name}`}>
            <Ellipsis size={16} />
          </IconButton>
        }
        groups={[
          {
            id: 'change',
            items: [
              { id: 'edit', label: 'Edit', icon: <Pencil size={15} />, onAction: () => open(segment.id) },
              {
                id: 'copy',
                label: 'Duplicate',
                icon: <Copy size={15} />,
                onAction: () => open('new', { from: segment.id }),
              },
            ],
          },
          {
            id: 'end',
            items: [
              {
                id: 'remove',
                label: 'Remove…',
                icon: <Trash2 size={15} />,
                isLoss: true,
                onAction: onRemove,
              },
            ],
          },
        ]}
      />
    </span>
  );
}

function RemoveDialog({ segment, onClose }: { segment: Segment; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.removeSegment(segment.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.segments });
      toast(`${segment.name} is removed.`);
      onClose();
    },
  });
  return (
    <Dialog
      title={`Remove ${segment.name}?`}
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Keep</Button>
          <Button look="loss" busy={remove.isPending} onPress={() => remove.mutate()}>
            Remove
          </Button>
        </>
      }
    >
      {remove.error && (
        <p role="alert" className="mb-2 text-sm text-loss-text">
          {problemText(remove.error)}
        </p>
      )}
      <p className="text-ink-soft">
        The people in it stay as they are. Only the segment goes, for everybody here.
      </p>
    </Dialog>
  );
}

function Rows() {
  return (
    <div
      role="status"
      aria-label="Loading segments"
      className="divide-y divide-line rounded-md border border-line"
    >
      {[0, 1, 2].map((i) => (
        <div key={i} className="px-4 py-4">
          <Skeleton className="h-3 w-40" />
          <Skeleton className="mt-2 h-3 w-64" />
        </div>
      ))}
    </div>
  );
}
