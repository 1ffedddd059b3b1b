import type { Session } from '../api/types';
import { useStore } from '../lib/store';
import { allows, session } from './runtime';

let latest: Session | null = null;

/**
 * The signed-in operator. Only for screens behind sign-in. In the moment between the end of a session and the sign-in
 * page, screens that are about to go still see the one that ended.
 */
export function useSession(): Session {
  latest = useStore(session) ?? latest;
  if (!latest) throw new Error('a screen behind sign-in was shown without a session');
  return latest;
}

/** Whether the operator may do something, such as "inbox:write". */
export function useCan(permission: string): boolean {
  const permissions = useStore(session, (s) => s?.permissions);
  return permissions !== undefined && allows(permissions, permission);
}

/** Whether the operator may do one of these. */
export function useCanAny(...permissions: string[]): boolean {
  const held = useStore(session, (s) => s?.permissions);
  return held !== undefined && permissions.some((p) => allows(held, p));
}
