import { Link } from '@tanstack/react-router';
import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { fullTime } from '../lib/time';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { type ImportPreview, type UndoTally, useAct } from './data';
import { AlsoMade, Remark, Tally } from './parts';
import { Problems } from './problems';
import { count, people, whyWords } from './words';

const day = (iso: string) =>
  new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

/** What came of an import, what is left to put right, and the way back. */
export function Result({ one }: { one: ImportPreview }) {
  const mayErase = useCan(may.eraseContacts);
  const [isUndoing, setUndoing] = useState(false);
  const t = one.imported;
  const wasBegun = one.started_at !== null;
  return (
    <div className="mt-6 space-y-5">
      {one.why && <Remark isLoss>{whyWords[one.why] ?? 'It could not be read to its end.'}</Remark>}
      {one.state === 'canceled' && (
        <Remark>
          {wasBegun
            ? 'It was stopped. Who had been imported until then stays, and can be taken back.'
            : 'It was never started: nobody was imported, and the file is destroyed.'}
        </Remark>
      )}
      {one.undone && <Undone u={one.undone} />}
      {wasBegun && (
        <section aria-label="What came of it">
          <h2 className="mb-2 text-md font-semibold">
            {one.undone ? 'What it had done' : 'What came of it'}, of {count(t.rows)}{' '}
            {t.rows === 1 ? 'row' : 'rows'}
          </h2>
          <Tally tally={t} />
          <AlsoMade tally={t} />
        </section>
      )}
      <div className="flex flex-wrap items-center gap-2">
        {t.created > 0 && !one.undone && (
          <Link
            to="/contacts"
            search={{}}
            className="inline-flex h-8 items-center rounded-md bg-accent px-3 text-sm font-medium text-on-accent hover:bg-accent-hover"
          >
            See the people
          </Link>
        )}
        {one.undo_until && mayErase && (
          <Button icon={<Undo2 size={15} aria-hidden="true" />} onPress={() => setUndoing(true)}>
            Undo…
          </Button>
        )}
        {one.undo_until && (
          <span className="text-sm text-ink-faint">It can be undone until {day(one.undo_until)}.</span>
        )}
      </div>
      {wasBegun && !one.undone && <Problems one={one} tally={t} />}
      <p className="text-sm text-ink-faint">
        {one.file_until && Date.parse(one.file_until) > Date.now()
          ? `The file is sealed, and is destroyed on ${fullTime(one.file_until)} at the latest.`
          : one.file_until
            ? 'The file is being destroyed.'
            : 'The file is destroyed: its key is gone, and with it what backups hold of it.'}
      </p>
      {isUndoing && <UndoDialog one={one} onClose={() => setUndoing(false)} />}
    </div>
  );
}

function Undone({ u }: { u: UndoTally }) {
  const parts = [
    u.erased > 0 && `${people(u.erased)} erased`,
    u.reverted > 0 && `${people(u.reverted)} as they were`,
    u.companies > 0 && `${count(u.companies)} ${u.companies === 1 ? 'company' : 'companies'} removed`,
    u.kept + u.left > 0 && `${people(u.kept + u.left)} kept, because somebody touched them since`,
  ].filter(Boolean);
  return (
    <Remark>
      Taken back: {parts.length > 0 ? parts.join(', ') : 'there was nothing left to take back'}.
    </Remark>
  );
}

function UndoDialog({ one, onClose }: { one: ImportPreview; onClose: () => void }) {
  const undo = useAct(one.id, 'undo');
  const t = one.imported;
  return (
    <Dialog
      title="Undo this import?"
      isOpen
      isAlert
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button
            look="loss"
            busy={undo.isPending}
            onPress={() => undo.mutate(undefined, { onSuccess: onClose })}
          >
            Undo the import
          </Button>
        </>
      }
    >
      {undo.error && (
        <p role="alert" className="mb-2 text-sm text-loss-text">
          {problemText(undo.error)}
        </p>
      )}
      <ul className="list-disc space-y-1.5 pl-5 text-ink-soft">
        {t.created > 0 && (
          <li>
            <strong className="font-medium text-ink">{people(t.created)} came with it.</strong> Whom nobody
            touched since is erased for good; who wrote to you, was changed or is under a legal hold stays.
          </li>
        )}
        {t.updated > 0 && (
          <li>
            <strong className="font-medium text-ink">{people(t.updated)} were changed by it.</strong> What it
            changed says again what it said before, companies and tags too, unless somebody changed it since.
          </li>
        )}
        {t.companies > 0 && <li>Companies that it made go where nobody belongs to them any more.</li>}
        {t.consents > 0 && <li>Consents of people who stay are kept: they are what was said.</li>}
      </ul>
    </Dialog>
  );
}
