import type { Mail } from '../api/types';

const templates: Record<string, string> = {
  privacy_link: 'Link to their data',
  request_received: 'Request received',
  request_completed: 'Request done',
  request_refused: 'Request refused',
  request_due: 'Request falls due',
  request_extended: 'Request takes longer',
  erased: 'Data was erased',
  request_escalated: 'Request is late',
  restriction_lifted: 'Restriction ends',
  rectified: 'Data corrected',
  parental_consent: 'Consent of a parent',
  test: 'Test mail',
};

/** What a mail is about, in words. */
export const mailName = (template: string): string => templates[template] ?? template.replaceAll('_', ' ');

const reasons: Record<string, string> = {
  address_invalid: 'Nothing can be delivered to the address.',
  address_unsupported: 'The address has letters before the @ that not every server takes.',
  recipient_refused: 'The recipient’s server says there is no such mailbox.',
  content_refused: 'The server does not take this mail, perhaps as spam.',
  sender_refused: 'The server does not take mail from our address.',
  sign_in_refused: 'The server does not take our name and password.',
  tls_failed: 'No safe connection to the server could be made.',
  server_unreachable: 'The server cannot be reached.',
  connection_lost: 'The server hung up or was too slow.',
  server_busy: 'The server asked to try again later.',
  expired: 'It was too late to be of use: its link had run out.',
  not_rendered: 'It could not be written; the server’s log says why.',
  processing_restricted: 'The person’s data is restricted; it goes out when that ends.',
};

/** Why a mail did not go out, in words. */
export const reasonText = (code: string): string => reasons[code] ?? code.replaceAll('_', ' ');

export const stateNames: Record<Mail['state'], string> = {
  queued: 'Waiting',
  held: 'Held back',
  sent: 'Sent',
  failed: 'Failed',
};
