import { SearchX, Trash2, Users } from 'lucide-react';
import { Empty } from '../../ui/bits';
import { Button } from '../../ui/button';
import type { View } from '../views';

interface NobodyProps {
  q: string;
  view: View;
  isFiltered: boolean;
  onCreate: (() => void) | undefined;
}

/** Why the list is empty, and what to do. */
export function Nobody({ q, view, isFiltered, onCreate }: NobodyProps) {
  if (view === 'bin') {
    return (
      <Empty icon={<Trash2 size={22} strokeWidth={1.6} />} title="The bin is empty">
        Whom you move here is out of sight at once, can be brought back for 30 days, and is erased after that.
      </Empty>
    );
  }
  if (q) {
    return (
      <Empty icon={<SearchX size={22} strokeWidth={1.6} />} title={`Nobody is found by “${q}”`}>
        Names are found by their first letters; e-mail addresses and phone numbers when they are whole, since
        they are kept sealed.
      </Empty>
    );
  }
  if (isFiltered) {
    return (
      <Empty icon={<SearchX size={22} strokeWidth={1.6} />} title="Nobody fits the filter">
        Loosen a condition, or take the filter off.
      </Empty>
    );
  }
  if (view !== 'all') {
    return (
      <Empty icon={<Users size={22} strokeWidth={1.6} />} title="Nobody is in this list">
        {view === 'restricted'
          ? 'Nobody’s data is restricted.'
          : view === 'blocked'
            ? 'Nobody is blocked.'
            : 'People appear here as soon as they fit.'}
      </Empty>
    );
  }
  return (
    <Empty
      icon={<Users size={22} strokeWidth={1.6} />}
      title="Nobody is here yet"
      action={onCreate && <Button onPress={onCreate}>Add a contact</Button>}
    >
      People appear by themselves when they write to you, or when your website identifies them. Just looking
      at a page stores nothing.
    </Empty>
  );
}
