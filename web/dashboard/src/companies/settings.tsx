import { Link } from '@tanstack/react-router';
import { type ReactNode, useId, useState } from 'react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { longAge } from '../lib/time';
import { SettingsPage } from '../settings/layout';
import { RowsSkeleton } from '../settings/table';
import { LoadProblem, Switch } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { type Following, useFollowing, useSetFollowing } from './data';
import { people } from './words';

/** Whether people's companies follow from their addresses, how far that is, and how it is taken back. */
export function CompanySettingsPage() {
  const following = useFollowing();
  return (
    <SettingsPage
      title="Companies"
      intro={
        <>
          Which company somebody is with is chosen on their page, named by an import, or follows from the
          domain of their e-mail address. The companies themselves are under{' '}
          <Link
            to="/contacts/companies"
            search={{}}
            className="font-medium text-accent-text underline underline-offset-2"
          >
            Contacts, Companies
          </Link>
          .
        </>
      }
    >
      {following.error && !following.data ? (
        <LoadProblem text={problemText(following.error)} onRetry={() => void following.refetch()} />
      ) : !following.data ? (
        <RowsSkeleton />
      ) : (
        <Rule following={following.data} />
      )}
    </SettingsPage>
  );
}

function Rule({ following: f }: { following: Following }) {
  const mayWrite = useCan(may.writeWorkspace);
  const [asking, ask] = useState<'on' | 'off' | null>(null);
  return (
    <>
      <section aria-label="Following" className="rounded-md border border-line">
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-4 py-3.5">
          {mayWrite ? (
            <Switch
              label="Companies follow from e-mail domains"
              isOn={f.from_domains}
              onChange={(on) => ask(on ? 'on' : 'off')}
            />
          ) : (
            <p className="font-medium">
              Companies {f.from_domains ? 'follow' : 'do not follow'} from e-mail domains
            </p>
          )}
          <p className="text-sm text-ink-soft tabular-nums">
            {f.following > 0 ? `${people(f.following)} got their company so` : 'Nobody got a company so yet'}
          </p>
        </div>
        <Pass following={f} />
        {mayWrite && <Acts following={f} onApply={() => ask('on')} onUndo={() => ask('off')} />}
      </section>
      <HowItIs />
      {asking === 'on' && <SwitchOn wasOn={f.from_domains} onClose={() => ask(null)} />}
      {asking === 'off' && <SwitchOff following={f} onClose={() => ask(null)} />}
    </>
  );
}

const workings = { apply: 'Giving people their company', undo: 'Taking back what followed', none: '' };

function Pass({ following: { pass: p } }: { following: Following }) {
  if (p.kind === 'none') return null;
  const isWorking = p.state === 'working';
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-t border-line px-4 py-3 text-sm">
      <span role="status">{isWorking ? `${workings[p.kind]}…` : endText(p)}</span>
      {isWorking && (
        <progress
          aria-label="How many are done"
          className="h-1.5 w-40 accent-accent"
          value={p.done}
          max={Math.max(p.total, 1)}
        />
      )}
      {isWorking && (
        <span className="text-ink-faint tabular-nums">
          {p.done.toLocaleString('en')} of {p.total.toLocaleString('en')}
        </span>
      )}
    </div>
  );
}

function endText({ kind, total, changed, ended_at }: Following['pass']): string {
  const when = ended_at ? `, ${longAge(ended_at)}` : '';
  const looked = `${people(total)} looked at${when}: `;
  if (changed === 0)
    return kind === 'apply' ? `${looked}nothing changed.` : `There was nothing to take back${when}.`;
  return kind === 'apply'
    ? `${looked}${people(changed)} got another company.`
    : `Taken back${when}: ${people(changed)} are with no company now.`;
}

interface ActsProps {
  following: Following;
  onApply: () => void;
  onUndo: () => void;
}

/** What can be done about those who are there, once the switch stands. */
function Acts({ following: f, onApply, onUndo }: ActsProps) {
  if (f.pass.state === 'working') return null;
  if (f.from_domains) {
    return (
      <div className="border-t border-line px-4 py-3">
        <Button size="sm" onPress={onApply}>
          Do it for everybody who is here…
        </Button>
      </div>
    );
  }
  if (f.following === 0) return null;
  return (
    <div className="border-t border-line px-4 py-3">
      <Button size="sm" onPress={onUndo}>
        Take back what followed…
      </Button>
    </div>
  );
}

const points: [string, string][] = [
  [
    'Whose addresses count',
    'Those that somebody vouched for: your own system, an operator, or a signed token. What a visitor types in makes nobody a member.',
  ],
  [
    'Which domains do not count',
    'Public mail providers, where anybody may have an address: gmail.com, outlook.com, icloud.com, gmx, web.de, yahoo, proton.me and some 270 more, in all their countries.',
  ],
  [
    'What is made',
    'A domain that no company has yet gets one, named after it. It goes with its last person, unless somebody changed it.',
  ],
  [
    'What stays as it is',
    'A company that somebody chose or an import named, or that somebody took away; and people who are restricted or objected.',
  ],
];

function HowItIs() {
  return (
    <section className="mt-9">
      <h2 className="mb-3 font-semibold">How a company follows</h2>
      <dl className="divide-y divide-line rounded-md border border-line">
        {points.map(([what, how]) => (
          <div key={what} className="px-4 py-3 text-sm">
            <dt className="font-medium">{what}</dt>
            <dd className="mt-0.5 text-ink-soft">{how}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface SwitchingProps {
  title: string;
  act: string;
  isBusy: boolean;
  error: Error | null;
  onDo: () => void;
  onClose: () => void;
  children: ReactNode;
}

function Switching({ title, act, isBusy, error, onDo, onClose, children }: SwitchingProps) {
  return (
    <Dialog
      title={title}
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" busy={isBusy} onPress={onDo}>
            {act}
          </Button>
        </>
      }
    >
      <div className="mt-1 space-y-2">{children}</div>
      {error && (
        <p role="alert" className="mt-3 text-sm text-loss-text">
          {problemText(error)}
        </p>
      )}
    </Dialog>
  );
}

function SwitchOn({ wasOn, onClose }: { wasOn: boolean; onClose: () => void }) {
  const [isForAll, setForAll] = useState(wasOn);
  const set = useSetFollowing(onClose);
  return (
    <Switching
      title={wasOn ? 'Do it for everybody who is here?' : 'Have companies follow from addresses?'}
      act={wasOn ? 'Do it' : 'Switch on'}
      isBusy={set.isPending}
      error={set.error}
      onDo={() => set.mutate({ from_domains: true, apply: isForAll })}
      onClose={onClose}
    >
      <p className="text-sm text-ink-soft">
        {wasOn
          ? 'Everybody is looked at once, in the background. Companies that somebody chose stay.'
          : 'Whoever comes or changes from now on gets the company of their address’s domain.'}
      </p>
      {!wasOn && (
        <>
          <Way name="who" isChosen={!isForAll} onChoose={() => setForAll(false)}>
            Only who comes or changes from now on
          </Way>
          <Way name="who" isChosen={isForAll} onChoose={() => setForAll(true)}>
            Everybody who is here, too, in the background
          </Way>
        </>
      )}
    </Switching>
  );
}

function SwitchOff({ following: f, onClose }: { following: Following; onClose: () => void }) {
  const [isUndone, setUndone] = useState(!f.from_domains);
  const set = useSetFollowing(onClose);
  const isUndoOnly = !f.from_domains;
  return (
    <Switching
      title={isUndoOnly ? 'Take back what followed?' : 'Have companies follow no more?'}
      act={isUndoOnly ? 'Take back' : 'Switch off'}
      isBusy={set.isPending}
      error={set.error}
      onDo={() => set.mutate({ from_domains: false, undo: isUndone })}
      onClose={onClose}
    >
      {isUndoOnly || f.following === 0 ? (
        <p className="text-sm text-ink-soft">
          {isUndoOnly
            ? `${people(f.following)} are with no company then, and companies that came by themselves go with them. What somebody chose stays.`
            : 'Nobody gets a company by their address any more.'}
        </p>
      ) : (
        <>
          <Way name="what" isChosen={!isUndone} onChoose={() => setUndone(false)}>
            Keep the companies of those who got one so: {people(f.following)}
          </Way>
          <Way name="what" isChosen={isUndone} onChoose={() => setUndone(true)}>
            Take them back, in the background. What somebody chose stays.
          </Way>
        </>
      )}
    </Switching>
  );
}

interface WayProps {
  name: string;
  isChosen: boolean;
  onChoose: () => void;
  children: ReactNode;
}

function Way({ name, isChosen, onChoose, children }: WayProps) {
  const id = useId();
  return (
    <label
      htmlFor={id}
      className="flex cursor-pointer items-start gap-2.5 rounded-md border border-line px-3 py-2.5 text-sm has-checked:border-accent has-checked:bg-accent-soft"
    >
      <input
        id={id}
        type="radio"
        name={name}
        checked={isChosen}
        onChange={onChoose}
        className="mt-0.5 accent-accent"
      />
      <span>{children}</span>
    </label>
  );
}
