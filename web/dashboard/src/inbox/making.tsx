import { Link } from '@tanstack/react-router';
import { Lightbulb } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react';
import type { Conversation, Message } from '../api/types';
import { useCommand } from '../app/commands';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { type Agreed, useCameOf } from '../boards/agreed';
import { IconButton } from '../ui/button';
import type { MakeKind } from './to-board';

const ToBoard = lazy(() => import('./to-board'));

/** What came of messages on the boards, by message. */
export type Come = ReadonlyMap<string, Agreed[]>;

function byMessage(all: Agreed[]): Come {
  const out = new Map<string, Agreed[]>();
  for (const one of all) {
    const id = one.message_id ?? '';
    out.set(id, [...(out.get(id) ?? []), one]);
  }
  return out;
}

/** Whether a message can become a post or a vote: somebody wrote it, and it can be read. */
export const canBeMade = (m: Message): boolean =>
  m.author.type === 'contact' && m.type === 'reply' && m.body.trim() !== '' && !m.restricted;

interface Making {
  come: Come;
  /** Undefined where nothing may be made of it. */
  onMake: ((message: Message) => void) | undefined;
  dialog: ReactNode;
}

/** Makes posts and votes of what somebody wrote: by key of the newest message, by button of any. */
export function useMaking(conversation: Conversation | undefined, newestFirst: readonly Message[]): Making {
  const mayRead = useCan(may.readBoards);
  const mayWrite = useCan(may.writeBoards) && conversation !== undefined && !conversation.restricted;
  const [asked, setAsked] = useState<{ kind: MakeKind; message: Message }>();
  const came = useCameOf(conversation?.id ?? '', mayRead && conversation !== undefined);
  const come = useMemo(() => byMessage(came.data ?? []), [came.data]);
  const newest = mayWrite ? newestFirst.find(canBeMade) : undefined;
  const byKey = (kind: MakeKind) => () => newest && setAsked({ kind, message: newest });
  useCommand('to-post', byKey('post'), newest !== undefined);
  useCommand('to-vote', byKey('vote'), newest !== undefined);
  const onMake = useCallback((message: Message) => setAsked({ kind: 'post', message }), []);
  return {
    come,
    onMake: mayWrite ? onMake : undefined,
    dialog: asked && conversation && (
      <Suspense fallback={null}>
        <ToBoard {...asked} conversation={conversation} onClose={() => setAsked(undefined)} />
      </Suspense>
    ),
  };
}

export function MakeButton({ message, onMake }: { message: Message; onMake: (message: Message) => void }) {
  return (
    <IconButton
      label="Put it on a board"
      onPress={() => onMake(message)}
      className="size-7! opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 max-md:opacity-100"
    >
      <Lightbulb size={14} />
    </IconButton>
  );
}

/** The posts and votes that a message became. */
export function CameOf({ all }: { all: Agreed[] }) {
  return (
    <ul className="mt-1 space-y-0.5">
      {all.map((one) => (
        <li key={`${one.kind} ${one.post_id}`} className="flex items-center gap-1.5 text-xs text-ink-faint">
          <Lightbulb size={11} className="shrink-0" aria-hidden="true" />
          {one.kind === 'post' ? 'Became' : 'A vote for'}{' '}
          <Link
            to="/boards/$boardId/posts/$postId"
            params={{ boardId: one.post.board_id, postId: one.post_id }}
            search={{}}
            preload={false}
            className="min-w-0 truncate font-medium text-ink-soft underline underline-offset-2 hover:text-ink"
          >
            {one.post.title || 'a post'}
          </Link>
        </li>
      ))}
    </ul>
  );
}
