import { useNavigate, useSearch } from '@tanstack/react-router';
import { Building2, Plus, Search } from 'lucide-react';
import { useRef, useState } from 'react';
import { problemText } from '../api/problem';
import { useCommand } from '../app/commands';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { useSettled } from '../lib/hooks';
import { Empty, LoadProblem, Seal } from '../ui/bits';
import { Button } from '../ui/button';
import { CreateCompany } from './create';
import { useCompanies } from './data';
import { isSort, sorts } from './sorts';
import { CompanyTable, TableSkeleton } from './table';

/** The companies that people belong to, found by the beginning of their name or by a domain. */
export function CompaniesPage() {
  useTitle('Companies');
  const mayWrite = useCan(may.writeContacts);
  const navigate = useNavigate();
  const { by: sort = 'newest' } = useSearch({ from: '/shell/contacts/companies' });
  const [text, setText] = useState('');
  const [isCreating, setCreating] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const typed = useSettled(text.trim(), 200);
  const q = typed.length > 1 ? typed : '';
  const list = useCompanies(q, sort);
  useCommand('search', () => field.current?.focus());
  const add = mayWrite && (
    <Button onPress={() => setCreating(true)} icon={<Plus size={15} aria-hidden="true" />}>
      <span>
        Add<span className="max-md:sr-only"> a company</span>
      </span>
    </Button>
  );
  return (
    <div className="flex h-full flex-col">
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3 md:px-6">
        <h1 className="text-md font-semibold">Companies</h1>
        <span className="max-md:hidden">
          <Seal label="All sealed" title="Sealed with your workspace's key, and found by tokens." />
        </span>
        <span className="ml-auto" />
        {!q && (
          <select
            aria-label="Which come first"
            value={sort}
            onChange={(e) => {
              const next = e.target.value;
              void navigate({
                to: '/contacts/companies',
                search: isSort(next) && next !== 'newest' ? { by: next } : {},
                replace: true,
              });
            }}
            className="h-8 rounded-md border border-line-field bg-surface px-2 text-sm"
          >
            {sorts.map((s) => (
              <option key={s.id} value={s.id}>
                {s.label}
              </option>
            ))}
          </select>
        )}
        {add}
        <div className="relative w-full min-[1000px]:w-64">
          <Search
            size={15}
            className="absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-faint"
            aria-hidden="true"
          />
          <input
            ref={field}
            type="search"
            aria-label="Find a company"
            value={text}
            onChange={(e) => setText(e.target.value)}
            placeholder="Name, or a whole domain"
            className="h-8 w-full rounded-md border border-line-field bg-surface pr-3 pl-8 text-sm max-md:h-9"
          />
        </div>
      </header>
      <div className="min-h-0 flex-1">
        {list.isPending ? (
          <TableSkeleton />
        ) : list.error ? (
          <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
        ) : list.items.length === 0 ? (
          <None q={q} action={add} />
        ) : (
          <CompanyTable
            items={list.items}
            hasMore={list.hasNextPage}
            onEnd={() => {
              if (!list.isFetchingNextPage) void list.fetchNextPage();
            }}
          />
        )}
      </div>
      {isCreating && <CreateCompany onClose={() => setCreating(false)} />}
    </div>
  );
}

function None({ q, action }: { q: string; action: React.ReactNode }) {
  const icon = <Building2 size={22} strokeWidth={1.6} />;
  if (q) {
    return (
      <Empty icon={icon} title="No company is found">
        A company is found by the beginnings of its name’s words, or by a whole domain such as example.com.
      </Empty>
    );
  }
  return (
    <Empty icon={icon} title="No companies yet" action={action}>
      Add one here, let an import name them, or have them follow from people’s addresses: Settings, Companies.
    </Empty>
  );
}
