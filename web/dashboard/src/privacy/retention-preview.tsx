import type { RetentionResult } from '../api/types';
import { countsInWords, isNothing, titleOf } from './retention-words';

/** What rules would remove, and what that means. */
export function Preview({ results, isRemoval }: { results: RetentionResult[]; isRemoval: boolean }) {
  return (
    <>
      {results.length === 0 ? (
        <p className="text-sm text-ink-soft">There is no rule. Nothing will be removed.</p>
      ) : (
        <Results results={results} />
      )}
      <p className="mt-4 text-sm text-ink-soft">
        {isNothing(results)
          ? 'Nothing is old enough to go today.'
          : isRemoval
            ? 'This cannot be undone: what goes is gone from here, and erased people lose their key, so that backups cannot be read either.'
            : 'Nothing goes when you save. The rules are applied once a day, and what a run removes cannot be brought back.'}
      </p>
    </>
  );
}

/** One line for each rule: what it is about, and how much. */
export function Results({ results }: { results: RetentionResult[] }) {
  return (
    <dl className="divide-y divide-line rounded-md border border-line text-sm">
      {results.map((r) => (
        <div
          key={`${r.category} ${r.purpose} ${r.version}`}
          className="flex flex-wrap justify-between gap-x-6 gap-y-0.5 px-4 py-2.5"
        >
          <dt>
            {titleOf(r.category)}
            <span className="text-ink-faint">
              {' '}
              older than {r.days === 1 ? 'a day' : `${r.days} days`}
              {r.purpose && `, kept for ${r.purpose.replaceAll('_', ' ')} alone`}
            </span>
          </dt>
          <dd className="font-medium tabular-nums">{countsInWords(r.counts)}</dd>
        </div>
      ))}
    </dl>
  );
}
