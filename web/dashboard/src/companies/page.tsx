import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, Building2, Ellipsis, Merge, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import type { Answer } from '../api/client';
import { isStatus, problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { useMedia } from '../lib/hooks';
import { fullTime, longAge } from '../lib/time';
import { Empty, LoadProblem, Seal, Skeleton } from '../ui/bits';
import { IconButton } from '../ui/button';
import { Menu } from '../ui/menu';
import { type Company, useCompany } from './data';
import { AttributesCard, DetailsCard, DomainsCard } from './facts';
import { CompanyMark } from './mark';
import { MergeCompany } from './merge';
import { RemoveCompany } from './remove';
import { HistoryTab, PeopleTab, TalkTab } from './tabs';
import { cameBy, people } from './words';

/** A company: what is known of it, who belongs to it, what they talked about and what was changed. */
export function CompanyPage() {
  const { companyId: id } = useParams({ from: '/shell/contacts/companies/$companyId' });
  useTitle('Company');
  const company = useCompany(id);
  if (isStatus(company.error, 404)) return <Gone />;
  if (company.error && !company.data) {
    return <LoadProblem text={problemText(company.error)} onRetry={() => void company.refetch()} />;
  }
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-3 md:px-4">
        <Link
          to="/contacts/companies"
          search={{}}
          aria-label="All companies"
          className="flex size-8 items-center justify-center rounded-md text-ink-soft hover:bg-hover"
        >
          <ArrowLeft size={17} />
        </Link>
        <span className="text-sm text-ink-faint">Companies</span>
        {company.data && <Actions company={company.data.data} />}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {company.data ? <Profile key={id} answer={company.data} /> : <ProfileSkeleton />}
      </div>
    </div>
  );
}

function Actions({ company }: { company: Company }) {
  const mayWrite = useCan(may.writeContacts);
  const [asking, ask] = useState<'merge' | 'remove' | null>(null);
  if (!mayWrite) return null;
  return (
    <span className="ml-auto">
      <Menu
        label="Company"
        placement="bottom end"
        trigger={
          <IconButton label="Merge or remove">
            <Ellipsis size={16} />
          </IconButton>
        }
        groups={[
          {
            id: 'merge',
            items: [
              {
                id: 'merge',
                label: 'Merge with another company…',
                icon: <Merge size={15} />,
                onAction: () => ask('merge'),
              },
            ],
          },
          {
            id: 'end',
            items: [
              {
                id: 'remove',
                label: 'Remove…',
                icon: <Trash2 size={15} />,
                isLoss: true,
                onAction: () => ask('remove'),
              },
            ],
          },
        ]}
      />
      {asking === 'merge' && <MergeCompany company={company} onClose={() => ask(null)} />}
      {asking === 'remove' && <RemoveCompany company={company} onClose={() => ask(null)} />}
    </span>
  );
}

function Profile({ answer }: { answer: Answer<Company> }) {
  const c = answer.data;
  const isWide = useMedia('(min-width: 1080px)');
  const mayReadInbox = useCan(may.readInbox);
  const side = (
    <div className="space-y-4">
      <DetailsCard answer={answer} />
      <DomainsCard answer={answer} />
      <AttributesCard answer={answer} />
      <p className="px-1 text-xs text-ink-faint">
        {cameBy(c)} <span title={fullTime(c.created_at)}>Added {longAge(c.created_at)}.</span>
      </p>
    </div>
  );
  return (
    <div className="mx-auto max-w-6xl px-4 py-6 md:px-8">
      <div className="mb-6 flex items-center gap-4">
        <CompanyMark size="lg" />
        <div className="min-w-0">
          <h1 className="truncate text-lg font-semibold">
            <bdi>{c.name}</bdi>
          </h1>
          <p className="flex flex-wrap items-center gap-x-3 text-sm text-ink-soft">
            <span>{people(c.people)}</span>
            {c.last_active_at && (
              <span title={fullTime(c.last_active_at)}>last active {longAge(c.last_active_at)}</span>
            )}
            <Seal label="Sealed" title="Sealed with your workspace's key, and found by tokens." />
          </p>
        </div>
      </div>
      <div className={isWide ? 'grid grid-cols-[22rem_minmax(0,1fr)] gap-10' : ''}>
        {isWide && <aside aria-label="Details">{side}</aside>}
        {/* Where there is no room beside them, the facts are the first tab. */}
        <Tabs key={String(isWide)} className="min-w-0">
          <TabList
            aria-label="About this company"
            className="mb-5 flex flex-wrap gap-x-4 gap-y-1 border-b border-line sm:gap-x-5"
          >
            {!isWide && <PageTab id="details">Details</PageTab>}
            <PageTab id="people">People</PageTab>
            {mayReadInbox && <PageTab id="conversations">Conversations</PageTab>}
            <PageTab id="history">History</PageTab>
          </TabList>
          {!isWide && <Panel id="details">{side}</Panel>}
          <Panel id="people">
            <PeopleTab company={c} />
          </Panel>
          {mayReadInbox && (
            <Panel id="conversations">
              <TalkTab company={c} />
            </Panel>
          )}
          <Panel id="history">
            <HistoryTab company={c} />
          </Panel>
        </Tabs>
      </div>
    </div>
  );
}

function PageTab({ id, children }: { id: string; children: string }) {
  return (
    <Tab
      id={id}
      className="-mb-px shrink-0 cursor-default rounded-t-sm border-b-2 border-transparent px-1 pb-2.5 text-sm whitespace-nowrap text-ink-soft transition-colors hover:text-ink data-[selected]:border-accent data-[selected]:font-medium data-[selected]:text-ink"
    >
      {children}
    </Tab>
  );
}

function Panel({ id, children }: { id: string; children: ReactNode }) {
  return (
    <TabPanel id={id} className="outline-offset-4">
      {children}
    </TabPanel>
  );
}

function ProfileSkeleton() {
  return (
    <div role="status" aria-label="Loading the company" className="mx-auto max-w-6xl px-4 py-6 md:px-8">
      <div className="mb-8 flex items-center gap-4">
        <Skeleton className="size-14" />
        <Skeleton className="h-5 w-48" />
      </div>
      {[0, 1, 2, 3].map((i) => (
        <Skeleton key={i} className="mb-4 h-4 max-w-md" />
      ))}
    </div>
  );
}

function Gone() {
  return (
    <div className="flex h-full items-center justify-center">
      <Empty
        icon={<Building2 size={22} strokeWidth={1.6} />}
        title="This company is no longer here"
        action={
          <Link
            to="/contacts/companies"
            search={{}}
            className="font-medium text-accent-text underline underline-offset-2"
          >
            All companies
          </Link>
        }
      >
        It was removed, or became a part of another.
      </Empty>
    </div>
  );
}
