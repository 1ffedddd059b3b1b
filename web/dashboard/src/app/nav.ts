import { Inbox, Lightbulb, type LucideIcon, Settings, ShieldCheck, Users } from 'lucide-react';
import { may } from './permissions';

/** The places of the dashboard. `permission` null: everybody. */
export const places: {
  to: '/inbox' | '/contacts' | '/boards' | '/privacy-centre' | '/settings';
  label: string;
  icon: LucideIcon;
  permission: string | null;
}[] = [
  { to: '/inbox', label: 'Inbox', icon: Inbox, permission: may.readInbox },
  { to: '/contacts', label: 'Contacts', icon: Users, permission: may.readContacts },
  { to: '/boards', label: 'Boards', icon: Lightbulb, permission: may.readBoards },
  { to: '/privacy-centre', label: 'Privacy', icon: ShieldCheck, permission: may.readPrivacy },
  { to: '/settings', label: 'Settings', icon: Settings, permission: null },
];

/** The places within the contacts. */
export const contactPlaces = [
  { to: '/contacts', label: 'People', permission: may.readContacts },
  { to: '/contacts/companies', label: 'Companies', permission: may.readContacts },
  { to: '/contacts/segments', label: 'Segments', permission: may.readContacts },
  { to: '/contacts/duplicates', label: 'Duplicates', permission: may.readContacts },
  { to: '/contacts/imports', label: 'Imports', permission: may.writeContacts },
] as const;

export const settingsPlaces = [
  {
    to: '/settings/workspace',
    label: 'Workspace',
    hint: 'Name, colour, greeting',
    permission: may.readWorkspace,
  },
  {
    to: '/settings/install',
    label: 'Install',
    hint: 'One line for your website',
    permission: may.readWorkspace,
  },
  {
    to: '/settings/operators',
    label: 'Operators',
    hint: 'Who can sign in, and as what',
    permission: may.readOperators,
  },
  {
    to: '/settings/attributes',
    label: 'Attributes',
    hint: 'What you keep of people, and who sees it',
    permission: may.readContacts,
  },
  {
    to: '/settings/companies',
    label: 'Companies',
    hint: 'Whether they follow from addresses',
    permission: may.readContacts,
  },
  {
    to: '/settings/blocklist',
    label: 'Blocklist',
    hint: 'Whom nothing is taken from',
    permission: may.readContacts,
  },
  {
    to: '/settings/enrichment',
    label: 'Enrichment',
    hint: 'Looking people up in public sources',
    permission: may.readWorkspace,
  },
  {
    to: '/settings/technical',
    label: 'Technical data',
    hint: 'What is kept of browsers, if anything',
    permission: may.readWorkspace,
  },
  {
    to: '/settings/mail',
    label: 'Mail',
    hint: 'Whether links and notices go out',
    permission: may.readWorkspace,
  },
  { to: '/settings/api-keys', label: 'API keys', hint: 'For your own code', permission: may.readKeys },
  {
    to: '/settings/webhooks',
    label: 'Webhooks',
    hint: 'Tell your own systems',
    permission: may.readWebhooks,
  },
  {
    to: '/settings/privacy',
    label: 'Privacy',
    hint: 'Every field, and why it is kept',
    permission: may.readPrivacy,
  },
  { to: '/settings/audit', label: 'Audit', hint: 'Who did what, provably', permission: may.readAudit },
  {
    to: '/settings/account',
    label: 'Your account',
    hint: 'Name, sessions, your own data',
    permission: may.readWorkspace, // of every role: an account is its operator's own
  },
] as const;

/** The tabs of the privacy area. Its address is not /privacy: there the public portal lives. */
export const privacyPlaces = [
  { to: '/privacy-centre/requests', label: 'Requests', permission: may.readPrivacy },
  { to: '/privacy-centre/restricted', label: 'Restricted people', permission: may.readPrivacy },
  { to: '/privacy-centre/answering', label: 'Deadlines and officer', permission: may.readWorkspace },
  { to: '/privacy-centre/purposes', label: 'Purposes', permission: may.readPrivacy },
  { to: '/privacy-centre/retention', label: 'Retention', permission: may.readPrivacy },
  { to: '/privacy-centre/sensitive', label: 'Sensitive data', permission: may.readWorkspace },
  { to: '/privacy-centre/assessments', label: 'Assessments', permission: may.readPrivacy },
  { to: '/privacy-centre/children', label: 'Children', permission: may.readPrivacy },
] as const;
