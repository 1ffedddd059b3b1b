import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronRight, FileCheck2, Plus } from 'lucide-react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { fullTime, longAge } from '../lib/time';
import { TabPage } from '../privacy/layout';
import { Empty, LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { toastProblem } from '../ui/toast';
import { type Assessment, assessments, useAssessments, useChange } from './data';

/** The impact assessments, newest first. */
export function AssessmentsPage() {
  const mayWrite = useCan(may.writePrivacy);
  const navigate = useNavigate();
  const list = useAssessments();
  const begin = useChange(assessments.begin, (a) => {
    void list.refetch();
    void navigate({ to: '/privacy-centre/assessments/$assessmentId', params: { assessmentId: a.id } });
  });
  const add = mayWrite && (
    <Button
      icon={<Plus size={15} />}
      busy={begin.isPending}
      onPress={() => begin.mutate(undefined, { onError: toastProblem })}
    >
      Start from the template
    </Button>
  );
  const all = list.data;
  return (
    <TabPage
      title="Impact assessments"
      intro="What a risky use of data does to people, why it has to be, and what was done about it (GDPR article 35). An approval holds for a year."
      action={all?.length ? add : null}
    >
      {list.error ? (
        <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
      ) : !all ? (
        <Skeleton className="h-16" />
      ) : all.length === 0 ? (
        <Empty icon={<FileCheck2 size={22} strokeWidth={1.6} />} title="None is written yet" action={add}>
          Looking people up in public sources needs one. The template holds what Botimum itself knows; you add
          what only you know.
        </Empty>
      ) : (
        <ul className="divide-y divide-line rounded-md border border-line">
          {all.map((a) => (
            <Row key={a.id} assessment={a} />
          ))}
        </ul>
      )}
    </TabPage>
  );
}

function Row({ assessment: a }: { assessment: Assessment }) {
  return (
    <li>
      <Link
        to="/privacy-centre/assessments/$assessmentId"
        params={{ assessmentId: a.id }}
        className="flex items-center gap-3 px-4 py-3 hover:bg-hover"
      >
        <span className="min-w-0 flex-1">
          <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <span className="font-medium">Looking people up in public sources</span>
            <AssessmentState assessment={a} />
          </span>
          <span className="mt-0.5 block text-sm text-ink-faint">
            {a.residual_risk} risk left · changed {longAge(a.updated_at)}
            {a.review_at && ` · ${a.state === 'due' ? 'was due' : 'review'} by ${fullTime(a.review_at)}`}
          </span>
        </span>
        <ChevronRight size={16} className="shrink-0 text-ink-faint" aria-hidden="true" />
      </Link>
    </li>
  );
}

const looks: Record<Assessment['state'], { text: string; look: string }> = {
  draft: { text: 'Draft', look: 'border-line text-ink-soft' },
  approved: { text: 'Approved', look: 'border-accent-line bg-accent-soft text-accent-text' },
  due: { text: 'Due for review', look: 'border-time-line bg-time-soft text-time-text' },
};

export function AssessmentState({ assessment: a }: { assessment: Assessment }) {
  const { text, look } = looks[a.state];
  return (
    <span
      className={`inline-flex h-5 items-center rounded-sm border px-1.5 text-xs font-medium whitespace-nowrap ${look}`}
    >
      {text}
    </span>
  );
}
