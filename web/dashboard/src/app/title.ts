import { useEffect } from 'react';
import { Store, useStore } from '../lib/store';

const page = new Store('Inbox');

/** Names the page in the browser's tab. Never a person's name: titles end up in histories. */
export function useTitle(title: string): void {
  useEffect(() => page.set(title), [title]);
}

/** Writes the tab's title, with the number of unread conversations before it. */
export function useDocumentTitle(unread: number, workspace: string): void {
  const title = useStore(page);
  useEffect(() => {
    document.title = `${unread ? `(${unread}) ` : ''}${title} · ${workspace}`;
  }, [title, unread, workspace]);
}
