import { useNavigate, useSearch } from '@tanstack/react-router';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useThisBoard } from '../boards/layout';
import { Strip } from '../boards/parts';
import { count, importanceLabels, weighs } from '../boards/words';
import { useSegments } from '../segments/data';
import { SegmentPicker } from '../segments/picker';
import { LoadProblem, Skeleton } from '../ui/bits';
import { IconButton } from '../ui/button';
import { type Insight, useInsight, useTrend } from './data';
import { type InsightSearch, maxSegments, spans } from './search';
import { Trend } from './trend';
import { Splits, Wanted } from './wanted';

/** Who wants what on a board, and how that went over time. */
export function InsightPage() {
  const board = useThisBoard();
  const search = useSearch({ from: '/shell/boards/$boardId/insight' });
  const navigate = useNavigate();
  const mayTell = useCan(may.readContacts);
  const span = spans.find((s) => s.id === (search.span ?? 'quarter')) ?? spans[1];
  const chosen =
    search.segments?.split(',') ?? board.weight.segments.slice(0, maxSegments).map((s) => s.segment_id);
  const insight = useInsight(board.id, mayTell ? chosen : [], span.days);
  const set = (next: InsightSearch) =>
    void navigate({
      to: '/boards/$boardId/insight',
      params: { boardId: board.id },
      search: next,
      replace: true,
    });
  const isWeighed = mayTell && weighs(board);
  return (
    <div className="h-full overflow-y-auto">
      {board.weight.state === 'weighing' && (
        <Strip tone="plain">Votes are being weighed by the new rule. Sums are right in a moment.</Strip>
      )}
      {board.weight.problem && (
        <Strip tone="time">
          {board.weight.problem === 'attribute'
            ? 'The attribute by which votes weigh cannot be used any more. Choose another one in the settings.'
            : 'A segment by which votes weigh cannot be used any more. Choose another one in the settings.'}
        </Strip>
      )}
      <div className="mx-auto max-w-5xl space-y-8 p-4 md:p-6">
        <TrendSection boardId={board.id} span={span} onSpan={(id) => set({ ...search, span: id })} />
        {insight.error && !insight.data ? (
          <LoadProblem text={problemText(insight.error)} onRetry={() => void insight.refetch()} />
        ) : !insight.data ? (
          <Skeleton className="h-60 w-full" />
        ) : (
          <>
            {mayTell && (
              <BySegment
                insight={insight.data}
                chosen={chosen}
                weighs={isWeighed}
                onChange={(segments) => set({ ...search, segments })}
              />
            )}
            <Section title="Most votes lately" hint={`In the last ${span.label}`}>
              <div className="max-w-xl">
                <Wanted
                  board={board}
                  posts={insight.data.recent}
                  weighs={false}
                  empty="Nobody voted in this time."
                />
              </div>
            </Section>
            <Section title="How much it matters" hint="To those who said so">
              <div className="grid gap-6 md:grid-cols-3">
                {insight.data.importance.map((i) => (
                  <div key={i.importance} className="min-w-0">
                    <Head title={importanceLabels[i.importance]} hint={count(i.votes, 'vote')} />
                    <Wanted board={board} posts={i.most} weighs={false} empty="Nobody said so." />
                  </div>
                ))}
              </div>
            </Section>
            <div className="grid gap-8 md:grid-cols-2">
              <Splits
                title="By status"
                weighs={isWeighed}
                rows={insight.data.statuses.map((s) => ({
                  ...s,
                  name: board.statuses.find((b) => b.key === s.key)?.name ?? s.key,
                }))}
              />
              <Splits
                title="By category"
                weighs={isWeighed}
                rows={insight.data.categories.map((c) => ({ ...c, name: c.key || 'Without one' }))}
              />
            </div>
          </>
        )}
      </div>
    </div>
  );
}

function Section({
  title,
  hint,
  side,
  children,
}: {
  title: string;
  hint?: string;
  side?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section aria-label={title}>
      <header className="mb-3 flex flex-wrap items-end justify-between gap-3">
        <Head title={title} hint={hint} />
        {side}
      </header>
      {children}
    </section>
  );
}

function Head({ title, hint }: { title: string; hint?: string | undefined }) {
  return (
    <div className="mb-1 min-w-0">
      <h2 className="truncate text-sm font-semibold">{title}</h2>
      {hint && <p className="text-xs text-ink-faint tabular-nums">{hint}</p>}
    </div>
  );
}

interface TrendProps {
  boardId: string;
  span: (typeof spans)[number];
  onSpan: (span: InsightSearch['span']) => void;
}

function TrendSection({ boardId, span, onSpan }: TrendProps) {
  const trend = useTrend(boardId, span.days);
  return (
    <Section
      title="Over time"
      hint={`The last ${span.label}, by ${trend.data?.by ?? 'day'}`}
      side={
        <fieldset className="flex rounded-md border border-line p-0.5">
          <legend className="sr-only">Span</legend>
          {spans.map((s) => (
            <label
              key={s.id}
              className="cursor-pointer rounded-sm px-2.5 py-1 text-xs text-ink-soft has-checked:bg-pressed has-checked:font-medium has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
            >
              <input
                type="radio"
                name="span"
                className="sr-only"
                checked={s.id === span.id}
                onChange={() => onSpan(s.id === 'quarter' ? undefined : s.id)}
              />
              {s.label}
            </label>
          ))}
        </fieldset>
      }
    >
      {trend.error && !trend.data ? (
        <LoadProblem text={problemText(trend.error)} onRetry={() => void trend.refetch()} />
      ) : trend.data ? (
        <Trend data={trend.data.data} by={trend.data.by} />
      ) : (
        <Skeleton className="h-52 w-full" />
      )}
    </Section>
  );
}

interface SegmentProps {
  insight: Insight;
  chosen: string[];
  weighs: boolean;
  onChange: (segments: string | undefined) => void;
}

function BySegment({ insight, chosen, weighs, onChange }: SegmentProps) {
  const board = useThisBoard();
  const names = new Map(useSegments().data?.map((s) => [s.id, s.name]));
  const put = (ids: string[]) => onChange(ids.length ? ids.join(',') : undefined);
  return (
    <Section
      title="Most wanted by segment"
      hint={weighs ? 'By what their votes weigh' : 'By how many of them voted'}
      side={
        chosen.length < maxSegments && (
          <SegmentPicker
            label="Add a segment"
            hideLabel
            className="w-52"
            none="Add a segment…"
            value=""
            onChange={(id) => id && put([...new Set([...chosen, id])])}
          />
        )
      }
    >
      {chosen.length === 0 ? (
        <p className="text-sm text-ink-faint">Choose segments to see side by side what their people want.</p>
      ) : (
        <div className="grid gap-x-6 gap-y-6 md:grid-cols-2 lg:grid-cols-3">
          {insight.segments.map((s) => {
            const name = names.get(s.segment_id) ?? 'Segment';
            return (
              <div key={s.segment_id} className="min-w-0">
                <div className="flex items-start justify-between">
                  <Head
                    title={name}
                    hint={[
                      count(s.votes, 'vote'),
                      count(s.posts, 'post'),
                      weighs && `weight ${(s.weight ?? 0).toLocaleString('en')}`,
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  />
                  <IconButton
                    label={`Leave out ${name}`}
                    className="size-7!"
                    onPress={() => put(chosen.filter((id) => id !== s.segment_id))}
                  >
                    <X size={14} />
                  </IconButton>
                </div>
                <Wanted
                  board={board}
                  posts={s.most}
                  weighs={weighs}
                  empty={
                    s.problem
                      ? 'This segment asks for something that was removed. Open it and put it right.'
                      : 'None of them voted.'
                  }
                />
              </div>
            );
          })}
        </div>
      )}
    </Section>
  );
}
