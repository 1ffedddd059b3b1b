import { Link, Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { MessageSquare } from 'lucide-react';
import { useCommand } from '../app/commands';
import { useSession } from '../app/session';
import { useTitle } from '../app/title';
import { Kbd } from '../ui/bits';
import { CopyButton } from '../ui/copy';
import { ConversationList, useIsNew } from './list';
import { Thread } from './thread';

/** The inbox: list and thread side by side; on a phone one after the other. */
export function InboxPage() {
  const { conversationId } = useParams({ strict: false });
  const navigate = useNavigate();
  useTitle('Inbox');
  useCommand(
    'back',
    () => void navigate({ to: '/inbox', search: (old) => old }),
    conversationId !== undefined,
  );
  return (
    <div className="flex h-full">
      <div
        className={`h-full w-full min-w-0 md:w-80 md:shrink-0 md:border-r md:border-line xl:w-88 ${conversationId ? 'max-md:hidden' : ''}`}
      >
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
  const isNew = useIsNew();
  if (isNew) return <Welcome />;
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

/** The first thing a new workspace sees: how a first message comes about. */
function Welcome() {
  const { workspace } = useSession();
  const snippet = `<script async src="${location.origin}/widget.js" data-workspace="${workspace.key}"></script>`;
  return (
    <div className="flex h-full items-center justify-center overflow-y-auto p-8">
      <div className="w-full max-w-lg">
        <h2 className="text-lg font-semibold">Put one line on your website</h2>
        <p className="mt-1.5 text-ink-soft">
          Place it before <code className="font-mono text-sm">&lt;/body&gt;</code>, and your visitors can
          write to you. It stores nothing about anybody until they do.
        </p>
        <div className="mt-5 flex items-start gap-3 rounded-md border border-line bg-sunken p-3.5">
          <code className="min-w-0 flex-1 font-mono text-sm wrap-anywhere">{snippet}</code>
          <CopyButton text={snippet} />
        </div>
        <p className="mt-5 flex flex-wrap items-center gap-x-5 gap-y-2 text-sm">
          <a
            href="/demo"
            target="_blank"
            rel="noreferrer"
            className="font-medium text-accent-text underline underline-offset-2"
          >
            Try it on the demo website
          </a>
          <Link
            to="/settings/workspace"
            className="font-medium text-accent-text underline underline-offset-2"
          >
            Say which websites may show it
          </Link>
        </p>
      </div>
    </div>
  );
}
