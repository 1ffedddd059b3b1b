import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Answer } from '../api/client';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { isStatus, problemText } from '../api/problem';
import type { Age, Workspace } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { FormProblem } from '../auth/frame';
import { fullTime } from '../lib/time';
import { Cell, RowsSkeleton, Table } from '../settings/table';
import { LoadProblem } from '../ui/bits';
import { SelectField } from '../ui/field';
import { toast } from '../ui/toast';
import { TabPage } from './layout';

const names = new Intl.DisplayNames('en', { type: 'region' });
const nameOf = (country: string) => names.of(country) ?? country;

/** Whether visitors are asked for their age, from which age they consent alone, and what parents said. */
export function ChildrenPage() {
  const workspace = useQuery({ queryKey: keys.workspace, queryFn: ({ signal }) => api.workspace(signal) });
  const ages = useQuery({
    queryKey: keys.ages,
    queryFn: ({ signal }) => api.ages(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const error = workspace.error ?? ages.error;
  const ready = workspace.data && ages.data;
  return (
    <TabPage
      title="Children"
      intro="Who is too young to consent alone writes only once a parent has agreed. Until then nothing of them is stored."
    >
      {ready ? (
        <div className="space-y-10">
          <Gate answer={workspace.data} ages={ages.data.data} />
          <Parents />
          <Ages ages={ages.data.data} />
        </div>
      ) : error ? (
        <LoadProblem
          text={problemText(error)}
          onRetry={() => {
            workspace.refetch();
            ages.refetch();
          }}
        />
      ) : (
        <RowsSkeleton />
      )}
    </TabPage>
  );
}

interface Choice {
  age_gate?: boolean;
  country?: string;
}

function Gate({ answer: { data, etag }, ages }: { answer: Answer<Workspace>; ages: Age[] }) {
  const mayWrite = useCan(may.writeWorkspace);
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Choice>({}); // shows at once; what the server says, when it has said so
  const save = useMutation({
    mutationFn: (settings: Choice) => api.updateWorkspace({ settings }, etag),
    onSettled: () => setChosen({}),
    onSuccess: (saved, { age_gate }) => {
      client.setQueryData(keys.workspace, saved);
      if (age_gate === undefined) toast('Saved.');
      else toast(age_gate ? 'Visitors are asked from now on.' : 'Nobody is asked any more.');
    },
  });
  const choose = (change: Choice) => {
    setChosen(change);
    save.mutate(change);
  };
  const { age_gate, country } = { ...data.settings, ...chosen };
  const sorted = [...ages].sort((a, b) => nameOf(a.country).localeCompare(nameOf(b.country)));
  return (
    <section aria-label="Age gate" className="max-w-2xl space-y-5">
      {save.error && (
        <FormProblem
          text={
            isStatus(save.error, 409, 412)
              ? 'Somebody else saved meanwhile. Reload the page to see their version.'
              : problemText(save.error)
          }
        />
      )}
      <label className="flex items-start gap-3 rounded-md border border-line px-4 py-3">
        <input
          type="checkbox"
          className="mt-1"
          checked={age_gate}
          disabled={!mayWrite || save.isPending}
          onChange={(e) => choose({ age_gate: e.target.checked })}
        />
        <span>
          <span className="block font-medium">Ask visitors when they were born</span>
          <span className="block text-sm text-ink-faint">
            In the chat, before the first message. The answer is computed with and forgotten; people whom your
            own system signs in are asked only if it sends their birthdate.
          </span>
        </span>
      </label>
      <SelectField
        label="Country of your visitors"
        hint="Where the visitor’s language names a country with a higher age, that age counts."
        className="max-w-md"
        value={country}
        disabled={!mayWrite || save.isPending}
        onChange={(e) => choose({ country: e.target.value })}
      >
        <option value="">Not one: the strictest age, 16</option>
        {sorted.map((a) => (
          <option key={a.country} value={a.country}>
            {nameOf(a.country)}: {a.years}
          </option>
        ))}
      </SelectField>
    </section>
  );
}

function Parents() {
  const { data, error, refetch } = useQuery({
    queryKey: keys.parentalConsents,
    queryFn: ({ signal }) => api.parentalConsents(signal),
  });
  return (
    <section aria-label="Parents">
      <h2 className="mb-1 font-semibold">What parents said</h2>
      <p className="mb-3 max-w-2xl text-sm text-ink-faint">
        Whoever refuses, withdraws or does not answer within seven days is not listed: everything about them
        and the child is erased.
      </p>
      {error ? (
        <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton />
      ) : data.data.length === 0 ? (
        <p className="rounded-md border border-dashed border-line px-4 py-6 text-center text-ink-faint">
          No parent has been asked yet.
        </p>
      ) : (
        <Table label="Parental consents" head={['Asked', 'Answer', 'Country', 'Age there', 'Child']}>
          {data.data.map((c) => (
            <tr key={c.id}>
              <Cell className="whitespace-nowrap">{fullTime(c.asked_at)}</Cell>
              <Cell className="whitespace-nowrap">
                {c.decided_at ? `Agreed ${fullTime(c.decided_at)}` : `Waits until ${fullTime(c.expires_at)}`}
              </Cell>
              <Cell>{c.country ? nameOf(c.country) : 'Not known'}</Cell>
              <Cell className="tabular-nums">{c.age_limit}</Cell>
              <Cell>
                {c.decided_at ? (
                  <Link
                    to="/contacts/$contactId"
                    params={{ contactId: c.contact_id }}
                    className="text-accent-text underline"
                  >
                    Open
                  </Link>
                ) : (
                  'Not stored'
                )}
              </Cell>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function Ages({ ages }: { ages: Age[] }) {
  return (
    <section aria-label="Ages by country">
      <h2 className="mb-1 font-semibold">From which age people consent alone</h2>
      <p className="mb-3 max-w-2xl text-sm text-ink-faint">
        GDPR article 8 says 16 and lets a country go down to 13. Everywhere that is not listed, 16 counts.
      </p>
      <Table label="Ages" head={['Country', 'Age', 'Says who']}>
        {ages.map((a) => (
          <tr key={a.country}>
            <Cell className="whitespace-nowrap">{nameOf(a.country)}</Cell>
            <Cell className="tabular-nums">{a.years}</Cell>
            <Cell className="text-ink-soft">{a.source}</Cell>
          </tr>
        ))}
      </Table>
    </section>
  );
}
