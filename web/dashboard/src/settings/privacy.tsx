import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { CatalogueField } from '../api/types';
import { basisLabel } from '../contacts/basis';
import { LoadProblem, Seal } from '../ui/bits';
import { SettingsPage } from './layout';
import { Cell, RowsSkeleton, Table } from './table';

export function PrivacyPage() {
  return (
    <SettingsPage
      title="Privacy"
      intro="Every piece of data that Botimum keeps, and why. This list is the code itself: a field that is not in it cannot be stored."
    >
      <Catalogue />
    </SettingsPage>
  );
}

type Whose = 'contact' | 'operator';

function Catalogue() {
  const [whose, setWhose] = useState<Whose>('contact');
  const { data, error, refetch } = useQuery({
    queryKey: keys.catalogue,
    queryFn: ({ signal }) => api.catalogue(signal),
  });
  const groups = useMemo(() => byTable((data?.data ?? []).filter((f) => f.whose === whose)), [data, whose]);
  if (error) return <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />;
  if (!data) return <RowsSkeleton />;
  const choice = (id: Whose, label: string) => (
    <button
      type="button"
      aria-pressed={whose === id}
      onClick={() => setWhose(id)}
      className={`h-7 rounded-sm px-2.5 text-sm ${whose === id ? 'bg-pressed font-medium' : 'text-ink-soft hover:bg-hover'}`}
    >
      {label}
    </button>
  );
  return (
    <>
      <div className="mb-4 flex gap-1">
        {choice('contact', 'About contacts')}
        {choice('operator', 'About operators')}
      </div>
      <div className="space-y-6">
        {groups.map(([table, fields]) => (
          <section key={table}>
            <h3 className="mb-2 text-sm font-medium text-ink-soft first-letter:uppercase">
              {table.replaceAll('_', ' ')}
            </h3>
            <Table label={table} head={['Data', 'Purpose', 'Lawful basis', 'Kept for', 'Sealed']}>
              {fields.map((f) => (
                <FieldRow key={`${f.table}.${f.column}`} f={f} />
              ))}
            </Table>
          </section>
        ))}
        {!groups.length && <p className="text-sm text-ink-faint">Nothing of that kind is kept.</p>}
      </div>
    </>
  );
}

function FieldRow({ f }: { f: CatalogueField }) {
  const names = f.holds?.length ? f.holds : [f.column.replace(/_(sealed|token)$/, '')];
  return (
    <tr>
      <Cell className="min-w-48">
        <span className="block font-medium first-letter:uppercase">
          {names.join(', ').replaceAll('_', ' ')}
        </span>
        <span className="block text-xs text-ink-faint first-letter:uppercase">
          {f.category?.replaceAll('_', ' ')}
        </span>
      </Cell>
      <Cell className="first-letter:uppercase">{f.purpose?.replaceAll('_', ' ')}</Cell>
      <Cell className="min-w-36">{basisLabel(f.lawful_basis ?? '')}</Cell>
      <Cell className="min-w-32">{f.retention}</Cell>
      <Cell>{f.sealed ? <Seal /> : <span className="text-xs text-ink-faint">No</span>}</Cell>
    </tr>
  );
}

function byTable(fields: CatalogueField[]): [string, CatalogueField[]][] {
  const groups = new Map<string, CatalogueField[]>();
  for (const f of fields) groups.set(f.table, [...(groups.get(f.table) ?? []), f]);
  return [...groups.entries()].sort(([a], [b]) => a.localeCompare(b));
}
