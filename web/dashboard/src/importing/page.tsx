import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { problemText } from '../api/problem';
import { useTitle } from '../app/title';
import { useWho } from '../contacts/rights';
import { fullTime, longAge } from '../lib/time';
import { LoadProblem, Skeleton } from '../ui/bits';
import { BasisStep } from './basis-step';
import { CheckStep } from './check-step';
import { ColumnsStep } from './columns-step';
import { type ImportPreview, useImport } from './data';
import { State } from './parts';
import { Result } from './result';
import { type Step, Steps } from './steps';
import { size } from './words';
import { Working } from './working';

/** One import: the steps to it, how far it is, and what came of it. */
export function ImportPage() {
  const { importId } = useParams({ from: '/shell/contacts/imports/$importId' });
  const found = useImport(importId);
  useTitle(found.data?.file_name ?? 'Import');
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto max-w-5xl px-4 py-5 md:px-8">
        {found.data ? (
          <>
            <Head one={found.data} />
            <Body one={found.data} />
          </>
        ) : found.error ? (
          <LoadProblem text={problemText(found.error)} onRetry={() => void found.refetch()} />
        ) : (
          <div role="status" aria-label="Loading the import">
            <Skeleton className="h-5 w-56" />
            <Skeleton className="mt-8 h-40" />
          </div>
        )}
      </div>
    </div>
  );
}

function Head({ one }: { one: ImportPreview }) {
  const who = useWho();
  return (
    <header>
      <Link
        to="/contacts/imports"
        className="inline-flex items-center gap-1.5 text-sm text-ink-faint hover:text-ink"
      >
        <ArrowLeft size={14} aria-hidden="true" />
        Imports
      </Link>
      <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="min-w-0 truncate text-lg font-semibold">{one.file_name}</h1>
        <State state={one.state} />
        <span className="text-sm text-ink-faint">
          {size(one.bytes)} · {who(one.by)} ·{' '}
          <time dateTime={one.created_at} title={fullTime(one.created_at)}>
            {longAge(one.created_at)}
          </time>
        </span>
      </div>
    </header>
  );
}

function Body({ one }: { one: ImportPreview }) {
  const { step = 'columns' } = useSearch({ from: '/shell/contacts/imports/$importId' });
  const navigate = useNavigate();
  const go = (next: Step) =>
    void navigate({
      to: '/contacts/imports/$importId',
      params: { importId: one.id },
      search: next === 'basis' || next === 'check' ? { step: next } : {},
    });
  if (one.state === 'uploading') {
    return <p className="mt-6 text-ink-soft">The file is still on its way, from another window or system.</p>;
  }
  if (one.state === 'queued' || one.state === 'running' || one.state === 'undoing') {
    return <Working one={one} />;
  }
  if (one.state !== 'ready' && one.state !== 'checking') return <Result one={one} />;
  const now = one.state === 'checking' ? 'check' : step;
  return (
    <>
      <Steps now={now} onGo={one.state === 'ready' ? go : undefined} />
      {now === 'columns' && <ColumnsStep one={one} onNext={() => go('basis')} />}
      {now === 'basis' && <BasisStep one={one} onBack={() => go('columns')} onNext={() => go('check')} />}
      {now === 'check' && <CheckStep one={one} onBack={() => go('basis')} />}
    </>
  );
}
