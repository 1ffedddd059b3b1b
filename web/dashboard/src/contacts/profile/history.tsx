import { Corrections } from '../corrections';
import type { PartProps } from './parts';

/** What was changed in the profile, by whom, and what stood there before. */
export default function HistoryTab({ contact }: PartProps) {
  return <Corrections contactId={contact.id} />;
}
