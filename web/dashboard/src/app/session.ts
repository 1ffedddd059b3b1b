import type { Session } from '../api/types';
import { useStore } from '../lib/store';
import { allows, session } from './runtime';

/** The signed-in operator. Only for screens behind sign-in. */
export function useSession(): Session {
  const value = useStore(session);
  if (!value) throw new Error('a screen behind sign-in was shown without a session');
  return value;
}

/** Whether the operator may do something, such as "inbox:write". */
export function useCan(permission: string): boolean {
  const permissions = useStore(session, (s) => s?.permissions);
  return permissions !== undefined && allows(permissions, permission);
}
