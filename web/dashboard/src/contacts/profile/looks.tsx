import { WhoLooked } from '../access';
import type { PartProps } from './parts';

/** Who looked at this person, and when. */
export default function LooksTab({ contact }: PartProps) {
  return <WhoLooked contactId={contact.id} />;
}
