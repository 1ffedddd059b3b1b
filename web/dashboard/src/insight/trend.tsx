import { type KeyboardEvent, useId, useState } from 'react';
import { count, dayText } from '../boards/words';
import type { TrendPoint } from './data';

const series = [
  { key: 'votes', one: 'vote', label: 'Votes', height: 96 },
  { key: 'posts', one: 'post', label: 'Posts', height: 40 },
  { key: 'comments', one: 'comment', label: 'Comments', height: 40 },
] as const;

const width = 720;

/** A few words about a day or a week. */
const said = (p: TrendPoint, by: string): string =>
  `${by === 'week' ? 'Week of ' : ''}${dayText(p.on)}: ${series.map((s) => count(p[s.key], s.one)).join(', ')}`;

/**
 * What happened over time: a row of bars each for votes, posts and comments, so that nothing depends on colour. Arrow keys
 * go from day to day; the same stands in a table below.
 */
export function Trend({ data, by }: { data: TrendPoint[]; by: string }) {
  const [at, setAt] = useState<number | null>(null);
  const last = data.length - 1;
  const onKey = (event: KeyboardEvent) => {
    const here = at ?? last;
    const to = { ArrowLeft: here - 1, ArrowRight: at === null ? here : here + 1, Home: 0, End: last }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(last, to)));
  };
  const point = at === null ? undefined : data[at];
  return (
    <figure>
      <div
        role="group"
        aria-label={`Over time, by ${by}. Arrow keys read it.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read the chart
        tabIndex={0}
        onKeyDown={onKey}
        onBlur={() => setAt(null)}
        onPointerLeave={() => setAt(null)}
        className="space-y-3 rounded-md"
      >
        {series.map((s) => (
          <Bars key={s.key} series={s} data={data} at={at} onPoint={setAt} />
        ))}
      </div>
      <figcaption className="mt-2 flex min-h-5 flex-wrap justify-between gap-x-4 text-xs text-ink-faint tabular-nums">
        <span>{data[0] && dayText(data[0].on)}</span>
        <span aria-live="polite" className="text-ink">
          {point && said(point, by)}
        </span>
        <span>{data[last] && dayText(data[last].on)}</span>
      </figcaption>
      <Table data={data} by={by} />
    </figure>
  );
}

interface BarsProps {
  series: (typeof series)[number];
  data: TrendPoint[];
  at: number | null;
  onPoint: (index: number) => void;
}

function Bars({ series: s, data, at, onPoint }: BarsProps) {
  const id = useId();
  const values = data.map((p) => p[s.key]);
  const most = Math.max(1, ...values);
  const total = values.reduce((a, b) => a + b, 0);
  const step = width / Math.max(1, data.length);
  return (
    <div className="flex items-end gap-3">
      <p className="w-20 shrink-0 text-xs leading-4 text-ink-soft">
        {s.label}
        <span className="block text-sm font-semibold text-ink tabular-nums">
          {total.toLocaleString('en')}
        </span>
      </p>
      <svg
        role="img"
        aria-labelledby={id}
        viewBox={`0 0 ${width} ${s.height}`}
        preserveAspectRatio="none"
        className="min-w-0 flex-1 overflow-visible"
        style={{ height: s.height }}
        onPointerMove={(e) => {
          const box = e.currentTarget.getBoundingClientRect();
          const to = Math.floor(((e.clientX - box.left) / box.width) * data.length);
          onPoint(Math.max(0, Math.min(data.length - 1, to)));
        }}
      >
        <title
          id={id}
        >{`${count(total, s.one)} in all, at most ${most === 1 && !total ? 0 : most} at once`}</title>
        <line
          x1="0"
          x2={width}
          y1={s.height}
          y2={s.height}
          stroke="var(--line)"
          vectorEffect="non-scaling-stroke"
        />
        {at !== null && <rect x={at * step} y={0} width={step} height={s.height} fill="var(--hover)" />}
        {values.map((v, i) => {
          const tall = v ? Math.max(2, (v / most) * (s.height - 2)) : 0;
          return (
            v > 0 && (
              <rect
                key={data[i]?.on}
                x={i * step + step * 0.12}
                y={s.height - tall}
                width={step * 0.76}
                height={tall}
                fill={i === at ? 'var(--ink)' : 'var(--ink-faint)'}
              />
            )
          );
        })}
      </svg>
    </div>
  );
}

function Table({ data, by }: { data: TrendPoint[]; by: string }) {
  const told = data.filter((p) => p.votes + p.posts + p.comments > 0);
  return (
    <details className="mt-2 text-sm">
      <summary className="cursor-pointer text-xs text-ink-soft hover:text-ink">As a table</summary>
      {told.length === 0 ? (
        <p className="mt-2 text-ink-faint">Nothing happened in this time.</p>
      ) : (
        <table className="mt-2 w-full max-w-md tabular-nums">
          <thead className="text-left text-xs text-ink-faint">
            <tr>
              <th className="py-1 font-normal">{by === 'week' ? 'Week of' : 'Day'}</th>
              {series.map((s) => (
                <th key={s.key} className="py-1 text-right font-normal">
                  {s.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {told.map((p) => (
              <tr key={p.on} className="border-t border-line">
                <th scope="row" className="py-1 text-left font-normal">
                  {dayText(p.on)}
                </th>
                {series.map((s) => (
                  <td key={s.key} className="py-1 text-right">
                    {p[s.key]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}
