import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AtSign, Ban, Globe, Network, Plus, Search } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { BlockEntry } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { useWho } from '../contacts/rights';
import { fullTime, longAge } from '../lib/time';
import { SettingsPage } from '../settings/layout';
import { Cell, RowsSkeleton, Table } from '../settings/table';
import { Empty, LoadProblem } from '../ui/bits';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { toast, toastProblem } from '../ui/toast';
import { AddDialog } from './add';
import { reasons } from './words';

/** Addresses, domains and networks that nobody is let in with. */
export function BlocklistPage() {
  useTitle('Blocklist');
  const mayWrite = useCan(may.writeContacts);
  const mayReach = useCan(may.seeAddresses);
  const [isAdding, setAdding] = useState(false);
  const [found, setFound] = useState<BlockEntry[] | null>(null);
  const list = useInfiniteQuery({
    queryKey: keys.blocks,
    queryFn: ({ pageParam, signal }) => api.blocks(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const shown = found ?? list.data?.pages.flatMap((p) => p.data) ?? [];
  return (
    <SettingsPage
      title="Blocklist"
      intro={
        <>
          Nothing is taken from whoever comes with one of these: no message, post or vote. Their rights over
          their data stay. <People />
        </>
      }
      action={
        mayWrite && (
          <Button look="primary" icon={<Plus size={15} />} onPress={() => setAdding(true)}>
            Add
          </Button>
        )
      }
    >
      {mayReach && <LookUp isShown={found !== null} onFound={setFound} />}
      {list.isPending ? (
        <RowsSkeleton />
      ) : list.error ? (
        <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
      ) : shown.length === 0 ? (
        <Empty
          icon={<Ban size={22} strokeWidth={1.6} />}
          title={found ? 'This address is not blocked' : 'The list is empty'}
        >
          {found
            ? 'Neither it nor its domain is on the list.'
            : 'Block a person on their page, or add an address, a domain or a network here.'}
        </Empty>
      ) : (
        <Entries all={shown} mayWrite={mayWrite} onGone={() => setFound(null)} />
      )}
      {!found && list.hasNextPage && (
        <Button className="mt-4" busy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
      {isAdding && <AddDialog mayReach={mayReach} onClose={() => setAdding(false)} />}
    </SettingsPage>
  );
}

function People() {
  return (
    <>
      People who are blocked are listed among the{' '}
      <Link to="/contacts" className="underline underline-offset-2">
        contacts
      </Link>
      , under Blocked.
    </>
  );
}

/** An address is kept as a token, so it is looked up rather than read. */
function LookUp({ isShown, onFound }: { isShown: boolean; onFound: (found: BlockEntry[] | null) => void }) {
  const [email, setEmail] = useState('');
  const look = useMutation({
    mutationFn: () => api.blocksOn(email.trim()),
    onSuccess: (page) => onFound(page.data),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (email.trim().length > 2) look.mutate();
  };
  return (
    <form onSubmit={submit} className="mb-5 flex flex-wrap items-start gap-2">
      <TextField
        label="Is an address blocked?"
        hideLabel
        type="email"
        autoComplete="off"
        placeholder="Is an address blocked?"
        value={email}
        onChange={(e) => setEmail(e.target.value)}
        problem={look.error ? problemText(look.error) : undefined}
        className="min-w-0 flex-1 sm:max-w-80"
      />
      <Button type="submit" icon={<Search size={14} />} busy={look.isPending}>
        Look
      </Button>
      {isShown && (
        <Button
          look="quiet"
          onPress={() => {
            setEmail('');
            onFound(null);
          }}
        >
          Show all
        </Button>
      )}
    </form>
  );
}

const kinds = {
  email: { label: 'An e-mail address', icon: AtSign },
  domain: { label: 'A domain', icon: Globe },
  network: { label: 'A network', icon: Network },
};

function Entries({ all, mayWrite, onGone }: { all: BlockEntry[]; mayWrite: boolean; onGone: () => void }) {
  const who = useWho();
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => api.removeBlock(id),
    onSuccess: () => {
      onGone();
      void cache.invalidateQueries({ queryKey: keys.blocks });
      toast('Taken off the list.');
    },
    onError: toastProblem,
  });
  return (
    <Table label="Blocklist" head={['What', 'Reason', 'Since', 'Until', '']}>
      {all.map((e) => {
        const { label, icon: Icon } = kinds[e.kind];
        return (
          <tr key={e.id}>
            <Cell className="min-w-44">
              <span className="flex items-center gap-2.5">
                <Icon size={15} className="shrink-0 text-ink-faint" aria-hidden="true" />
                <span className="min-w-0">
                  <span className="block truncate font-medium">{e.domain || label}</span>
                  <span className="block text-ink-faint">
                    {e.contact_id ? (
                      <Link
                        to="/contacts/$contactId"
                        params={{ contactId: e.contact_id }}
                        className="underline underline-offset-2"
                      >
                        With a person
                      </Link>
                    ) : e.kind === 'domain' ? (
                      'And all names under it'
                    ) : (
                      'Kept as a token'
                    )}
                    {e.outlives && ' · stays after erasure'}
                  </span>
                </span>
              </span>
            </Cell>
            <Cell className="whitespace-nowrap">{reasons[e.reason]}</Cell>
            <Cell className="whitespace-nowrap text-ink-soft">
              <span title={fullTime(e.created_at)}>{longAge(e.created_at)}</span>
              <span className="block text-ink-faint">by {who(e.by)}</span>
            </Cell>
            <Cell className="whitespace-nowrap text-ink-soft">{e.until ? fullTime(e.until) : 'No end'}</Cell>
            <Cell className="text-right">
              {mayWrite && (
                <Button
                  size="sm"
                  look="quiet"
                  aria-label={`Let in again: ${e.domain || label.toLowerCase()}`}
                  isDisabled={remove.isPending}
                  onPress={() => remove.mutate(e.id)}
                >
                  Let in again
                </Button>
              )}
            </Cell>
          </tr>
        );
      })}
    </Table>
  );
}
