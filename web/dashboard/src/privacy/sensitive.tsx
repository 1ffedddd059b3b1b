import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Answer } from '../api/client';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Workspace } from '../api/types';
import { may } from '../app/permissions';
import { useCanAny } from '../app/session';
import { LoadProblem, Skeleton } from '../ui/bits';
import { SelectField } from '../ui/field';
import { toast, toastProblem } from '../ui/toast';
import { TabPage } from './layout';

const kinds = [
  { kind: 'card', name: 'Card numbers', shown: 'Only the last four digits stay.' },
  { kind: 'password', name: 'Passwords and PINs', shown: 'Nothing of it stays.' },
  { kind: 'key', name: 'Keys and tokens', shown: 'Nothing of it stays.' },
  { kind: 'iban', name: 'Bank accounts (IBAN)', shown: 'Only the country stays.' },
  {
    kind: 'national_id',
    name: 'National ID numbers',
    shown: 'Nothing of it stays. 27 EU countries and the US.',
  },
] as const;

const actions = [
  { id: 'mask', name: 'Hide on arrival' },
  { id: 'flag', name: 'Flag' },
  { id: 'off', name: 'Leave alone' },
];

export function SensitivePage() {
  const { data, error, refetch } = useQuery({
    queryKey: keys.workspace,
    queryFn: ({ signal }) => api.workspace(signal),
  });
  return (
    <TabPage
      title="Sensitive data"
      intro="What happens when somebody writes into a chat what does not belong there, you and your colleagues included. What is hidden on arrival is never stored. What is flagged is kept, sealed, and can be redacted. What may as well be an order number is flagged, never hidden."
    >
      {data ? (
        <Kinds answer={data} />
      ) : error ? (
        <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />
      ) : (
        <Skeleton className="h-64" />
      )}
    </TabPage>
  );
}

function Kinds({ answer }: { answer: Answer<Workspace> }) {
  const client = useQueryClient();
  const mayWrite = useCanAny(may.writeWorkspace, may.writePrivacy);
  const save = useMutation({
    mutationFn: (change: Record<string, string>) =>
      api.updateWorkspace({ settings: { sensitive: change } }, answer.etag),
    onSuccess: (next) => {
      client.setQueryData(keys.workspace, next);
      toast('Saved. It holds for messages from now on.');
    },
    onError: toastProblem,
  });
  const chosen = { ...answer.data.settings.sensitive, ...save.variables };
  return (
    <ul className="divide-y divide-line rounded-md border border-line">
      {kinds.map(({ kind, name, shown }) => (
        <li key={kind} className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
          <div className="min-w-0">
            <p className="font-medium">{name}</p>
            <p className="text-sm text-ink-faint">When hidden: {shown}</p>
          </div>
          <SelectField
            label={name}
            hideLabel
            className="w-40"
            value={chosen[kind] ?? 'flag'}
            disabled={!mayWrite || save.isPending}
            onChange={(event) => save.mutate({ [kind]: event.currentTarget.value })}
          >
            {actions.map((a) => (
              <option key={a.id} value={a.id}>
                {a.name}
              </option>
            ))}
          </SelectField>
        </li>
      ))}
    </ul>
  );
}
