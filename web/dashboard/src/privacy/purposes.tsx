import { useQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import { basisLabel } from '../contacts/basis';
import { LoadProblem, Skeleton } from '../ui/bits';
import { TabPage } from './layout';

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
  const { data, error, refetch } = useQuery({
    queryKey: keys.purposes,
    queryFn: ({ signal }) => api.purposes(signal),
  });
  if (error) return <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="h-16" />;
  return (
    <ul className="grid gap-3 md:grid-cols-2">
      {data.data.map((p) => (
        <li key={p.key} className="rounded-md border border-line p-4">
          <p className="flex items-baseline justify-between gap-3">
            <span className="font-medium">{p.name}</span>
            <span className="shrink-0 text-xs text-ink-faint">version {p.version}</span>
          </p>
          <p className="mt-0.5 text-sm text-ink-soft">{basisLabel(p.lawful_basis)}</p>
          {p.wording && <p className="mt-2 text-sm text-ink-faint">“{p.wording}”</p>}
        </li>
      ))}
    </ul>
  );
}
