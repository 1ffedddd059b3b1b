import { useEffect, useRef } from 'react';
import { problemText } from '../api/problem';
import { Button } from '../ui/button';
import { type ImportPreview, useAct } from './data';
import { Footer } from './footer';
import { AlsoMade, Bar, Remark, Tally } from './parts';
import { Problems } from './problems';
import { count, people } from './words';

/** A dry run over the whole file: what would happen, before it does. */
export function CheckStep({ one, onBack }: { one: ImportPreview; onBack: () => void }) {
  const check = useAct(one.id, 'preview');
  const stop = useAct(one.id, 'cancel');
  const start = useAct(one.id, 'start');
  const isChecking = one.state === 'checking';
  const begun = useRef(false);
  const begin = check.mutate;
  useEffect(() => {
    if (begun.current || isChecking || one.checked) return;
    begun.current = true;
    begin();
  }, [isChecking, one.checked, begin]);
  const t = one.checked;
  const does = t ? t.created + t.updated : 0;
  return (
    <>
      {check.error && !isChecking ? (
        <Remark isLoss>{problemText(check.error)}</Remark>
      ) : !t ? (
        <Checking one={one} onStop={() => stop.mutate()} />
      ) : (
        <section aria-label="What would happen">
          <h2 className="mb-2 text-md font-semibold">
            What would happen, of {count(t.rows)} {t.rows === 1 ? 'row' : 'rows'}
          </h2>
          <Tally tally={t} isDry />
          <AlsoMade tally={t} isDry />
          <Problems one={one} tally={t} />
        </section>
      )}
      {start.error && (
        <div className="mt-4">
          <Remark isLoss>{problemText(start.error)}</Remark>
        </div>
      )}
      <Footer id={one.id}>
        <Button isDisabled={isChecking} onPress={onBack}>
          Back
        </Button>
        {(t || check.error) && (
          <Button className="max-md:hidden" busy={check.isPending} onPress={() => check.mutate()}>
            Check again
          </Button>
        )}
        <Button
          look="primary"
          isDisabled={!t || does === 0}
          busy={start.isPending}
          onPress={() => start.mutate()}
        >
          {does > 0 ? `Import ${people(does)}` : 'Import'}
        </Button>
      </Footer>
    </>
  );
}

function Checking({ one, onStop }: { one: ImportPreview; onStop: () => void }) {
  return (
    <section aria-label="Checking" className="rounded-md border border-line bg-surface px-5 py-6">
      <p role="status" className="text-md font-semibold">
        {one.ahead > 0 ? 'Waiting for another import to end' : 'Checking each row'}
      </p>
      <p className="mt-1 mb-4 text-sm text-ink-soft">Nobody is changed by this. You can leave this page.</p>
      <Bar label="Checked" value={one.progress} />
      <div className="mt-3 flex items-center justify-between gap-3 text-sm text-ink-faint tabular-nums">
        {some(one)}
        <Button size="sm" look="quiet" onPress={onStop}>
          Stop
        </Button>
      </div>
    </section>
  );
}

const some = (one: ImportPreview) => `${count(one.imported.rows)} rows so far`;
