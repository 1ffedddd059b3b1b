import { Link } from '@tanstack/react-router';
import { CircleAlert, FileCheck2, Plus, ScanSearch } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { SettingsPage } from '../settings/layout';
import { RowsSkeleton } from '../settings/table';
import { Empty, LoadProblem } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { enrichment, type Overview, type Provider, useChange, useOverview, useProviders } from './data';
import { ProviderCard } from './provider-card';
import { ProviderDialog, RemoveProviderDialog } from './provider-dialogs';
import { Rules } from './rules';

export type Open = { what: 'add' | 'erase' } | { what: 'edit' | 'remove'; provider: Provider } | null;

/** Where people are looked up, when, and for how long it is kept. */
export function EnrichmentPage() {
  const mayWrite = useCan(may.writeWorkspace);
  const overview = useOverview();
  const providers = useProviders();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const add = mayWrite && (
    <Button icon={<Plus size={15} />} onPress={() => setOpen({ what: 'add' })}>
      Add a provider
    </Button>
  );
  const failed = overview.error ?? providers.error;
  const retry = () => void Promise.all([overview.refetch(), providers.refetch()]);
  return (
    <SettingsPage
      title="Enrichment"
      intro="People whose address is verified can be looked up in public sources: a name, a picture, a company. It is off until you want it, and never replaces what a person or you entered."
      action={providers.data?.length ? add : null}
    >
      {failed ? (
        <LoadProblem text={problemText(failed)} onRetry={retry} />
      ) : !overview.data || !providers.data ? (
        <RowsSkeleton />
      ) : (
        <>
          {!overview.data.assessed && <AssessmentMissing isOn={overview.data.enabled} />}
          <Rules overview={overview.data} mayWrite={mayWrite} />
          <h2 className="mt-9 mb-3 font-semibold">Providers</h2>
          {providers.data.length === 0 ? (
            <div className="rounded-md border border-line">
              <Empty
                icon={<ScanSearch size={22} strokeWidth={1.6} />}
                title="Nobody is asked yet"
                action={add}
              >
                Begin with one that learns no address: Gravatar is told a hash alone.
              </Empty>
            </div>
          ) : (
            <ul className="space-y-3">
              {providers.data.map((p) => (
                <ProviderCard key={p.id} provider={p} mayWrite={mayWrite} onOpen={setOpen} />
              ))}
            </ul>
          )}
          <Found overview={overview.data} onErase={() => setOpen({ what: 'erase' })} />
        </>
      )}
      {open?.what === 'add' && <ProviderDialog onClose={close} />}
      {open?.what === 'edit' && <ProviderDialog provider={open.provider} onClose={close} />}
      {open?.what === 'remove' && <RemoveProviderDialog provider={open.provider} onClose={close} />}
      {open?.what === 'erase' && <EraseDialog people={overview.data?.people ?? 0} onClose={close} />}
    </SettingsPage>
  );
}

function AssessmentMissing({ isOn }: { isOn: boolean }) {
  const mayRead = useCan(may.readPrivacy);
  return (
    <div
      role="status"
      className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md border border-time-line bg-time-soft px-4 py-3 text-sm text-time-text"
    >
      <CircleAlert size={16} aria-hidden="true" className="shrink-0" />
      <p className="min-w-0 flex-1 basis-64">
        <span className="font-medium">No impact assessment is approved and in date.</span>{' '}
        {isOn
          ? 'Nobody is looked up until there is one.'
          : 'Looking people up cannot be switched on without one (GDPR article 35).'}
      </p>
      {mayRead && (
        <Link
          to="/privacy-centre/assessments"
          className="inline-flex items-center gap-1.5 font-medium underline underline-offset-2"
        >
          <FileCheck2 size={15} aria-hidden="true" />
          Impact assessments
        </Link>
      )}
    </div>
  );
}

function Found({ overview: o, onErase }: { overview: Overview; onErase: () => void }) {
  const mayErase = useCan(may.writePrivacy);
  const people = `${o.people.toLocaleString('en')} ${o.people === 1 ? 'person' : 'people'}`;
  return (
    <section className="mt-9">
      <h2 className="mb-3 font-semibold">What was found</h2>
      <div className="flex flex-wrap items-center justify-between gap-3 rounded-md border border-line px-4 py-3.5">
        <p role="status" className="min-w-0 flex-1 basis-64 text-sm text-ink-soft">
          {o.forgetting > 0
            ? `Erasing: ${o.forgetting.toLocaleString('en')} left.`
            : o.people > 0
              ? `Something is kept of ${people}. Each field says where it is from.`
              : 'Nothing is kept of anybody.'}
          {o.waiting > 0 && ` ${o.waiting.toLocaleString('en')} questions wait for their turn.`}
        </p>
        {mayErase && o.people + o.waiting > 0 && (
          <Button look="loss" size="sm" isDisabled={o.forgetting > 0} onPress={onErase}>
            Erase all of it…
          </Button>
        )}
      </div>
    </section>
  );
}

function EraseDialog({ people, onClose }: { people: number; onClose: () => void }) {
  const erase = useChange(
    () => enrichment.forgetAll(),
    () => {
      toast('It is being erased.');
      onClose();
    },
  );
  return (
    <Dialog
      title="Erase all that was found?"
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button look="loss" busy={erase.isPending} onPress={() => erase.mutate()}>
            Erase all
          </Button>
        </>
      }
    >
      <p className="text-ink-soft">
        Names, pictures, companies and titles from public sources are taken out of{' '}
        {people === 1 ? 'one profile' : `${people.toLocaleString('en')} profiles`}, and out of their history.
        What people or you entered stays. Who was asked about whom stays on record, for the person to ask.
      </p>
      {erase.error && (
        <p role="alert" className="mt-3 text-sm text-loss-text">
          {problemText(erase.error)}
        </p>
      )}
    </Dialog>
  );
}
