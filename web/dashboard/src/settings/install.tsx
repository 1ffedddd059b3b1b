import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ExternalLink, Radio } from 'lucide-react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { useSession } from '../app/session';
import { CopyButton } from '../ui/copy';
import { SettingsPage } from './layout';

/** The one line that brings the chat to a website. */
export function InstallPage() {
  const { workspace } = useSession();
  const settings = useQuery({ queryKey: keys.workspace, queryFn: ({ signal }) => api.workspace(signal) });
  const snippet = `<script async src="${location.origin}/widget.js" data-workspace="${workspace.key}"></script>`;
  const identify = `botimum('identify', {\n  externalId: 'user-42',\n  email: 'ada@example.com',\n  name: 'Ada Lovelace',\n  basis: { purpose: 'support', lawful_basis: 'contract' },\n});`;
  const origins = settings.data?.data.settings.allowed_origins ?? [];
  return (
    <SettingsPage title="Install" intro="One line on your website, and your visitors can write to you.">
      <ol className="space-y-8">
        <Step n={1} title="Put this line before </body>">
          <Code text={snippet} />
          <p className="mt-2 text-sm text-ink-faint">
            It loads beside your page, not before it, and stores nothing about a visitor until they write.
          </p>
        </Step>
        <Step n={2} title="Say which websites may show it">
          {origins.length ? (
            <ul className="space-y-1 text-sm">
              {origins.map((o) => (
                <li key={o} className="flex items-center gap-2">
                  <Radio size={13} className="text-ink-faint" aria-hidden="true" />
                  {o}
                </li>
              ))}
            </ul>
          ) : (
            <p className="text-sm text-ink-soft">
              None yet. Without one, only pages on this very machine are answered.
            </p>
          )}
          <Link
            to="/settings/workspace"
            className="mt-2 inline-block text-sm font-medium text-accent-text underline underline-offset-2"
          >
            Change the list
          </Link>
        </Step>
        <Step n={3} title="Try it">
          <p className="text-sm text-ink-soft">
            Open the demo website, write something, and watch it arrive in the inbox.
          </p>
          <a
            href="/demo"
            target="_blank"
            rel="noreferrer"
            className="mt-3 inline-flex h-8 items-center gap-2 rounded-md border border-line-strong px-3 text-sm font-medium hover:bg-hover"
          >
            Open the demo website
            <ExternalLink size={14} aria-hidden="true" />
          </a>
        </Step>
        <Step n={4} title="Tell us who is signed in (if you like)">
          <Code text={identify} />
          <p className="mt-2 text-sm text-ink-faint">
            An address that is only said counts as a claim. Send a signed token instead, and the person is
            verified.
          </p>
        </Step>
      </ol>
    </SettingsPage>
  );
}

function Step({ n, title, children }: { n: number; title: string; children: React.ReactNode }) {
  return (
    <li className="flex gap-4">
      <span
        aria-hidden="true"
        className="flex size-7 shrink-0 items-center justify-center rounded-full border border-line-strong text-sm font-medium text-ink-soft tabular-nums"
      >
        {n}
      </span>
      <div className="min-w-0 flex-1">
        <h2 className="mb-2.5 pt-1 font-semibold">{title}</h2>
        {children}
      </div>
    </li>
  );
}

function Code({ text }: { text: string }) {
  return (
    <div className="relative rounded-md border border-line bg-sunken">
      <pre className="overflow-x-auto p-4 pr-24 font-mono text-sm whitespace-pre-wrap wrap-anywhere">
        <code>{text}</code>
      </pre>
      <span className="absolute top-2.5 right-2.5">
        <CopyButton text={text} />
      </span>
    </div>
  );
}
