import type { Role } from '../api/types';

/** The roles, the most able first, with what each may do. */
export const roles: { id: Role; name: string; can: string }[] = [
  { id: 'owner', name: 'Owner', can: 'Everything' },
  { id: 'admin', name: 'Admin', can: 'Everything but removing owners' },
  { id: 'agent', name: 'Agent', can: 'Conversations and contacts' },
  { id: 'privacy_officer', name: 'Privacy officer', can: 'Privacy, audit, erasing people' },
  { id: 'viewer', name: 'Viewer', can: 'Reads, changes nothing' },
];

export function roleName(role: Role): string {
  return roles.find((r) => r.id === role)?.name ?? role;
}
