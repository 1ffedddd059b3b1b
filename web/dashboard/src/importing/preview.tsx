import { CircleAlert, TriangleAlert } from 'lucide-react';
import type { ImportPreview, PreviewRow, RowProblem } from './data';
import { Remark } from './parts';
import { targetWord } from './words';

/** The first rows as they would be imported, each with what is wrong with it. Columns that are left out are pale. */
export function PreviewTable({
  one,
  named,
}: {
  one: ImportPreview;
  named: (target: string) => string | undefined;
}) {
  if (one.preview.length === 0) return <Remark>The file is gone, or has no row that can be read.</Remark>;
  return (
    <section
      aria-label="The first rows of the table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      className="overflow-x-auto rounded-md border border-line bg-surface"
    >
      <table className="w-full border-collapse text-left text-sm">
        <thead>
          <tr className="border-b border-line text-xs">
            <th scope="col" className="px-3 py-2 font-medium text-ink-faint">
              Row
            </th>
            {one.columns.map((c, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other name of their own, and never move.
              <th key={i} scope="col" className="px-3 py-2 font-medium whitespace-nowrap">
                <span className={c.target ? 'text-ink' : 'text-ink-faint'}>
                  {targetWord(c.target, named)}
                </span>
                <span className="block font-normal text-ink-faint" dir="auto">
                  {c.name}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {one.preview.map((row) => (
            <Row key={row.row} row={row} one={one} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ row, one }: { row: PreviewRow; one: ImportPreview }) {
  const wrong = new Map(row.problems.map((p): [string, RowProblem] => [p.column, p]));
  return (
    <>
      <tr className={row.problems.length > 0 ? 'border-b-0!' : ''}>
        <td className="px-3 py-2 text-ink-faint tabular-nums">{row.row}</td>
        {one.columns.map((c, i) => {
          const p = wrong.get(c.name);
          return (
            <td
              // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other name of their own, and never move.
              key={i}
              dir="auto"
              className={`max-w-56 truncate px-3 py-2 ${c.target ? '' : 'text-ink-faint'} ${p ? (p.warning ? 'bg-time-soft' : 'bg-loss-soft') : ''}`}
            >
              {row.cells[i]}
            </td>
          );
        })}
      </tr>
      {row.problems.length > 0 && (
        <tr>
          <td />
          <td colSpan={one.columns.length} className="px-3 pb-2.5">
            <ProblemList problems={row.problems} />
          </td>
        </tr>
      )}
    </>
  );
}

/** What is wrong with a row, column by column. */
export function ProblemList({ problems }: { problems: RowProblem[] }) {
  return (
    <ul className="space-y-0.5 text-sm">
      {problems.map((p) => (
        <li
          key={`${p.column} ${p.detail}`}
          className={`flex items-start gap-1.5 ${p.warning ? 'text-time-text' : 'text-loss-text'}`}
        >
          {p.warning ? (
            <TriangleAlert size={14} className="mt-0.5 shrink-0" aria-label="Warning:" />
          ) : (
            <CircleAlert size={14} className="mt-0.5 shrink-0" aria-label="Error:" />
          )}
          <span>
            {p.column && <strong className="font-medium">{p.column} </strong>}
            {p.detail}
          </span>
        </li>
      ))}
    </ul>
  );
}
