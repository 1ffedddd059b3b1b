import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { count } from '../boards/words';
import { Bar } from '../importing/parts';
import { fullTime, longAge } from '../lib/time';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { type BoardImport, isWorking, useTakeovers, useUndoTakeover } from './takeover-data';

const formats: Record<BoardImport['report']['format'], string> = {
  fider_backup: "Fider's backup",
  fider_csv: "Fider's CSV",
  canny_json: 'Canny',
  csv: 'A CSV',
};

const states: Record<BoardImport['state'], string> = {
  running: 'Under way',
  done: 'Done',
  failed: 'Failed',
  interrupted: 'Interrupted',
  undoing: 'Being taken back',
  undone: 'Taken back',
};

/** What was taken over before, and what is under way. */
export function Takeovers({ boardId, mayWrite }: { boardId: string; mayWrite: boolean }) {
  const list = useTakeovers(boardId);
  if (list.error) return <p className="text-sm text-loss-text">{problemText(list.error)}</p>;
  if (!list.data?.length) return null;
  return (
    <section aria-label="What was taken over">
      <h3 className="mb-2 text-sm font-semibold">What was taken over</h3>
      <ul className="space-y-3">
        {list.data.map((m) => (
          <li key={m.id}>
            <One boardId={boardId} one={m} mayWrite={mayWrite} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function One({ boardId, one, mayWrite }: { boardId: string; one: BoardImport; mayWrite: boolean }) {
  const mayErase = useCan(may.eraseContacts);
  const [isAsking, setAsking] = useState(false);
  const r = one.report;
  const mayUndo =
    mayWrite && mayErase && !!one.undo_until && Date.parse(one.undo_until) > Date.now() && !isWorking(one);
  return (
    <article aria-label={formats[r.format]} className="rounded-md border border-line bg-surface px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <p className="font-medium">
          {formats[r.format]}
          <time
            dateTime={one.created_at}
            title={fullTime(one.created_at)}
            className="ml-2 text-sm font-normal text-ink-faint"
          >
            {longAge(one.created_at)}
          </time>
        </p>
        <p
          role="status"
          className={`text-sm ${one.state === 'failed' || one.state === 'interrupted' ? 'text-time-text' : 'text-ink-soft'}`}
        >
          {states[one.state]}
        </p>
      </div>
      {one.state === 'running' && (
        <div className="mt-2">
          <Bar label="Taking it over" value={r.total ? r.looked / r.total : 0} />
          <p className="mt-1.5 text-sm text-ink-faint tabular-nums">
            {r.looked.toLocaleString('en')} of {count(r.total, 'post')}. It goes on when you leave this page.
          </p>
        </div>
      )}
      {one.state === 'interrupted' && (
        <p className="mt-1 text-sm text-ink-soft">
          The server stopped meanwhile. Send the same file again: it goes on, and adds nothing twice.
        </p>
      )}
      <p className="mt-1.5 text-sm text-ink-soft tabular-nums">{summary(one)}</p>
      <Problems one={one} />
      {mayUndo && (
        <div className="mt-2.5 flex flex-wrap items-center gap-3">
          <Button size="sm" icon={<Undo2 size={14} aria-hidden="true" />} onPress={() => setAsking(true)}>
            Undo…
          </Button>
          <span className="text-sm text-ink-faint">Possible until {fullTime(one.undo_until ?? '')}.</span>
        </div>
      )}
      {isAsking && <UndoDialog boardId={boardId} one={one} onClose={() => setAsking(false)} />}
    </article>
  );
}

/** What an import did, in a sentence. */
function summary({ state, report: r }: BoardImport): string {
  if (state === 'undone' || state === 'undoing') {
    const kept = r.kept ? `; ${count(r.kept, 'post')} stay, since others voted or spoke there` : '';
    return `${count(r.removed, 'post')} removed${kept}.`;
  }
  const parts = [
    count(r.posts, 'post'),
    r.again > 0 && `${count(r.again, 'post')} that were here already`,
    r.merged > 0 && `${r.merged.toLocaleString('en')} merged`,
    count(r.votes, 'vote'),
    count(r.comments, 'comment'),
    `${count(r.people, 'new person', 'new people')}`,
    r.known > 0 && `${count(r.known, 'known person', 'known people')}`,
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}

function Problems({ one }: { one: BoardImport }) {
  const all = one.report.problems;
  if (!all.length) return null;
  return (
    <details className="mt-2 text-sm">
      <summary className="w-fit cursor-default rounded-sm font-medium text-time-text">
        {all.length >= 100
          ? 'A hundred rows or more were'
          : `${count(all.length, 'row')} ${all.length === 1 ? 'was' : 'were'}`}{' '}
        left out or cut
      </summary>
      <ul className="mt-1.5 max-h-56 space-y-1 overflow-y-auto text-ink-soft">
        {all.map((p) => (
          <li key={`${p.where} ${p.detail}`} className="wrap-anywhere">
            <span className="tabular-nums">{p.where}</span>: {p.detail}
          </li>
        ))}
      </ul>
    </details>
  );
}

interface UndoProps {
  boardId: string;
  one: BoardImport;
  onClose: () => void;
}

function UndoDialog({ boardId, one, onClose }: UndoProps) {
  const undo = useUndoTakeover(boardId);
  return (
    <Dialog
      title="Take it back?"
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button
            look="loss"
            busy={undo.isPending}
            onPress={() => undo.mutate(one.id, { onSuccess: onClose })}
          >
            Take it back
          </Button>
        </>
      }
    >
      <p className="text-ink-soft">
        {count(one.report.posts, 'post')} of it go, but for those where others voted or spoke since. Who came
        with it, and of whom nothing else is here, is erased for good.
      </p>
      {undo.error && (
        <p role="alert" className="mt-3 text-sm text-loss-text">
          {problemText(undo.error)}
        </p>
      )}
    </Dialog>
  );
}
