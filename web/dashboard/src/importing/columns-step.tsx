import { lazy, Suspense, useState } from 'react';
import { Problem } from '../api/problem';
import { Button } from '../ui/button';
import { type ImportColumn, type ImportPreview, useChange } from './data';
import { Footer } from './footer';
import { Remark } from './parts';
import { PreviewTable } from './preview';
import { Reading } from './reading';
import { newAttribute, TargetSelect, useTargets } from './targets';
import { matchWords } from './words';

const AttributeDialog = lazy(() =>
  import('../settings/attribute-dialogs').then((m) => ({ default: m.AttributeDialog })),
);

/** Says what each column is for; the first rows show what that makes of them. */
export function ColumnsStep({ one, onNext }: { one: ImportPreview; onNext: () => void }) {
  const change = useChange(one.id);
  const targets = useTargets();
  const [adding, setAdding] = useState<number | null>(null);
  const choose = (at: number, target: string) => {
    if (target === newAttribute) {
      setAdding(at);
      return;
    }
    change.mutate({ targets: one.columns.map((c, i) => (i === at ? target : c.target)) });
  };
  const used = one.columns.filter((c) => c.target).length;
  const isMatched = one.columns.some((c) => c.target === one.settings.match_by);
  const problem =
    change.error instanceof Problem ? (change.error.fields[0]?.detail ?? change.error.message) : null;
  return (
    <>
      <Reading one={one} />
      <section aria-label="Columns" className="mt-5">
        <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-3">
          <h2 className="text-md font-semibold">What each column is for</h2>
          <p className="text-sm text-ink-faint tabular-nums">
            {used} of {one.columns.length} used
          </p>
        </div>
        <ul className="divide-y divide-line rounded-md border border-line bg-surface">
          {one.columns.map((c, i) => (
            <ColumnRow
              // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other name of their own, and never move.
              key={i}
              column={c}
              used={one.columns.filter((_, k) => k !== i).map((k) => k.target)}
              targets={targets}
              onChoose={(target) => choose(i, target)}
            />
          ))}
        </ul>
        {problem && (
          <p role="alert" className="mt-2 text-sm text-loss-text">
            {problem}
          </p>
        )}
      </section>
      <section aria-label="First rows" className="mt-6">
        <h2 className="mb-2 text-md font-semibold">The first rows</h2>
        <PreviewTable one={one} named={targets.named} />
      </section>
      {!isMatched && (
        <div className="mt-4">
          <Remark isLoss>
            No column is the {matchWords[one.settings.match_by]}, by which people are recognised. Choose it
            above, or choose another way to recognise them in the next step.
          </Remark>
        </div>
      )}
      <Footer id={one.id}>
        <Button look="primary" isDisabled={used === 0} busy={change.isPending} onPress={onNext}>
          Continue
        </Button>
      </Footer>
      {adding !== null && (
        <NewAttribute
          column={one.columns[adding]}
          onClose={() => setAdding(null)}
          onSaved={(key) => choose(adding, `attributes.${key}`)}
        />
      )}
    </>
  );
}

interface RowProps {
  column: ImportColumn;
  used: string[];
  targets: ReturnType<typeof useTargets>;
  onChoose: (target: string) => void;
}

function ColumnRow({ column: c, used, targets, onChoose }: RowProps) {
  return (
    <li className="grid items-center gap-x-4 gap-y-2 px-4 py-2.5 md:grid-cols-[minmax(0,1fr)_18rem]">
      <div className="min-w-0">
        <p className={`truncate font-medium ${c.target ? '' : 'text-ink-faint'}`} dir="auto">
          {c.name}
        </p>
        <p className="truncate text-sm text-ink-faint" dir="auto">
          {c.samples?.length ? c.samples.join(' · ') : 'empty in the first rows'}
        </p>
      </div>
      <div className="flex items-center gap-2">
        <TargetSelect
          label={`What ${c.name} is for`}
          value={c.target}
          used={used}
          targets={targets}
          onChange={onChoose}
        />
        <span className="w-14 shrink-0 text-xs text-ink-faint">{c.guessed ? 'guessed' : ''}</span>
      </div>
    </li>
  );
}

interface NewProps {
  column: ImportColumn | undefined;
  onClose: () => void;
  onSaved: (key: string) => void;
}

/** Declares an attribute for a column, so that it is known what it is and why it is kept. */
function NewAttribute({ column, onClose, onSaved }: NewProps) {
  return (
    <Suspense fallback={null}>
      <AttributeDialog label={column?.name} onSaved={onSaved} onClose={onClose} />
    </Suspense>
  );
}
