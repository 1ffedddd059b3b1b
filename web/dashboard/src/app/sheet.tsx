import { useStore } from '../lib/store';
import { Kbd, Switch } from '../ui/bits';
import { Dialog } from '../ui/dialog';
import { isMac, preferences, setEnterSends, setSingleKeys } from './preferences';
import { keyCaps, shortcuts } from './shortcuts';

const groups = ['Anywhere', 'In the list', 'In a conversation', 'On a board'] as const;

/** Every shortcut there is, from the table that the keyboard listens by. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const { singleKeys, enterSends } = useStore(preferences);
  return (
    <Dialog title="Keyboard shortcuts" isOpen onClose={onClose} width="lg">
      <div className="mt-2 gap-x-10 md:columns-2">
        {groups.map((group) => (
          <section key={group} className="mb-5 break-inside-avoid">
            <h3 className="mb-1.5 text-sm font-semibold text-ink-soft">{group}</h3>
            <dl>
              {shortcuts
                .filter((s) => s.group === group && s.keys)
                .map((s) => (
                  <div
                    key={s.id}
                    className="flex h-8 items-center justify-between gap-4 border-b border-line last:border-0"
                  >
                    <dt className="text-sm">{s.label}</dt>
                    <dd className="flex gap-1">
                      {keyCaps(s.id === 'send' && enterSends ? 'Enter' : s.keys, isMac).map((cap) => (
                        <Kbd key={cap}>{cap}</Kbd>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="mt-5 flex flex-wrap gap-x-8 gap-y-3 border-t border-line pt-4">
        <Switch
          label="Enter sends (Shift+Enter starts a new line)"
          isOn={enterSends}
          onChange={setEnterSends}
        />
        <Switch label="Shortcuts of a single key" isOn={singleKeys} onChange={setSingleKeys} />
      </div>
    </Dialog>
  );
}
