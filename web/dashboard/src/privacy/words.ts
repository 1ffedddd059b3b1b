import type { PrivacyRequest, RequestKind, RequestState } from '../api/types';

/** What a request asks for, in words that need no lawyer. */
export const kinds: Record<RequestKind, { name: string; says: string }> = {
  access: { name: 'Copy of their data', says: 'They want to see what is held about them.' },
  rectification: { name: 'Correction', says: 'They say that something about them is wrong.' },
  erasure: { name: 'Erasure', says: 'They want everything about them to be gone.' },
  restriction: { name: 'Restriction', says: 'They want their data kept, and nothing else done with it.' },
  portability: {
    name: 'Data to take along',
    says: 'They want what they gave, in a form that others can read.',
  },
  objection: { name: 'Objection', says: 'They do not want their data used for something.' },
};

/** In the order of the GDPR's articles. */
export const kindOrder = Object.keys(kinds) as RequestKind[];

export const states: Record<RequestState, string> = {
  received: 'Waits for proof',
  verified: 'To do',
  in_progress: 'In work',
  completed: 'Done',
  refused: 'Refused',
  withdrawn: 'Taken back',
};

export const sources: Record<PrivacyRequest['source'], string> = {
  portal: 'from the privacy page',
  widget: 'from the chat',
  email_link: 'from a link by e-mail',
  api: 'through the API',
  operator: 'by a colleague',
};

const proofs: Record<string, string> = {
  mail_link: 'They opened a link that was sent to their address.',
  identity_token: 'Your website vouched for them when they signed in.',
  session: 'It is about what their own browser entered, and came from that browser.',
  operator: 'A colleague vouched for them.',
  api_key: 'Your own code vouched for them.',
};

/** How it is known that the person themselves asks. */
export function proofOf(r: PrivacyRequest): string {
  return proofs[r.proof] ?? 'Not proven yet. They were sent a link with which they confirm it.';
}

/** Why a request may be refused. */
export const reasons = [
  ['legal_obligation', 'A law obliges us to keep it'],
  ['legal_claims', 'It is needed for legal claims'],
  ['legal_hold', 'A legal hold keeps it'],
  ['rights_of_others', 'It would harm the rights of others'],
  ['overriding_grounds', 'There are compelling legitimate grounds'],
  ['accurate_already', 'The data is accurate as it stands'],
  ['nothing_held', 'Nothing is held about them'],
  ['identity_not_proven', 'We could not make sure who asks'],
  ['manifestly_unfounded', 'The request is manifestly unfounded'],
  ['excessive', 'It was asked for too often'],
  ['other', 'Another reason'],
] as const;

export type Reason = (typeof reasons)[number][0];

export function reasonText(reason: string): string {
  return reasons.find(([key]) => key === reason)?.[1] ?? reason.replaceAll('_', ' ');
}

const stepNames: Record<string, string> = {
  received: 'Received',
  verified: 'Identity proven',
  started: 'Taken on',
  reminded: 'Reminder sent',
  extended: 'The term was extended, and they were told',
  escalated: 'Overdue: owners and privacy officers told',
  completed: 'Done',
  refused: 'Refused',
  withdrawn: 'Taken back by the person',
};

export const stepName = (what: string): string => stepNames[what] ?? what;
