import { ContactRequests } from '../../privacy/contact-requests';
import { ConsentList } from '../consents';
import { Rights } from '../rights';
import { Block } from './block';
import type { PartProps } from './parts';

/** What they asked for and agreed to, and what they may have done. */
export default function PrivacyTab({ contact }: PartProps) {
  return (
    <div className="space-y-8">
      <Block title="Requests">
        <ContactRequests contact={contact} />
      </Block>
      <Block title="Consents">
        <ConsentList contactId={contact.id} isEditable />
      </Block>
      <Rights contact={contact} />
    </div>
  );
}
