import { Monitor, Moon, Smartphone, Sun } from 'lucide-react';
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { problemText } from '../api/problem';
import { Skeleton } from '../ui/bits';
import { IconButton } from '../ui/button';
import type { BoardPreview, PreviewPage } from './data';

const pages: { id: PreviewPage; label: string }[] = [
  { id: 'posts', label: 'Posts' },
  { id: 'post', label: 'One post' },
  { id: 'roadmap', label: 'Roadmap' },
  { id: 'changelog', label: 'Changelog' },
  { id: 'sign_in', label: 'Sign in' },
];

const widths = { wide: 1120, phone: 390 } as const;

/** Whether the dashboard is dark now: the preview begins like it. */
function isDark(): boolean {
  const chosen = document.documentElement.dataset['theme'];
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

interface PaneProps {
  page: PreviewPage;
  onPage: (page: PreviewPage) => void;
  shown: BoardPreview | undefined;
  error: unknown;
  isBehind: boolean;
}

/** The public page as it will be, whole, as wide as a desk or a phone, light or dark. */
export function PreviewPane({ page, onPage, shown, error, isBehind }: PaneProps) {
  const [width, setWidth] = useState<keyof typeof widths>(() =>
    matchMedia('(min-width: 768px)').matches ? 'wide' : 'phone',
  );
  const [scheme, setScheme] = useState<'light' | 'dark'>(isDark() ? 'dark' : 'light');
  return (
    <section aria-label="Preview" className="flex h-full min-h-0 flex-col">
      <div className="flex h-11 shrink-0 items-center gap-1 border-b border-line px-2">
        <label className="flex items-center gap-2 text-sm">
          <span className="sr-only">Page in the preview</span>
          <select
            value={page}
            onChange={(e) => onPage(e.target.value as PreviewPage)}
            className="h-8 rounded-md border border-line-field bg-surface px-2 text-sm"
          >
            {pages.map((p) => (
              <option key={p.id} value={p.id}>
                {p.label}
              </option>
            ))}
          </select>
        </label>
        <p role="status" className="ml-1 min-w-0 flex-1 truncate text-xs text-ink-faint">
          {error ? (
            <span className="text-loss-text">As it was: {problemText(error)}</span>
          ) : isBehind ? (
            'Drawing…'
          ) : (
            'As it will be'
          )}
        </p>
        <Toggle label="As on a desk" isOn={width === 'wide'} onPress={() => setWidth('wide')}>
          <Monitor size={16} />
        </Toggle>
        <Toggle label="As on a phone" isOn={width === 'phone'} onPress={() => setWidth('phone')}>
          <Smartphone size={16} />
        </Toggle>
        <IconButton
          label={scheme === 'dark' ? 'Show it light' : 'Show it dark'}
          onPress={() => setScheme(scheme === 'dark' ? 'light' : 'dark')}
        >
          {scheme === 'dark' ? <Sun size={16} /> : <Moon size={16} />}
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 bg-sunken p-3">
        {shown ? (
          <Frame shown={shown} width={widths[width]} scheme={scheme} />
        ) : (
          <Skeleton className="h-full w-full" />
        )}
      </div>
    </section>
  );
}

function Toggle({
  label,
  isOn,
  onPress,
  children,
}: {
  label: string;
  isOn: boolean;
  onPress: () => void;
  children: ReactNode;
}) {
  return (
    <IconButton
      label={label}
      aria-pressed={isOn}
      onPress={onPress}
      className={isOn ? 'bg-pressed text-ink!' : ''}
    >
      {children}
    </IconButton>
  );
}

/** Where the page is put: no address, no script, and its own rules of style in a document of its own. */
const empty = '<!doctype html><html lang="en"><head><title>Preview</title></head><body></body></html>';

interface FrameProps {
  shown: BoardPreview;
  width: number;
  scheme: 'light' | 'dark';
}

/** The page is put into the frame's document by hand, so that a change neither flickers nor scrolls it back to the top. */
function Frame({ shown, width, scheme }: FrameProps) {
  const box = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLIFrameElement>(null);
  const [isReady, setReady] = useState(false);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (!box.current) return;
    const watch = new ResizeObserver(([entry]) => entry && setSize(entry.contentRect));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (isReady) draw(frame.current, shown, scheme);
  }, [isReady, shown, scheme]);
  const scale = Math.min(1, size.width / width);
  return (
    <div ref={box} className="flex h-full justify-center overflow-hidden">
      <div
        className="h-full overflow-hidden rounded-md border border-line-strong bg-surface shadow-float"
        style={{ width: width * scale }}
      >
        <iframe
          ref={frame}
          title="The board's page, as it will be"
          sandbox="allow-same-origin"
          srcDoc={empty}
          onLoad={() => setReady(true)}
          className="origin-top-left border-0"
          style={{ width, height: scale ? size.height / scale : 0, transform: `scale(${scale})` }}
        />
      </div>
    </div>
  );
}

/** A style sheet that a script makes needs no leave of the policy that forbids those within a page. */
function draw(frame: HTMLIFrameElement | null, shown: BoardPreview, scheme: string): void {
  const doc = frame?.contentDocument;
  const view = frame?.contentWindow as (Window & typeof globalThis) | null | undefined;
  if (!doc || !view) return;
  const top = doc.scrollingElement?.scrollTop ?? 0;
  const page = new DOMParser().parseFromString(shown.html, 'text/html');
  for (const part of page.querySelectorAll('script, link, meta, base')) part.remove();
  const root = doc.adoptNode(page.documentElement);
  root.style.colorScheme = scheme;
  doc.documentElement.replaceWith(root);
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(shown.css);
  doc.adoptedStyleSheets = [sheet];
  if (doc.scrollingElement) doc.scrollingElement.scrollTop = top;
}
