import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ArrowLeft, Copy } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Segment } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { Builder } from './builder';
import { useFields } from './data';
import { Preview } from './preview';
import { emptyTree, fromFilter, toFilter } from './tree';

interface Start {
  id: string | null;
  name: string;
  segment: Segment | null;
  etag: string | null;
}

/** Writes a segment: a new one, a copy, or one that is there. */
export function SegmentPage() {
  const { segmentId } = useParams({ from: '/shell/contacts/segments/$segmentId' });
  const { from } = useSearch({ from: '/shell/contacts/segments/$segmentId' });
  const isNew = segmentId === 'new';
  const source = isNew ? from : segmentId;
  const { fields, ...known } = useFields();
  const loaded = useQuery({
    queryKey: keys.segment(source ?? ''),
    queryFn: ({ signal }) => api.segment(source ?? '', signal),
    enabled: !!source,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false, // it is being edited
  });
  const problem = known.error ?? loaded.error;
  const segment = loaded.data?.data ?? null;
  const start: Start | undefined =
    known.isPending || (source && !segment)
      ? undefined
      : isNew
        ? { id: null, name: segment ? `Copy of ${segment.name}`.slice(0, 100) : '', segment, etag: null }
        : { id: segmentId, name: segment?.name ?? '', segment, etag: loaded.data?.etag ?? null };
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto max-w-5xl px-4 py-5 md:px-8">
        <Link
          to="/contacts/segments"
          className="mb-3 inline-flex items-center gap-1.5 text-sm text-ink-soft hover:text-ink"
        >
          <ArrowLeft size={15} aria-hidden="true" />
          Segments
        </Link>
        {problem ? (
          <LoadProblem
            text={problemText(problem)}
            onRetry={() => void Promise.all([known.refetch(), source && loaded.refetch()])}
          />
        ) : start ? (
          <Editor key={`${segmentId} ${from ?? ''} ${start.etag ?? ''}`} start={start} fields={fields} />
        ) : (
          <div role="status" aria-label="Loading the segment" className="space-y-4">
            <Skeleton className="h-9 w-72" />
            <Skeleton className="h-40 w-full" />
          </div>
        )}
      </div>
    </div>
  );
}

function Editor({ start, fields }: { start: Start; fields: ReturnType<typeof useFields>['fields'] }) {
  useTitle(start.id ? start.name : 'New segment');
  const mayWrite = useCan(may.writeContacts);
  const [name, setName] = useState(start.name);
  const [tree, setTree] = useState(() => (start.segment ? fromFilter(start.segment.filter) : emptyTree()));
  const [isTried, setTried] = useState(false);
  const filter = toFilter(tree, fields);
  const save = useSave(start);
  const submit = () => {
    setTried(true);
    if (name.trim() && filter) save.mutate({ name: name.trim(), filter });
  };
  return (
    <>
      <h1 className="text-lg font-semibold">{start.id ? start.name : 'New segment'}</h1>
      {start.segment?.problem && start.id && (
        <p
          role="alert"
          className="mt-3 rounded-md border border-time-line bg-time-soft px-4 py-2.5 text-sm text-time-text"
        >
          Something that this segment uses was removed or has become personal. Choose anew, and save it.
        </p>
      )}
      <div className="mt-4 grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_17rem]">
        <form
          className="min-w-0 space-y-4"
          onSubmit={(e) => {
            e.preventDefault();
            submit();
          }}
        >
          <TextField
            label="Name"
            value={name}
            maxLength={100}
            autoComplete="off"
            readOnly={!mayWrite}
            problem={
              isTried && !name.trim() ? 'Give it a name, so that others know what it is for.' : undefined
            }
            onChange={(e) => setName(e.target.value)}
            className="max-w-md"
          />
          <Builder tree={tree} fields={fields} onChange={setTree} />
          {isTried && !filter && (
            <p role="alert" className="text-sm text-loss-text">
              A condition is not finished. Fill it in, or remove it.
            </p>
          )}
          {save.error && (
            <p role="alert" className="text-sm text-loss-text">
              {problemText(save.error)}
            </p>
          )}
          {mayWrite && (
            <div className="flex flex-wrap gap-2">
              <Button look="primary" type="submit" busy={save.isPending}>
                {start.id ? 'Save' : 'Add the segment'}
              </Button>
              {start.id && <Duplicate id={start.id} />}
            </div>
          )}
        </form>
        <div className="lg:sticky lg:top-5">
          <Preview filter={filter} />
        </div>
      </div>
    </>
  );
}

function Duplicate({ id }: { id: string }) {
  const navigate = useNavigate();
  return (
    <Button
      icon={<Copy size={14} aria-hidden="true" />}
      onPress={() =>
        void navigate({
          to: '/contacts/segments/$segmentId',
          params: { segmentId: 'new' },
          search: { from: id },
        })
      }
    >
      Duplicate
    </Button>
  );
}

function useSave(start: Start) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (input: { name: string; filter: Segment['filter'] }) => {
      if (start.id) return (await api.changeSegment(start.id, input, start.etag)).data;
      return api.createSegment(input);
    },
    onSuccess: (segment) => {
      toast(start.id ? 'Saved.' : `${segment.name} is there.`);
      void client.invalidateQueries({ queryKey: keys.segments });
      void client.invalidateQueries({ queryKey: keys.segmentCount(segment.id) });
      if (!start.id) void navigate({ to: '/contacts/segments' });
    },
  });
}
