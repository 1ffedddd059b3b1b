/** What the page tells beside what a visitor does: only what the workspace asks for. Fetched only where it asks. */
import type { SessionAnswer } from './wire.ts';

const bare = (url: string): string => url.split(/[?#]/)[0] || '-';

/** Headers that are read anew with each request, since pages change their address without loading. */
export const seen = ({ settings }: SessionAnswer): object => ({
  get 'widget-page'() {
    const has = (letter: string) => settings.asks?.includes(letter);
    return [
      has('p') ? bare(location.href) : '-',
      has('r') ? bare(document.referrer) : '-',
      has('z') ? Intl.DateTimeFormat().resolvedOptions().timeZone : '-',
    ].join(' ');
  },
});
