import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { problemText } from '../api/problem';
import type { Contact } from '../api/types';
import { useSettled } from '../lib/hooks';
import { displayName } from '../lib/names';
import { Avatar } from '../ui/bits';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';

interface Props {
  label: string;
  picked: Contact | null;
  onPick: (contact: Contact | null) => void;
  autoFocus?: boolean;
}

/** Looks somebody up by name, address, number or id. */
export function PickPerson({ label, picked, onPick, autoFocus }: Props) {
  const [text, setText] = useState('');
  const q = useSettled(text.trim(), 250); // each look at people is on record: not at every key
  const isLong = q.length >= 2;
  const found = useQuery({
    queryKey: ['pick-person', q],
    queryFn: ({ signal }) => api.searchContacts(q, undefined, signal, 6),
    enabled: isLong && !picked,
    placeholderData: (old) => old,
    gcTime: 0,
  });
  if (picked) {
    return (
      <div>
        <p className="mb-1.5 text-sm font-medium">{label}</p>
        <div className="flex items-center gap-3 rounded-md border border-line px-3 py-2">
          <Who contact={picked} />
          <Button size="sm" look="quiet" className="ml-auto" onPress={() => onPick(null)}>
            Somebody else
          </Button>
        </div>
      </div>
    );
  }
  const people = isLong ? (found.data?.data ?? []) : [];
  return (
    <div>
      <TextField
        label={label}
        hint="A name, or a whole e-mail address, phone number or id."
        autoFocus={autoFocus}
        autoComplete="off"
        value={text}
        onChange={(e) => setText(e.target.value)}
        problem={found.error ? problemText(found.error) : undefined}
      />
      <ul aria-label="People found" className="-mx-2 mt-2">
        {people.map((c) => (
          <li key={c.id}>
            <button
              type="button"
              onClick={() => onPick(c)}
              className="flex w-full items-center gap-3 rounded-md px-2 py-1.5 text-left hover:bg-hover"
            >
              <Who contact={c} />
            </button>
          </li>
        ))}
      </ul>
      {isLong && !found.isFetching && !people.length && !found.error && (
        <p className="text-sm text-ink-faint">Nobody by that.</p>
      )}
    </div>
  );
}

function Who({ contact: c }: { contact: Contact }) {
  const name = displayName(c);
  return (
    <>
      <Avatar name={name} picture={c.avatar_url} size="sm" />
      <span className="min-w-0">
        <span className="block truncate">{name}</span>
        {c.name && c.email && <span className="block truncate text-sm text-ink-faint">{c.email}</span>}
      </span>
    </>
  );
}
