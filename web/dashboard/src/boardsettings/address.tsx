import { CircleAlert, CircleCheck, RefreshCw } from 'lucide-react';
import { problemText } from '../api/problem';
import { useSession } from '../app/session';
import { Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { CopyButton } from '../ui/copy';
import { TextField } from '../ui/field';
import { type DomainState, useDomainState } from './data';
import type { PartProps } from './form';
import { Section } from './parts';

/** Where the board is: here, and under a domain of its own. */
export function Address({ board, draft, set, mayWrite, wrong }: PartProps) {
  const { workspace } = useSession();
  const domain = draft.domain.trim();
  return (
    <Section id="address" title="Address">
      <TextField
        label="Part of the address"
        autoComplete="off"
        spellCheck={false}
        maxLength={60}
        disabled={!mayWrite}
        value={draft.slug}
        onChange={(e) => set({ slug: e.target.value })}
        hint={
          draft.slug === board.slug
            ? `/b/${workspace.slug}/${draft.slug}`
            : `/b/${workspace.slug}/${draft.slug || '…'}. Links to /b/${workspace.slug}/${board.slug} will lead nowhere.`
        }
        problem={wrong('slug')}
      />
      <TextField
        label="Own domain"
        autoComplete="off"
        spellCheck={false}
        inputMode="url"
        maxLength={253}
        disabled={!mayWrite}
        placeholder="feedback.example.org"
        value={draft.domain}
        onChange={(e) => set({ domain: e.target.value })}
        hint="The board stands at its root; the address above goes on working."
        problem={wrong('domain')}
      />
      {domain !== '' && (
        <Steps domain={domain} isSaved={domain === board.domain} boardId={board.id} mayWrite={mayWrite} />
      )}
    </Section>
  );
}

interface StepsProps {
  domain: string;
  isSaved: boolean;
  boardId: string;
  mayWrite: boolean;
}

/** What to do for a domain, and how far that is. */
function Steps({ domain, isSaved, boardId, mayWrite }: StepsProps) {
  const state = useDomainState(boardId, isSaved ? domain : null, mayWrite);
  const target = state.data?.target || window.location.hostname;
  return (
    <div className="rounded-md border border-line bg-sunken px-4 py-3.5 text-sm">
      <ol className="list-decimal space-y-2 pl-4">
        <li>
          Where your DNS is kept, have the name lead to this server:
          <span className="mt-1.5 flex flex-wrap items-center gap-2">
            <code className="rounded-sm border border-line bg-surface px-2 py-1 font-mono text-xs wrap-anywhere">
              {domain} CNAME {target}
            </code>
            <CopyButton text={`${domain}. CNAME ${target}.`} />
          </span>
        </li>
        <li>
          Get a certificate for it where TLS ends: at this server or at your proxy, which must pass the header{' '}
          <code className="font-mono text-xs">Host</code> on.
        </li>
        {!isSaved && <li>Save. What people see follows within ten seconds.</li>}
      </ol>
      {isSaved && mayWrite && (
        <div className="mt-3 flex flex-wrap items-start justify-between gap-3 border-t border-line pt-3">
          <div className="min-w-0 flex-1">
            {state.data ? (
              <Standing state={state.data} />
            ) : state.error ? (
              <p className="text-loss-text">{problemText(state.error)}</p>
            ) : (
              <Skeleton className="h-4 w-56" />
            )}
          </div>
          <Button
            size="sm"
            busy={state.isFetching}
            icon={<RefreshCw size={13} aria-hidden="true" />}
            onPress={() => void state.refetch()}
          >
            {state.isFetching ? 'Looking…' : 'Look again'}
          </Button>
        </div>
      )}
    </div>
  );
}

const standings: Record<DomainState['state'], string> = {
  none: 'No domain is set.',
  works: 'It works: the domain leads here, with a valid certificate.',
  plain: 'The domain leads here, but without a valid certificate: browsers will warn people.',
  nameless: 'The DNS does not know the name yet. A new entry can take an hour.',
  elsewhere:
    'Something else answers there. Look at where the DNS leads, and whether your proxy passes Host on.',
  unreachable:
    'Nothing answers there that this server can reach. In a network of your own that may be as it should: look from a browser.',
};

function Standing({ state }: { state: DomainState }) {
  const works = state.state === 'works';
  return (
    <p role="status" className="flex gap-2">
      {works ? (
        <CircleCheck size={16} className="mt-0.5 shrink-0 text-accent-text" aria-hidden="true" />
      ) : (
        <CircleAlert size={16} className="mt-0.5 shrink-0 text-time-text" aria-hidden="true" />
      )}
      <span className={works ? '' : 'text-time-text'}>
        {standings[state.state]}
        {!works && state.addresses.length > 0 && (
          <span className="block text-ink-faint tabular-nums">
            It leads to {state.addresses.slice(0, 3).join(', ')}.
          </span>
        )}
      </span>
    </p>
  );
}
