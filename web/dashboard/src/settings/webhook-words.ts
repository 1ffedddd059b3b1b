import type { WebhookDelivery, WebhookEndpoint } from '../api/types';

/** What each type tells, in words, by the group that it is shown in. */
export const eventGroups: { title: string; types: Record<string, string> }[] = [
  {
    title: 'People',
    types: {
      'contact.created': 'Somebody is added',
      'contact.updated': 'Somebody is changed, corrected or restricted',
      'contact.merged': 'Two contacts become one',
      'contact.erased': 'Somebody is erased',
      'contact.tracked': 'Somebody did something that your code told of',
      'bulk.progress': 'An act on many people goes on, or ends',
      'consent.granted': 'A consent is given',
      'consent.withdrawn': 'A consent is withdrawn',
    },
  },
  {
    title: 'Conversations',
    types: {
      'conversation.created': 'A conversation begins',
      'conversation.updated': 'A conversation changes',
      'conversation.assigned': 'A conversation is assigned',
      'conversation.resolved': 'A conversation is resolved',
      'conversation.reopened': 'A conversation is reopened',
      'conversation.removed': 'A retention rule removes a conversation',
      'message.created': 'A message or note is written',
      'message.redacted': 'A message is redacted',
    },
  },
  {
    title: 'Boards',
    types: {
      'post.created': 'A post is written',
      'post.updated': 'A post changes',
      'post.merged': 'Two posts become one',
      'vote.added': 'A vote is given',
      'vote.removed': 'A vote is taken back',
      'comment.created': 'A comment is written',
      'comment.updated': 'A comment changes or is removed',
      'reaction.added': 'Somebody reacts to a comment',
      'reaction.removed': 'A reaction is taken back',
      'changelog.published': 'An entry of the changelog is published',
    },
  },
  {
    title: 'Privacy and safety',
    types: {
      'privacy_request.created': 'A privacy request comes in',
      'privacy_request.extended': 'The term of a privacy request is extended',
      'privacy_request.due': 'A privacy request falls due',
      'privacy_request.completed': 'A privacy request is completed',
      'privacy_request.refused': 'A privacy request is refused',
      'breach.opened': 'A breach is opened',
      'breach.updated': 'A breach is updated',
      'security.alert': 'A security alert',
    },
  },
];

/** Article 19: whoever was told of a person has to learn of these. */
export const duties = ['contact.updated', 'contact.erased'];

export const deliveryStates: Record<WebhookDelivery['state'], string> = {
  waiting: 'Waiting',
  delivered: 'Delivered',
  failed: 'Given up',
  dropped: 'Dropped',
};

const reasons: Record<string, string> = {
  egress_failed: 'It could not be reached in time.',
  egress_address: 'It leads to a private address, or to a port that is not allowed.',
  egress_redirect: 'It redirects. Use the address that it leads to.',
  egress_url: 'The address is not one that can be called.',
  render_failed: 'Something failed on our side; it is tried again.',
  event_removed: 'The event is past the term for which events are kept.',
};

/** What an attempt came to, in words. */
export function outcomeText(o: { status_code: number | null; error: string | null }): string {
  if (o.status_code !== null) return `It answered ${o.status_code}.`;
  return o.error ? (reasons[o.error] ?? 'There was no answer.') : '';
}

/** Why an endpoint is off, and what helps. */
export function offText(e: WebhookEndpoint): string {
  switch (e.off_reason) {
    case 'gone':
      return 'It answered 410: it wants nothing any more. What happens since waits here.';
    case 'failing':
      return 'It failed for three days without a single success. Nothing is lost: switch it on once it works.';
    default:
      return 'Somebody switched it off. What happens meanwhile waits, and goes out when it is on again.';
  }
}
