import { type ComponentType, lazy } from 'react';
import type { Answer } from '../../api/client';
import type { Contact } from '../../api/types';
import { may } from '../../app/permissions';
import { ReachCard } from './addresses';
import { AttributesCard, ClaimsCard } from './attributes';
import { DetailsCard } from './details';
import { TagsCard } from './tags';
import { WhyKeptCard } from './why-kept';

/** What each card and tab of a person's page is given. `answer` has the version, for saving. */
export interface PartProps {
  contact: Contact;
  answer: Answer<Contact>;
}

interface Part {
  id: string;
  Part: ComponentType<PartProps>;
  /** Who sees it; null: whoever sees the person. */
  permission: string | null;
}

/** The cards of the side column, from the top. A new one is a file of its own and a line here. */
export const cards: Part[] = [
  { id: 'claims', Part: ClaimsCard, permission: null },
  { id: 'reach', Part: ReachCard, permission: null },
  { id: 'details', Part: DetailsCard, permission: null },
  { id: 'company', Part: lazy(() => import('../../companies/card')), permission: null },
  { id: 'tags', Part: TagsCard, permission: null },
  { id: 'attributes', Part: AttributesCard, permission: null },
  { id: 'found', Part: lazy(() => import('./found')), permission: null },
  { id: 'devices', Part: lazy(() => import('./devices')), permission: null },
  { id: 'why-kept', Part: WhyKeptCard, permission: null },
];

/** The tabs of the main column, from the left. A new one is a file of its own and a line here. */
export const tabs: (Part & { label: string })[] = [
  { id: 'timeline', label: 'Timeline', Part: lazy(() => import('./timeline')), permission: null },
  { id: 'notes', label: 'Notes', Part: lazy(() => import('./notes')), permission: null },
  {
    id: 'conversations',
    label: 'Conversations',
    Part: lazy(() => import('./conversations')),
    permission: may.readInbox,
  },
  { id: 'boards', label: 'Boards', Part: lazy(() => import('./boards')), permission: may.readBoards },
  { id: 'history', label: 'History', Part: lazy(() => import('./history')), permission: may.readPrivacy },
  { id: 'privacy', label: 'Privacy', Part: lazy(() => import('./privacy')), permission: may.readPrivacy },
  { id: 'looks', label: 'Who looked', Part: lazy(() => import('./looks')), permission: may.readAudit },
];
