import { useQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import type { Filter } from '../api/types';
import { Button } from '../ui/button';
import type { Target } from './bulk';

/** Which people a list shows. */
export type View = 'all' | 'bin' | 'restricted' | 'blocked' | `tag:${string}` | `segment:${string}`;

/** Whom a bulk act on the whole view is about. */
export function targetOf(view: View): Target {
  if (view === 'bin') return { bin: true };
  if (view.startsWith('segment:')) return { segment_id: view.slice(8) };
  if (view.startsWith('tag:')) return { filter: tagged(view.slice(4)) };
  return { filter: everybody };
}

/** Whom an export of the view is of; nothing: everybody. */
export function outOf(view: View, filter: Filter | null): Pick<Target, 'filter' | 'segment_id'> {
  if (filter) return { filter };
  if (view.startsWith('segment:')) return { segment_id: view.slice(8) };
  return view.startsWith('tag:') ? { filter: tagged(view.slice(4)) } : {};
}

/** The people of a view, in words. */
export function whomWords(view: View, filter: Filter | null): string {
  if (filter) return 'whom the filter shows';
  if (view.startsWith('segment:')) return 'the people of this segment';
  return view.startsWith('tag:') ? `the people tagged ${view.slice(4)}` : 'everybody';
}

const tagged = (tag: string): Filter => ({ field: 'tags.contact', op: 'contains', value: tag });
const everybody: Filter = { field: 'profile.created_at', op: 'after', value: '1970-01-01' };

/** Which people are listed: all, those with a tag, those of a segment, or those who are restricted. */
export function ViewChoice({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  const tags = useQuery({ queryKey: keys.contactTags, queryFn: ({ signal }) => api.contactTags(signal) });
  const segments = useQuery({ queryKey: keys.segments, queryFn: ({ signal }) => api.segments(signal) });
  return (
    <select
      aria-label="Whom to list"
      value={view === 'bin' ? 'all' : view}
      onChange={(e) => onChange(e.target.value as View)}
      className="h-8 max-w-44 rounded-md border border-line-field bg-surface px-2 text-sm"
    >
      <option value="all">Everybody</option>
      <option value="restricted">Restricted</option>
      <option value="blocked">Blocked</option>
      {(tags.data?.data.length ?? 0) > 0 && (
        <optgroup label="Tags">
          {tags.data?.data.map((t) => (
            <option key={t.tag} value={`tag:${t.tag}`}>
              {t.tag} ({t.count})
            </option>
          ))}
        </optgroup>
      )}
      {(segments.data?.length ?? 0) > 0 && (
        <optgroup label="Segments">
          {segments.data?.map((s) => (
            <option key={s.id} value={`segment:${s.id}`}>
              {s.name}
            </option>
          ))}
        </optgroup>
      )}
    </select>
  );
}

/** Who comes first in the whole list. */
export type Sort = 'newest' | 'last_seen';

/** Says who comes first. */
export function SortChoice({ sort, onChange }: { sort: Sort; onChange: (sort: Sort) => void }) {
  return (
    <select
      aria-label="Who comes first"
      value={sort}
      onChange={(e) => onChange(e.target.value as Sort)}
      className="h-8 rounded-md border border-line-field bg-surface px-2 text-sm"
    >
      <option value="newest">Newest first</option>
      <option value="last_seen">Last seen first</option>
    </select>
  );
}

/** Chooses everybody whom the list is about, not only those who were loaded. */
export function ChooseAll({ target, onChoose }: { target: Target; onChoose: (count: number) => void }) {
  const what = {
    ...(target.filter && { filter: target.filter }),
    ...(target.segment_id && { segment_id: target.segment_id }),
  };
  const count = useQuery({
    queryKey: [...keys.contacts, 'count', what],
    queryFn: ({ signal }) => api.countSegment(what, signal),
  });
  if (!count.data) return null;
  const n = count.data.count;
  return (
    <Button size="sm" look="quiet" onPress={() => onChoose(n)}>
      Choose all {n.toLocaleString('en')}
    </Button>
  );
}

/** One page of a view. */
export function pageOf(view: View, sort: Sort, cursor: string | undefined, signal: AbortSignal) {
  if (view.startsWith('tag:')) return api.filterContacts(tagged(view.slice(4)), cursor, signal);
  if (view.startsWith('segment:')) return api.contactsIn({ segment_id: view.slice(8) }, cursor, signal);
  if (view === 'restricted') return api.contactsIn({ restricted: true }, cursor, signal);
  if (view === 'blocked') return api.contactsIn({ blocked: true }, cursor, signal);
  if (view === 'all' && sort === 'last_seen') return api.contactsIn({ sort }, cursor, signal);
  return api.contacts(view === 'bin', cursor, signal);
}
