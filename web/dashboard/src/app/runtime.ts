import { QueryClient } from '@tanstack/react-query';
import { API, setCsrfToken, setExpiredHandler } from '../api/client';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { isStatus } from '../api/problem';
import type { Session } from '../api/types';
import { outbox } from '../inbox/outbox';
import { Store } from '../lib/store';
import { LiveCache } from '../live/apply';
import { liveStatus, online, setOnline, typing } from '../live/state';
import { LiveClient } from '../live/stream';

/** All answers of the server, in memory only. The stream keeps them fresh, so nothing is asked again by the clock. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5 * 60_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (count, error) => count < 2 && isStatus(error, 0, 502, 503, 504),
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

/** The signed-in operator, or null. */
export const session = new Store<Session | null>(null);

/** The conversation that is open on screen, for read marks. */
export const openConversation = new Store<string | null>(null);

export const liveCache = new LiveCache(
  queryClient,
  {
    me: () => session.get()?.operator.id ?? '',
    viewing: () => (document.visibilityState === 'visible' ? openConversation.get() : null),
  },
  (id) => api.conversation(id),
);

let expired: () => void = () => {};

/** Says what happens when the session has ended while somebody was working: the router goes to the sign-in page. */
export function onSessionExpired(handler: () => void): void {
  expired = handler;
}

function expire(): void {
  if (!session.get()) return;
  end();
  expired();
}

const live = new LiveClient(`${API}/stream`, {
  onEnvelope: (envelope) => liveCache.apply(envelope),
  onEphemeral: ({ type, data }) => {
    if (type === 'presence' && data.contact_id) setOnline(data.contact_id, data.online === true);
    else if (data.conversation_id && data.author && data.author.id !== session.get()?.operator.id) {
      typing.start(data.conversation_id, data.author);
    }
  },
  onStart: () => liveCache.refresh(),
  onReset: () => liveCache.refresh(),
  onStatus: (status) => liveStatus.set(status),
  onExpired: expire,
});

setExpiredHandler(expire);
window.addEventListener('online', () => live.nudge());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') live.nudge();
});

/** Whether the server has said that nobody is signed in here, so that it need not be asked twice. */
let isKnownSignedOut = false;

/** Starts working as the operator: the token for changes, the live stream. */
export function begin(next: Session): void {
  isKnownSignedOut = false;
  setCsrfToken(next.csrf_token);
  session.set(next);
  live.start();
}

/** Forgets the operator and everything that was read. Messages on their way stay, for after the next sign-in. */
export function end(): void {
  isKnownSignedOut = true;
  live.stop();
  setCsrfToken('');
  session.set(null);
  online.set(new Set());
  queryClient.clear();
}

/** The session, asked for once; null when nobody is signed in. */
export async function loadSession(): Promise<Session | null> {
  const held = session.get();
  if (held || isKnownSignedOut) return held;
  try {
    const found = await api.session();
    begin(found);
    return found;
  } catch (error) {
    if (isStatus(error, 401)) {
      isKnownSignedOut = true;
      return null;
    }
    throw error;
  }
}

/** Goes to another workspace of the same operator. The page is loaded anew, so that nothing of the one stays in the other. */
export async function switchWorkspace(id: string): Promise<void> {
  await api.switchWorkspace(id);
  location.assign('/inbox');
}

export async function signOut(): Promise<void> {
  await api.signOut().catch(() => {});
  end();
  outbox.set([]);
}

/** Whether the session's permissions hold one: "area:action", "area:*" and "*" stand for what they say. */
export function allows(permissions: readonly string[], wanted: string): boolean {
  const area = wanted.split(':')[0];
  return permissions.some((p) => p === '*' || p === wanted || p === `${area}:*`);
}

export { keys };
