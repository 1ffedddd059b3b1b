import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { FileUp } from 'lucide-react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { keys } from '../api/keys';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { Button } from '../ui/button';
import { upload } from './data';
import { Bar, Remark } from './parts';
import { Steps } from './steps';
import { fileProblem, refused, size } from './words';

/** Takes a file, and goes on with what was found in it. */
export function NewImportPage() {
  useTitle('Import people');
  const mayAdd = useCan(may.seeAddresses);
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto max-w-4xl px-4 py-5 md:px-8">
        <h1 className="text-lg font-semibold">Import people</h1>
        <Steps now="file" />
        {mayAdd ? (
          <DropFile />
        ) : (
          <Remark>
            Your role does not show e-mail addresses and phone numbers, so it cannot import them either. Ask
            somebody who sees them.
          </Remark>
        )}
        <Hints />
      </div>
    </div>
  );
}

interface Sending {
  file: File;
  done: number;
  abort: AbortController;
}

function DropFile() {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const field = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const [sending, setSending] = useState<Sending | null>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => () => sending?.abort.abort(), [sending?.abort]);
  const take = async (file: File | undefined) => {
    if (!file || sending) return;
    const why = refused(file);
    setProblem(why ?? '');
    if (why) return;
    const abort = new AbortController();
    setSending({ file, done: 0, abort });
    try {
      const got = await upload(file, (done) => setSending((s) => s && { ...s, done }), abort.signal);
      cache.setQueryData(keys.import(got.id), got);
      void cache.invalidateQueries({ queryKey: keys.imports });
      await navigate({ to: '/contacts/imports/$importId', params: { importId: got.id } });
    } catch (error) {
      if (!abort.signal.aborted) setProblem(fileProblem(error));
      setSending(null);
      if (field.current) field.current.value = '';
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the button in it does the same. */}
      <div
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={`flex min-h-56 flex-col items-center justify-center gap-3 rounded-md border border-dashed px-6 py-10 text-center ${isOver ? 'border-accent bg-accent-soft' : 'border-line-field bg-surface'}`}
      >
        <input
          ref={field}
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values"
          aria-label="The file to import"
          className="sr-only"
          tabIndex={-1}
          onChange={(e) => void take(e.target.files?.[0])}
        />
        {sending ? (
          <SendingFile
            sending={sending}
            onCancel={() => {
              sending.abort.abort();
              setSending(null);
            }}
          />
        ) : (
          <>
            <span
              className="flex size-12 items-center justify-center rounded-full border border-line bg-sunken text-ink-faint"
              aria-hidden="true"
            >
              <FileUp size={22} strokeWidth={1.6} />
            </span>
            <p className="text-md font-semibold">Drop a CSV file here</p>
            <Button look="primary" onPress={() => field.current?.click()}>
              Choose a file
            </Button>
            <p className="text-sm text-ink-faint">Nobody is imported yet: you see first what would happen.</p>
          </>
        )}
      </div>
      {problem && (
        <div className="mt-4">
          <Remark isLoss>{problem}</Remark>
        </div>
      )}
    </>
  );
}

function SendingFile({ sending: { file, done }, onCancel }: { sending: Sending; onCancel: () => void }) {
  return (
    <>
      <p className="max-w-full truncate font-medium">{file.name}</p>
      <Bar label="Upload" value={done} className="w-64 max-w-full" />
      <p role="status" className="text-sm text-ink-soft tabular-nums">
        {done < 1 ? `${size(file.size * done)} of ${size(file.size)}` : 'Looking at what is in it…'}
      </p>
      <Button look="quiet" onPress={onCancel}>
        Cancel
      </Button>
    </>
  );
}

function Hints() {
  return (
    <dl className="mt-6 grid gap-x-8 gap-y-4 text-sm md:grid-cols-3">
      <div>
        <dt className="font-medium">Which files</dt>
        <dd className="mt-0.5 text-ink-soft">
          CSV from a spreadsheet or another system, up to 256 MB, a million rows and 500 columns. The encoding
          and the separator are found out.
        </dd>
      </div>
      <div>
        <dt className="font-medium">What stays of it</dt>
        <dd className="mt-0.5 text-ink-soft">
          The file is sealed while it comes, and its key is destroyed when the import has ended, or when
          nobody worked with it for a day.
        </dd>
      </div>
      <div>
        <dt className="font-medium">Who is left alone</dt>
        <dd className="mt-0.5 text-ink-soft">
          Nobody who is restricted, objected or is in the bin is changed. A cell such as{' '}
          <code className="font-mono text-xs">=cmd</code> is text, and runs nowhere.
        </dd>
      </div>
    </dl>
  );
}
