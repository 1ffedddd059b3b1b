import { useQueryClient } from '@tanstack/react-query';
import { Download, FileUp } from 'lucide-react';
import { type DragEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Problem, problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useThisBoard } from '../boards/layout';
import { BasisFields, useBasis } from '../contacts/basis';
import { Bar } from '../importing/parts';
import { size } from '../importing/words';
import { Button } from '../ui/button';
import { CopyButton } from '../ui/copy';
import { Note, OneOf, Section } from './parts';
import { sendBoard, useTakeovers } from './takeover-data';
import { Takeovers } from './takeovers';

/** Takes another board over into this one, and this one out. */
export function TakeoverPage() {
  const board = useThisBoard();
  const mayWrite = useCan(may.writeBoards);
  const mayAddPeople = useCan(may.writeContacts);
  return (
    <div className="relative h-full overflow-y-auto px-4 py-6 md:px-6">
      <div className="mx-auto max-w-2xl">
        <Section
          id="takeover"
          title="Take another board over"
          intro="Posts, votes and comments from elsewhere, with the people behind them. It can be undone for 30 days."
        >
          {board.archived_at ? (
            <Note tone="plain">This board is archived, so nothing is added to it.</Note>
          ) : mayWrite && mayAddPeople ? (
            <TakeIn boardId={board.id} />
          ) : (
            <Note tone="plain">
              People are added with it, so this needs a role that may change boards and contacts.
            </Note>
          )}
          <Takeovers boardId={board.id} mayWrite={mayWrite && mayAddPeople} />
        </Section>
        <Section
          id="takeout"
          title="Take this board out"
          intro="The file has names and what people wrote. Keep it as you keep them, and delete it when it has served."
        >
          <div className="flex flex-wrap gap-2">
            <FileLink boardId={board.id} format="csv" label="Posts as CSV" />
            <FileLink boardId={board.id} format="json" label="Everything as JSON" />
          </div>
          <p className="text-sm text-ink-faint">
            The CSV opens in a spreadsheet and can be taken over again; the JSON has votes and comments, too.
          </p>
        </Section>
      </div>
    </div>
  );
}

function FileLink({ boardId, format, label }: { boardId: string; format: 'csv' | 'json'; label: string }) {
  return (
    <a
      href={`/api/v1/boards/${boardId}/export?format=${format}`}
      download
      className="inline-flex h-8 items-center gap-2 rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-hover"
    >
      <Download size={15} aria-hidden="true" />
      {label}
    </a>
  );
}

const jq =
  "jq -s '{posts: [.[].posts[]?], votes: [.[].votes[]?], comments: [.[].comments[]?]}' pages/*.json > canny.json";

type Source = 'fider' | 'canny' | 'csv';

const sources: readonly { id: Source; label: string; hint: string }[] = [
  { id: 'fider', label: 'Fider', hint: 'A backup (ZIP) with everything, or the CSV of posts.' },
  { id: 'canny', label: 'Canny', hint: 'What its API lists, put into one JSON file.' },
  { id: 'csv', label: 'Something else', hint: 'Any CSV with a column “title”, also one from here.' },
];

const accepts: Record<Source, string> = {
  fider: '.zip,.csv,application/zip,text/csv',
  canny: '.json,application/json',
  csv: '.csv,text/csv',
};

const guides: Record<Source, ReactNode> = {
  fider: (
    <ol className="list-decimal space-y-1 pl-4">
      <li>In Fider, as an administrator, open Site Settings, Export.</li>
      <li>
        Take the backup: it has votes, comments and people. “Posts” alone gives a CSV without who voted.
      </li>
    </ol>
  ),
  canny: (
    <>
      <ol className="list-decimal space-y-1 pl-4">
        <li>
          Fetch all pages of <code className="font-mono text-xs">posts/list</code>,{' '}
          <code className="font-mono text-xs">votes/list</code> and{' '}
          <code className="font-mono text-xs">comments/list</code> with your API key.
        </li>
        <li>Put them into one file:</li>
      </ol>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 rounded-sm border border-line bg-surface px-2 py-1 font-mono text-xs wrap-anywhere">
          {jq}
        </code>
        <CopyButton text={jq} />
      </div>
    </>
  ),
  csv: (
    <p>
      One row a post. Besides <code className="font-mono text-xs">title</code> it may have columns such as
      description, status, votes, tags, and who wrote it. Statuses go by their name.
    </p>
  ),
};

const most = 64 * 1024 * 1024;

/** What is wrong with a file that need not be sent to be known. */
function refused(file: File): string {
  if (file.size === 0) return 'This file is empty.';
  if (file.size > most)
    return `This file has ${size(file.size)}, and up to 64 MB are taken. Send it in parts.`;
  if (/\.(xlsx?|ods|numbers)$/i.test(file.name)) {
    return 'This is a workbook. Save it as “CSV UTF-8”, and send that file.';
  }
  return '';
}

function TakeIn({ boardId }: { boardId: string }) {
  const queries = useQueryClient();
  const [source, setSource] = useState<Source>('fider');
  const [basis, setBasis] = useBasis();
  const [sending, setSending] = useState<{ name: string; done: number; abort: AbortController } | null>(null);
  const [problem, setProblem] = useState<Problem | string | null>(null);
  const isRunning = useTakeovers(boardId).data?.some((m) => m.state === 'running');
  useEffect(() => () => sending?.abort.abort(), [sending?.abort]);
  const take = async (file: File | undefined) => {
    if (!file || sending) return;
    const why = refused(file);
    setProblem(why || null);
    if (why) return;
    const abort = new AbortController();
    setSending({ name: file.name, done: 0, abort });
    try {
      await sendBoard(boardId, file, basis, (done) => setSending((s) => s && { ...s, done }), abort.signal);
      await queries.invalidateQueries({ queryKey: ['boards', 'imports', boardId] });
    } catch (error) {
      if (!abort.signal.aborted) setProblem(error instanceof Problem ? error : problemText(error));
    }
    setSending(null);
  };
  return (
    <>
      <OneOf
        label="Where it comes from"
        name="source"
        value={source}
        options={sources}
        onChange={setSource}
      />
      <div className="rounded-md border border-line bg-sunken px-4 py-3 text-sm text-ink-soft">
        {guides[source]}
      </div>
      <BasisFields
        value={basis}
        onChange={setBasis}
        problem={problem instanceof Problem ? problem : null}
        isKnown
      />
      <Drop accept={accepts[source]} isBusy={sending !== null || !!isRunning} onFile={(f) => void take(f)}>
        {sending && (
          <>
            <p className="max-w-full truncate font-medium">{sending.name}</p>
            <Bar label="Upload" value={sending.done} className="w-64 max-w-full" />
            <p role="status" className="text-sm text-ink-soft tabular-nums">
              {sending.done < 1 ? `${Math.floor(sending.done * 100)} % sent` : 'Looking at what is in it…'}
            </p>
            <Button look="quiet" onPress={() => sending.abort.abort()}>
              Cancel
            </Button>
          </>
        )}
        {!sending && isRunning && (
          <p className="text-sm text-ink-soft">One file after the other: wait for it.</p>
        )}
      </Drop>
      {problem && (
        <Note tone="loss">
          <p role="alert">{wordsOf(problem)}</p>
        </Note>
      )}
    </>
  );
}

/** What is wrong, with what each field says. */
function wordsOf(problem: Problem | string): string {
  if (typeof problem === 'string') return problem;
  const fields = problem.fields.map((f) => `The ${f.field === 'body' ? 'file' : f.field} ${f.detail}.`);
  return fields.join(' ') || problem.message;
}

interface DropProps {
  accept: string;
  isBusy: boolean;
  onFile: (file: File | undefined) => void;
  children: ReactNode;
}

function Drop({ accept, isBusy, onFile, children }: DropProps) {
  const field = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the button in it does the same.
    <div
      onDragOver={(e: DragEvent) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(e: DragEvent) => {
        e.preventDefault();
        setOver(false);
        if (!isBusy) onFile(e.dataTransfer.files[0]);
      }}
      className={`relative flex min-h-40 flex-col items-center justify-center gap-2.5 rounded-md border border-dashed px-6 py-7 text-center ${isOver ? 'border-accent bg-accent-soft' : 'border-line-field bg-surface'}`}
    >
      <input
        ref={field}
        type="file"
        accept={accept}
        aria-label="The file to take over"
        className="sr-only"
        tabIndex={-1}
        onChange={(e) => {
          const file = e.target.files?.[0];
          onFile(file);
          e.target.value = '';
        }}
      />
      {isBusy ? (
        children
      ) : (
        <>
          <FileUp size={22} strokeWidth={1.6} className="text-ink-faint" aria-hidden="true" />
          <p className="font-medium">Drop the file here</p>
          <Button look="primary" onPress={() => field.current?.click()}>
            Choose a file
          </Button>
          <p className="text-sm text-ink-faint">Up to 64 MB. The file itself is not kept.</p>
        </>
      )}
    </div>
  );
}
