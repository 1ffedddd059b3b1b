import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Purpose } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { basisLabel } from '../contacts/basis';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { TabPage } from './layout';
import { PurposeEditor } from './purpose-editor';

export function PurposesPage() {
  return (
    <TabPage
      title="Purposes"
      intro="What people's data is used for, on which lawful basis, in the words that they are shown."
    >
      <Purposes />
    </TabPage>
  );
}

function Purposes() {
  const mayWrite = useCan(may.writePrivacy);
  const [edited, setEdited] = useState<Purpose | 'new' | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: keys.purposes,
    queryFn: ({ signal }) => api.purposes(signal),
  });
  if (error) return <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="h-16" />;
  return (
    <>
      <ul className="grid gap-3 md:grid-cols-2">
        {data.data.map((p) => (
          <li key={p.key} className="rounded-md border border-line p-4">
            <p className="flex items-baseline justify-between gap-3">
              <span className="font-medium">{p.name}</span>
              <span className="shrink-0 text-xs text-ink-faint">version {p.version}</span>
            </p>
            <p className="mt-0.5 text-sm text-ink-soft">{basisLabel(p.lawful_basis)}</p>
            {p.wording && <p className="mt-2 text-sm text-ink-faint">“{p.wording}”</p>}
            <p className="mt-3 flex items-center justify-between gap-3">
              <span className="text-xs text-ink-faint">
                In {[p.locale ?? 'en', ...Object.keys(p.translations ?? {}).sort()].join(', ')}
              </span>
              {mayWrite && (
                <Button size="sm" onPress={() => setEdited(p)}>
                  Change…
                </Button>
              )}
            </p>
          </li>
        ))}
      </ul>
      {mayWrite && (
        <Button className="mt-4" icon={<Plus size={15} />} onPress={() => setEdited('new')}>
          Add a purpose
        </Button>
      )}
      {edited && <PurposeEditor purpose={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </>
  );
}
