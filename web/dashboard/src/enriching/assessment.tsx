import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useState } from 'react';
import type { Answer } from '../api/client';
import { Problem, problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useWho } from '../contacts/rights';
import { fullTime } from '../lib/time';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { SelectField, TextArea } from '../ui/field';
import { toast } from '../ui/toast';
import { AssessmentState } from './assessments';
import { type Assessment, type AssessmentChange, assessments, names, useChange } from './data';

/** One impact assessment: to be written, and approved. */
export function AssessmentPage() {
  const { assessmentId: id } = useParams({ from: '/shell/privacy-centre/assessments/$assessmentId' });
  const one = useQuery({
    queryKey: names.assessment(id),
    queryFn: ({ signal }) => assessments.one(id, signal),
    staleTime: 0,
  });
  return (
    <>
      <Link
        to="/privacy-centre/assessments"
        className="mb-3 -ml-1 inline-flex items-center gap-1.5 rounded-sm p-1 text-sm text-ink-soft hover:text-ink"
      >
        <ArrowLeft size={15} aria-hidden="true" />
        Impact assessments
      </Link>
      {one.data ? (
        <Form key={one.data.data.id} answer={one.data} />
      ) : one.error ? (
        <LoadProblem text={problemText(one.error)} onRetry={() => void one.refetch()} />
      ) : (
        <Skeleton className="h-40" />
      )}
    </>
  );
}

type Draft = Required<Omit<AssessmentChange, 'state'>>;

const draftOf = (a: Assessment): Draft => ({
  description: a.description,
  necessity: a.necessity,
  risks: a.risks,
  measures: a.measures,
  residual_risk: a.residual_risk,
  dpo_consulted: a.dpo_consulted,
  dpo_opinion: a.dpo_opinion,
});

type TextName = 'description' | 'necessity' | 'risks' | 'measures';

const texts: { name: TextName; label: string; hint: string; rows: number }[] = [
  { name: 'description', label: 'What is done', hint: 'With whose data, and what leaves to whom.', rows: 9 },
  {
    name: 'necessity',
    label: 'Why it is needed',
    hint: 'And why nothing milder would do. Name the purpose.',
    rows: 4,
  },
  { name: 'risks', label: 'What may go wrong for people', hint: 'One a line.', rows: 6 },
  { name: 'measures', label: 'What is done about that', hint: 'One a line.', rows: 8 },
];

function Form({ answer }: { answer: Answer<Assessment> }) {
  const a = answer.data;
  const mayWrite = useCan(may.writePrivacy);
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(a));
  const save = useChange(
    (state?: 'draft' | 'approved') =>
      assessments.change(a.id, { ...draft, ...(state && { state }) }, answer.etag),
    (saved) => {
      client.setQueryData(names.assessment(a.id), saved);
      void client.invalidateQueries({ queryKey: names.assessments, exact: true });
      toast(saved.data.state === 'approved' ? 'Approved. It holds for a year.' : 'Saved as a draft.');
    },
  );
  const problem = save.error instanceof Problem ? save.error : null;
  const isChanged = JSON.stringify(draft) !== JSON.stringify(draftOf(a));
  const of = (field: string) => problem?.field(field);
  return (
    <>
      <header className="mb-6">
        <h1 className="flex flex-wrap items-center gap-2.5 text-lg font-semibold">
          Looking people up in public sources
          <AssessmentState assessment={a} />
        </h1>
        <Holds assessment={a} />
      </header>
      <form onSubmit={(e) => e.preventDefault()} className="max-w-3xl space-y-5">
        {texts.map((t) => (
          <TextArea
            key={t.name}
            label={t.label}
            hint={t.hint}
            rows={t.rows}
            maxLength={10000}
            readOnly={!mayWrite}
            value={draft[t.name]}
            onChange={(e) => setDraft({ ...draft, [t.name]: e.target.value })}
            problem={of(t.name)}
          />
        ))}
        <Risk draft={draft} setDraft={setDraft} mayWrite={mayWrite} of={of} />
        {mayWrite && (
          <div className="sticky bottom-0 border-t border-line bg-surface py-4">
            {save.error && (
              <p role="alert" className="mb-3 text-sm text-loss-text">
                {problemText(save.error)}
              </p>
            )}
            <div className="flex flex-wrap items-center gap-2">
              <Button
                look="primary"
                busy={save.isPending}
                isDisabled={a.state === 'approved' && !isChanged}
                onPress={() => save.mutate('approved')}
              >
                {a.state === 'due' && !isChanged ? 'Approve for another year' : 'Approve'}
              </Button>
              <Button
                busy={save.isPending}
                isDisabled={!isChanged}
                onPress={() => save.mutate(a.state === 'draft' ? undefined : 'draft')}
              >
                Save as a draft
              </Button>
              {isChanged && a.state !== 'draft' && (
                <span className="text-sm text-ink-faint">A changed text has to be approved anew.</span>
              )}
            </div>
          </div>
        )}
      </form>
    </>
  );
}

interface RiskProps {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  mayWrite: boolean;
  of: (field: string) => string | undefined;
}

function Risk({ draft, setDraft, mayWrite, of }: RiskProps) {
  return (
    <>
      <SelectField
        className="max-w-xs"
        label="Risk that is left"
        disabled={!mayWrite}
        value={draft.residual_risk}
        onChange={(e) => setDraft({ ...draft, residual_risk: e.target.value as Assessment['residual_risk'] })}
        hint={
          draft.residual_risk === 'high' && 'With a high risk, the authority is asked first (article 36).'
        }
        problem={of('residual_risk')}
      >
        <option value="low">Low</option>
        <option value="medium">Medium</option>
        <option value="high">High</option>
      </SelectField>
      <div>
        <label className="flex items-center gap-2.5">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            disabled={!mayWrite}
            checked={draft.dpo_consulted}
            onChange={(e) => setDraft({ ...draft, dpo_consulted: e.target.checked })}
          />
          The data protection officer was asked
        </label>
        {of('dpo_consulted') && (
          <p role="alert" className="mt-1.5 text-sm text-loss-text">
            {of('dpo_consulted')}
          </p>
        )}
      </div>
      {draft.dpo_consulted && (
        <TextArea
          label="What they said"
          maxLength={10000}
          readOnly={!mayWrite}
          value={draft.dpo_opinion}
          onChange={(e) => setDraft({ ...draft, dpo_opinion: e.target.value })}
          problem={of('dpo_opinion')}
        />
      )}
    </>
  );
}

/** Until when an approval holds, and whose it is. */
function Holds({ assessment: a }: { assessment: Assessment }) {
  const who = useWho();
  if (!a.approved_at || !a.review_at) {
    return (
      <p className="mt-1 max-w-xl text-ink-soft">
        A draft allows nothing. What stands in brackets is for you to fill in.
      </p>
    );
  }
  return (
    <p className={`mt-1 ${a.state === 'due' ? 'text-time-text' : 'text-ink-soft'}`}>
      Approved {fullTime(a.approved_at)}
      {a.approved_by && ` by ${who(a.approved_by)}`}.{' '}
      {a.state === 'due'
        ? `It held until ${fullTime(a.review_at)}. Nobody is looked up until it is approved anew.`
        : `It holds until ${fullTime(a.review_at)}.`}
    </p>
  );
}
