import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useId, useState } from 'react';
import { api } from '../../api/endpoints';
import { keys } from '../../api/keys';
import { problemText } from '../../api/problem';
import { may } from '../../app/permissions';
import { useCan } from '../../app/session';
import { Card } from './block';
import type { PartProps } from './parts';

/** The words that a contact is sorted by, with those that others have offered while one types. */
export function TagsCard({ contact: c }: PartProps) {
  const mayWrite = useCan(may.writeContacts) && !c.restricted_at;
  const cache = useQueryClient();
  const [text, setText] = useState('');
  const listId = useId();
  const known = useQuery({
    queryKey: keys.contactTags,
    queryFn: ({ signal }) => api.contactTags(signal),
    enabled: mayWrite,
    staleTime: 60_000,
  });
  const change = useMutation({
    mutationFn: ({ tag, on }: { tag: string; on: boolean }) => api.tagContact(c.id, tag, on),
    onSuccess: () => {
      setText('');
      void cache.invalidateQueries({ queryKey: keys.contact(c.id) });
      void cache.invalidateQueries({ queryKey: keys.contactTags });
      void cache.invalidateQueries({ queryKey: keys.contacts });
    },
  });
  return (
    <Card title="Tags">
      <ul className="flex flex-wrap gap-1.5" aria-label="Tags">
        {c.tags.map((tag) => (
          <li
            key={tag}
            className="inline-flex h-6 items-center gap-1 rounded-full bg-sunken pr-1 pl-2.5 text-xs"
          >
            <bdi className="max-w-48 truncate">{tag}</bdi>
            {mayWrite ? (
              <button
                type="button"
                aria-label={`Remove the tag ${tag}`}
                disabled={change.isPending}
                onClick={() => change.mutate({ tag, on: false })}
                className="flex size-5 items-center justify-center rounded-full text-ink-faint hover:bg-hover hover:text-ink"
              >
                <X size={12} aria-hidden="true" />
              </button>
            ) : (
              <span className="w-1.5" />
            )}
          </li>
        ))}
        {c.tags.length === 0 && !mayWrite && <li className="text-sm text-ink-faint">No tags</li>}
      </ul>
      {mayWrite && (
        <form
          className="mt-2"
          onSubmit={(e) => {
            e.preventDefault();
            if (text.trim()) change.mutate({ tag: text.trim(), on: true });
          }}
        >
          <input
            aria-label="Add a tag"
            placeholder="Add a tag"
            list={listId}
            value={text}
            maxLength={50}
            onChange={(e) => setText(e.target.value)}
            className="h-8 w-full rounded-md border border-line-field bg-surface px-2.5 text-sm"
          />
          <datalist id={listId}>
            {known.data?.data
              .filter((t) => !c.tags.includes(t.tag))
              .map((t) => (
                <option key={t.tag} value={t.tag} />
              ))}
          </datalist>
        </form>
      )}
      {change.error && (
        <p role="alert" className="mt-1.5 text-xs text-loss">
          {problemText(change.error)}
        </p>
      )}
    </Card>
  );
}
