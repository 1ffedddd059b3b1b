import { useQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { RetentionSettings } from '../api/types';
import { RowsSkeleton } from '../settings/table';
import { LoadProblem } from '../ui/bits';
import { TabPage } from './layout';
import { RulesForm } from './retention-rules';
import { Runs } from './retention-runs';

export function RetentionPage() {
  const { data, error, refetch } = useQuery({
    queryKey: keys.retention,
    queryFn: ({ signal }) => api.retention(signal),
  });
  return (
    <TabPage
      title="Retention"
      intro="How long you keep what. Without a rule nothing is removed. The privacy notice tells people the days that you set here."
    >
      {error ? (
        <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton />
      ) : (
        <>
          <RulesForm key={data.etag} settings={data.data} etag={data.etag} />
          <Runs hasRules={data.data.rules.length > 0} />
          <BuiltIn terms={data.data.built_in} />
        </>
      )}
    </TabPage>
  );
}

/** What always has its term, whatever the rules say. */
function BuiltIn({ terms }: { terms: RetentionSettings['built_in'] }) {
  return (
    <section className="mt-10">
      <h2 className="font-semibold">Always</h2>
      <dl className="mt-3 divide-y divide-line rounded-md border border-line text-sm">
        {terms.map((t) => (
          <div key={t.what} className="flex flex-wrap justify-between gap-x-6 gap-y-0.5 px-4 py-2.5">
            <dt className="text-ink-soft">{t.what}</dt>
            <dd className="tabular-nums first-letter:uppercase">{t.term}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
