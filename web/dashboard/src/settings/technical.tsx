import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Technical } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { usePurposes } from '../contacts/consents';
import { Facts, factsOf } from '../contacts/profile/devices';
import { LoadProblem, Seal } from '../ui/bits';
import { Button } from '../ui/button';
import { SelectField, TextField } from '../ui/field';
import { toast, toastProblem } from '../ui/toast';
import { SettingsPage } from './layout';
import { RowsSkeleton } from './table';

type Fact = 'address' | 'place' | 'browser' | 'language' | 'page' | 'referrer';

const facts: { fact: Fact; label: string; hint: string }[] = [
  {
    fact: 'address',
    label: 'Network, shortened',
    hint: 'The last part of the address is cut off before it is stored.',
  },
  {
    fact: 'place',
    label: 'Country, approximate',
    hint: 'From the browser’s time zone or language, never from the address.',
  },
  { fact: 'browser', label: 'Browser and system', hint: 'Their family only, without versions.' },
  { fact: 'language', label: 'Language', hint: 'The one that the browser prefers.' },
  { fact: 'page', label: 'Page', hint: 'Without what follows a ? or a #.' },
  { fact: 'referrer', label: 'Page before', hint: 'Where they came from, cut in the same way.' },
];

const example = {
  network: '203.0.113.0/24',
  place: 'DE',
  place_from: 'time_zone' as const,
  browser: 'Firefox',
  system: 'Windows',
  language: 'de-DE',
  page: 'https://www.example.org/pricing',
  referrer: 'https://search.example.com/',
};

/** The example as it would be stored with these switches. */
function preview(t: Technical) {
  return factsOf({
    network: t.address ? example.network : '',
    place: t.place ? example.place : '',
    place_from: t.place ? example.place_from : '',
    browser: t.browser ? example.browser : '',
    system: t.browser ? example.system : '',
    language: t.language ? example.language : '',
    page: t.page ? example.page : '',
    referrer: t.referrer ? example.referrer : '',
  });
}

/** What is kept of people's browsers, what for, and for how long. Nothing at first. */
export function TechnicalPage() {
  const workspace = useQuery({ queryKey: keys.workspace, queryFn: ({ signal }) => api.workspace(signal) });
  const stored = workspace.data?.data.settings.technical;
  return (
    <SettingsPage
      title="Technical data"
      intro="What is kept of the browser when somebody does something on purpose: starts a conversation, says who they are, or is told of by your website. Looking at a page keeps nothing."
    >
      {workspace.error ? (
        <LoadProblem text={problemText(workspace.error)} onRetry={() => void workspace.refetch()} />
      ) : !stored ? (
        <RowsSkeleton />
      ) : (
        <Form key={workspace.data?.etag} stored={stored} etag={workspace.data?.etag ?? null} />
      )}
    </SettingsPage>
  );
}

function Form({ stored, etag }: { stored: Technical; etag: string | null }) {
  const mayWrite = useCan(may.writeWorkspace);
  const purposes = usePurposes();
  const cache = useQueryClient();
  const [draft, setDraft] = useState<Technical>({ ...stored, retention_days: stored.retention_days || 30 });
  const save = useMutation({
    mutationFn: () => api.updateWorkspace({ settings: { technical: draft } }, etag),
    onSuccess: (answer) => {
      cache.setQueryData(keys.workspace, answer);
      toast('Saved.');
    },
    onError: (error) => {
      toastProblem(error);
      void cache.invalidateQueries({ queryKey: keys.workspace });
    },
  });
  const change = (part: Partial<Technical>) => setDraft((d) => ({ ...d, ...part }));
  const isOn = facts.some(({ fact }) => draft[fact]);
  const badDays = !(draft.retention_days >= 1 && draft.retention_days <= 90);
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (!badDays) save.mutate();
      }}
    >
      <div className="grid gap-8 md:grid-cols-[minmax(0,1fr)_20rem]">
        <fieldset disabled={!mayWrite}>
          <legend className="text-sm font-semibold">What is kept</legend>
          <ul className="mt-3 divide-y divide-line rounded-md border border-line">
            {facts.map(({ fact, label, hint }) => (
              <li key={fact}>
                <label className="flex items-start gap-3 px-4 py-3">
                  <input
                    type="checkbox"
                    className="mt-0.5 size-4 accent-accent"
                    checked={draft[fact]}
                    onChange={(e) => change({ [fact]: e.target.checked })}
                  />
                  <span>
                    <span className="block text-sm font-medium">{label}</span>
                    <span className="block text-sm text-ink-faint">{hint}</span>
                  </span>
                </label>
              </li>
            ))}
          </ul>
          <div className="mt-5 grid gap-4 sm:grid-cols-2">
            <SelectField
              label="What for"
              value={draft.purpose}
              onChange={(e) => change({ purpose: e.target.value })}
              required={isOn}
              hint="Nothing is kept of people who objected to it, or did not agree where it needs consent."
            >
              <option value="">Choose a purpose</option>
              {purposes.map((p) => (
                <option key={p.key} value={p.key}>
                  {p.name}
                </option>
              ))}
            </SelectField>
            <TextField
              label="For how many days"
              type="number"
              min={1}
              max={90}
              required
              value={Number.isNaN(draft.retention_days) ? '' : draft.retention_days}
              onChange={(e) => change({ retention_days: e.target.valueAsNumber })}
              problem={badDays ? 'Between 1 and 90 days.' : undefined}
              hint="Then it goes by itself. At most the last 20 are kept of a person."
            />
          </div>
        </fieldset>
        <section aria-labelledby="technical-example">
          <h2 id="technical-example" className="text-sm font-semibold">
            What would be stored
          </h2>
          <div className="mt-3 rounded-md border border-line bg-sunken px-4 py-3" aria-live="polite">
            {isOn ? (
              <Facts facts={preview(draft)} />
            ) : (
              <p className="text-sm text-ink-faint">Nothing. It stays so until you choose something.</p>
            )}
          </div>
          <p className="mt-2">
            <Seal label="Sealed with each person’s own key" />
          </p>
          <p className="mt-2 text-sm text-ink-faint">
            Never kept of children, of people whose age is not known where you ask for it, or of those whose
            data is restricted.
          </p>
        </section>
      </div>
      {mayWrite && (
        <Button type="submit" look="primary" className="mt-6" isDisabled={badDays} busy={save.isPending}>
          Save
        </Button>
      )}
    </form>
  );
}
