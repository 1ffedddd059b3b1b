import { Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { MessageSquare } from 'lucide-react';
import { useCommand } from '../app/commands';
import { useTitle } from '../app/title';
import { Kbd } from '../ui/bits';
import { ConversationList } from './list';
import { Thread } from './thread';

/** The inbox: list and thread side by side; on a phone one after the other. */
export function InboxPage() {
  const { conversationId } = useParams({ strict: false });
  const navigate = useNavigate();
  useTitle('Inbox');
  useCommand('back', () => void navigate({ to: '/inbox', search: (old) => old }), conversationId !== undefined);
  return (
    <div className="flex h-full">
      <div className={`h-full w-full min-w-0 md:w-80 md:shrink-0 md:border-r md:border-line xl:w-88 ${conversationId ? 'max-md:hidden' : ''}`}>
        <ConversationList />
      </div>
      <div className={`h-full min-w-0 flex-1 ${conversationId ? '' : 'max-md:hidden'}`}>
        <Outlet />
      </div>
    </div>
  );
}

export function ConversationPage() {
  const { conversationId } = useParams({ from: '/shell/inbox/$conversationId' });
  return <Thread key={conversationId} id={conversationId} />;
}

/** What stands beside the list before anything is opened. */
export function NothingOpen() {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-4 p-8 text-center text-ink-faint">
      <MessageSquare size={28} strokeWidth={1.4} aria-hidden="true" />
      <p>Choose a conversation to read it.</p>
      <p className="flex flex-wrap items-center justify-center gap-x-4 gap-y-2 text-sm">
        <span className="flex items-center gap-1.5">
          <Kbd>J</Kbd>
          <Kbd>K</Kbd> move
        </span>
        <span className="flex items-center gap-1.5">
          <Kbd>↵</Kbd> open
        </span>
        <span className="flex items-center gap-1.5">
          <Kbd>?</Kbd> all shortcuts
        </span>
      </p>
    </div>
  );
}
