import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { problemText } from '../api/problem';
import type { Contact } from '../api/types';
import { useSettled } from '../lib/hooks';
import { displayName } from '../lib/names';
import { TextField } from '../ui/field';
import { Person } from './person';

/** Looks for the other of two people. */
export function FindPerson({ exceptId, onFound }: { exceptId: string; onFound: (contact: Contact) => void }) {
  const [text, setText] = useState('');
  const q = useSettled(text.trim(), 250); // each look at people is on record: not at every key
  const isLong = q.length >= 2;
  const found = useQuery({
    queryKey: ['merge-search', q],
    queryFn: ({ signal }) => api.searchContacts(q, undefined, signal, 8),
    enabled: isLong,
    placeholderData: (old) => old,
    gcTime: 0,
  });
  const people = isLong ? (found.data?.data ?? []).filter((c) => c.id !== exceptId) : [];
  return (
    <div className="min-h-72">
      <TextField
        label="Who is the other?"
        hint="A name, or a whole e-mail address, phone number or id."
        autoFocus
        autoComplete="off"
        value={text}
        onChange={(e) => setText(e.target.value)}
        problem={found.error ? problemText(found.error) : undefined}
      />
      <ul aria-label="People found" className="-mx-2 mt-3">
        {people.map((c) => (
          <li key={c.id}>
            <button
              type="button"
              aria-label={`Compare with ${displayName(c)}`}
              onClick={() => onFound(c)}
              className="w-full rounded-md px-2 py-2 text-left hover:bg-hover"
            >
              <Person contact={c} />
            </button>
          </li>
        ))}
      </ul>
      {isLong && !found.isFetching && people.length === 0 && !found.error && (
        <p className="mt-3 text-sm text-ink-faint">Nobody else by that.</p>
      )}
    </div>
  );
}
