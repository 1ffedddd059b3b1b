/**
 * What stays in the visitor's browser. Nothing does until the person has done something on purpose (`keep`):
 * someone who only looks leaves no trace.
 */
import { STORE } from '../../mount.ts';

/** The session of a person who has written. Shared by all tabs of the site. */
export interface Saved {
  token: string;
  /** Id of the contact where it is known, so that a tab notices that the person changed. */
  contact?: string | undefined;
  /** The person does not want to be asked for an address again. */
  skipped?: boolean;
}

/** A message on its way: kept until the server has it, so that a reload does not lose it. */
export interface Draft {
  client_id: string;
  /** A conversation's id, or `new:…` for one that the first message will open. */
  thread: string;
  body: string;
  at: string;
  /** Why the server refused it for good; a person must decide what to do. */
  error?: string;
}

export interface Memory {
  /** Key under which the session lies, to recognise it in a `storage` event. */
  readonly sessionKey: string;
  saved(): Saved | undefined;
  keep(change: Partial<Saved> & { token: string }): void;
  /** Changes what is kept; does nothing while nothing is. */
  amend(change: Partial<Saved>): void;
  /** Forgets the session; what waits to be sent still waits. */
  forget(): void;
  /** Oldest first. Each lies under a key of its own, so that two tabs cannot overwrite each other's. */
  drafts(): Draft[];
  saveDraft(draft: Draft): void;
  dropDraft(clientId: string): void;
  /** Which conversation a thread has become, once known; another tab may still hold the old name. */
  became(thread: string, conversation?: string): string | undefined;
  /** Sweeps the old names of threads once nothing waits for them. */
  sweep(): void;
  /** Removes all that this widget ever kept. */
  clear(): void;
}

export function createMemory(workspaceKey: string, box = localBox()): Memory {
  const root = STORE + workspaceKey;
  /** Takes what the box has no room for, or all where there is no box: it then lives as long as the page. */
  const spare = new Map<string, string>();

  const read = <T>(name: string): T | undefined => {
    const text = spare.get(root + name) ?? box?.getItem(root + name);
    try {
      return text ? JSON.parse(text) : undefined;
    } catch {
      return undefined; // not ours, or damaged
    }
  };
  const remove = (name: string) => {
    spare.delete(root + name);
    box?.removeItem(root + name);
  };
  const write = (name: string, value: unknown) => {
    const text = JSON.stringify(value);
    spare.set(root + name, text);
    try {
      (box as Storage).setItem(root + name, text);
      spare.delete(root + name);
    } catch {
      // Full, or no box at all.
    }
  };
  /** What follows the root in every name that begins so. */
  const names = (start: string): string[] =>
    [...spare.keys(), ...Object.keys(box ?? {})]
      .filter((name) => name.startsWith(root + start))
      .map((name) => name.slice(root.length));

  const saved = () => read<Saved>('');
  const sweep = () => {
    if (!names(':out:').length) names(':to:').forEach(remove);
  };
  return {
    sessionKey: root,
    saved,
    keep: (change) => write('', { ...saved(), ...change }),
    amend: (change) => {
      const now = saved();
      if (now) write('', { ...now, ...change });
    },
    forget: () => {
      remove('');
      sweep();
    },
    drafts: () =>
      names(':out:')
        .map((name) => read<Draft>(name) as Draft)
        .sort((a, b) => (a.at < b.at ? -1 : 1)),
    saveDraft: (draft) => write(`:out:${draft.client_id}`, draft),
    dropDraft: (clientId) => remove(`:out:${clientId}`),
    became: (thread, conversation) => {
      if (conversation) write(`:to:${thread}`, conversation);
      return read(`:to:${thread}`);
    },
    sweep,
    clear: () => ['', ...names(':')].forEach(remove),
  };
}

/** localStorage, unless the browser forbids it. */
function localBox(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
