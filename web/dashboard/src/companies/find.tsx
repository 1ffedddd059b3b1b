import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { useSettled } from '../lib/hooks';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { type Company, isDomain, searchCompanies } from './data';
import { CompanyMark } from './mark';
import { people } from './words';

interface Props {
  label: string;
  exceptId?: string | undefined;
  onFound: (company: Company) => void;
  /** Adds one of the name that was looked for, where none is called so. */
  onNew?: ((name: string) => void) | undefined;
}

/** Looks a company up by its name or a domain. */
export function FindCompany({ label, exceptId, onFound, onNew }: Props) {
  const [text, setText] = useState('');
  const q = useSettled(text.trim(), 200);
  const isLong = q.length > 1;
  const found = useQuery({
    queryKey: ['find-company', q],
    queryFn: ({ signal }) => searchCompanies(q, undefined, signal, 8),
    enabled: isLong,
    placeholderData: (old) => old,
    gcTime: 0,
  });
  const isDone = isLong && q === text.trim() && !found.isFetching && !found.error;
  const companies = isLong ? (found.data?.data ?? []).filter((c) => c.id !== exceptId) : [];
  return (
    <div>
      <TextField
        label={label}
        hint="The beginning of its name, or a whole domain."
        autoFocus
        autoComplete="off"
        value={text}
        onChange={(e) => setText(e.target.value)}
        problem={found.error ? problemText(found.error) : undefined}
      />
      <ul aria-label="Companies found" className="-mx-2 mt-2">
        {companies.map((c) => (
          <li key={c.id}>
            <button
              type="button"
              aria-label={`Choose ${c.name}`}
              onClick={() => onFound(c)}
              className="flex w-full items-center gap-3 rounded-md px-2 py-1.5 text-left hover:bg-hover"
            >
              <CompanyLine company={c} />
            </button>
          </li>
        ))}
      </ul>
      {isDone && !companies.length && (
        <p className="text-sm text-ink-faint">
          {exceptId ? 'No other company by that.' : 'No company by that.'}
        </p>
      )}
      {onNew && isDone && !isDomain(q) && !companies.some((c) => sameName(c.name, q)) && (
        <Button
          size="sm"
          className="mt-2 max-w-full"
          icon={<Plus size={14} aria-hidden="true" className="shrink-0" />}
          onPress={() => onNew(q)}
        >
          <span className="truncate">Add the company {q}</span>
        </Button>
      )}
    </div>
  );
}

const sameName = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/** A company in two lines, to tell it from another. */
export function CompanyLine({ company: c }: { company: Company }) {
  return (
    <>
      <CompanyMark />
      <span className="min-w-0 flex-1 text-sm">
        <bdi className="block truncate font-medium">{c.name}</bdi>
        <span className="block truncate text-ink-faint">
          {[c.domains[0], people(c.people)].filter(Boolean).join(' · ')}
        </span>
      </span>
    </>
  );
}
