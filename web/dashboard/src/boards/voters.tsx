import { Link } from '@tanstack/react-router';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { Contact } from '../api/types';
import { useCommand } from '../app/commands';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useOperators } from '../inbox/data';
import { fullTime } from '../lib/time';
import { Avatar, Skeleton } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { type Importance, type Post, useVote, useVotes, type Vote } from './data';
import { ImportanceField } from './importance';
import { useThisBoard } from './layout';
import { PickPerson } from './pick-person';
import { importanceLabels, weighs, weightText } from './words';

/** Who wants it, how much, and who said so for them. */
export function Voters({ post, mayWrite }: { post: Post; mayWrite: boolean }) {
  const isWeighed = weighs(useThisBoard());
  const [isAdding, setAdding] = useState(false);
  const votes = useVotes(post.id, post.votes > 0);
  const vote = useVote(post.id);
  useCommand('post-vote', () => setAdding(true), mayWrite);
  const unseen = post.votes - votes.items.length;
  return (
    <section aria-label="Voters">
      <header className="mb-1.5 flex h-8 items-center justify-between">
        <h3 className="text-sm font-semibold">
          Voters <span className="font-normal text-ink-faint tabular-nums">{post.votes || ''}</span>
        </h3>
        {mayWrite && (
          <Button size="sm" look="quiet" icon={<Plus size={14} />} onPress={() => setAdding(true)}>
            Vote for somebody
          </Button>
        )}
      </header>
      {post.votes === 0 ? (
        <p className="text-sm text-ink-faint">Nobody has voted yet.</p>
      ) : votes.isPending ? (
        <Skeleton className="h-8 w-full" />
      ) : (
        <ul className="space-y-0.5">
          {votes.items.map((v) => (
            <Voter
              key={v.contact_id}
              vote={v}
              isWeighed={isWeighed}
              onTakeBack={
                mayWrite
                  ? () =>
                      vote.mutate(
                        { contactId: v.contact_id, isTakenBack: true },
                        {
                          onSuccess: () =>
                            toast('The vote is taken back.', {
                              action: {
                                label: 'Undo',
                                run: () =>
                                  vote.mutate({
                                    contactId: v.contact_id,
                                    importance: v.importance || undefined,
                                  }),
                              },
                            }),
                        },
                      )
                  : undefined
              }
            />
          ))}
        </ul>
      )}
      {votes.hasNextPage ? (
        <Button
          size="sm"
          look="quiet"
          busy={votes.isFetchingNextPage}
          onPress={() => void votes.fetchNextPage()}
        >
          Show more
        </Button>
      ) : (
        votes.isSuccess &&
        unseen > 0 && <p className="mt-1 text-xs text-ink-faint">and {unseen} without a name</p>
      )}
      {isAdding && <VoteDialog post={post} onClose={() => setAdding(false)} />}
    </section>
  );
}

interface VoterProps {
  vote: Vote;
  isWeighed: boolean;
  onTakeBack: (() => void) | undefined;
}

function Voter({ vote: v, isWeighed, onTakeBack }: VoterProps) {
  const mayRead = useCan(may.readContacts);
  const operators = useOperators();
  const name = v.name || 'A visitor';
  const by = v.on_behalf;
  const byName = by && (by.name || operators.find((o) => o.id === by.id)?.name || 'a colleague');
  return (
    <li className="group flex items-center gap-2.5 rounded-md py-1">
      <Avatar name={name} size="sm" />
      <span className="min-w-0 flex-1 leading-4">
        {mayRead ? (
          <Link
            to="/contacts/$contactId"
            params={{ contactId: v.contact_id }}
            preload={false}
            className="block truncate text-sm underline-offset-2 hover:underline"
          >
            {name}
          </Link>
        ) : (
          <span className="block truncate text-sm">{name}</span>
        )}
        <span className="block truncate text-xs text-ink-faint" title={fullTime(v.created_at)}>
          {[
            v.importance && importanceLabels[v.importance],
            by && `by ${by.type === 'api_key' ? 'an API key' : byName}`,
            v.merged_from && 'for a merged post',
            isWeighed && v.weight !== null && `weighs ${weightText(v.weight)}`,
          ]
            .filter(Boolean)
            .join(' · ') || 'Voted'}
        </span>
      </span>
      {onTakeBack && (
        <IconButton
          label={`Take back the vote of ${name}`}
          onPress={onTakeBack}
          className="size-7! opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 max-md:opacity-100"
        >
          <X size={14} />
        </IconButton>
      )}
    </li>
  );
}

function VoteDialog({ post, onClose }: { post: Post; onClose: () => void }) {
  const [person, setPerson] = useState<Contact | null>(null);
  const [importance, setImportance] = useState<Importance | ''>('');
  const vote = useVote(post.id);
  return (
    <Dialog
      title="Vote for somebody"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="primary"
            isDisabled={!person}
            busy={vote.isPending}
            onPress={() =>
              person &&
              vote.mutate(
                { contactId: person.id, importance: importance || undefined },
                { onSuccess: onClose },
              )
            }
          >
            Vote
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <p className="text-sm text-ink-soft">
          For somebody who told you that they want it. That it was you who voted is kept with the vote.
        </p>
        <PickPerson label="Who wants it?" picked={person} onPick={setPerson} autoFocus />
        <ImportanceField value={importance} onChange={setImportance} />
      </div>
    </Dialog>
  );
}
