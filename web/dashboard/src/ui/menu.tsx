import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Header } from 'react-aria-components/Header';
import { Menu as AriaMenu, MenuItem, MenuSection, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { Separator } from 'react-aria-components/Separator';
import { Kbd } from './bits';

export interface MenuChoice {
  id: string;
  label: string;
  icon?: ReactNode;
  hint?: ReactNode;
  shortcut?: string | undefined;
  isChosen?: boolean;
  isLoss?: boolean;
  onAction: () => void;
}

export type MenuGroup = { id: string; title?: string; items: MenuChoice[] };

interface MenuProps {
  label: string;
  trigger: ReactNode;
  groups: MenuGroup[];
  placement?: 'bottom start' | 'bottom end' | 'top start' | 'right top';
  header?: ReactNode;
  /** Where a key opens it, too. */
  isOpen?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
}

/** A button with a menu. The trigger must be one of our buttons. */
export function Menu({ label, trigger, groups, placement = 'bottom start', header, ...open }: MenuProps) {
  return (
    <MenuTrigger {...open}>
      {trigger}
      <Popover
        placement={placement}
        className="rise min-w-52 overflow-auto rounded-md border border-line bg-raised py-1 shadow-float"
      >
        {header}
        <AriaMenu aria-label={label} className="outline-none">
          {groups
            .filter((g) => g.items.length)
            .map((group, i) => (
              <MenuSection key={group.id} id={group.id} aria-label={group.title ?? label}>
                {i > 0 && <Separator className="my-1 h-px bg-line" />}
                {group.title && (
                  <Header className="px-3 pt-1.5 pb-1 text-xs text-ink-faint">{group.title}</Header>
                )}
                {group.items.map((item) => (
                  <MenuItem
                    key={item.id}
                    id={`${group.id}:${item.id}`}
                    textValue={item.label}
                    onAction={item.onAction}
                    className={`mx-1 flex min-h-8 items-center gap-2.5 rounded-sm px-2 py-1 text-sm outline-none data-[focused]:bg-hover ${item.isLoss ? 'text-loss-text' : 'text-ink'}`}
                  >
                    {item.icon && <span className="flex w-4 justify-center text-ink-faint">{item.icon}</span>}
                    <span className="min-w-0 flex-1 truncate">{item.label}</span>
                    {item.hint && <span className="text-xs text-ink-faint tabular-nums">{item.hint}</span>}
                    {item.shortcut && <Kbd>{item.shortcut}</Kbd>}
                    {item.isChosen && <Check size={15} className="text-ink-soft" aria-label="chosen" />}
                  </MenuItem>
                ))}
              </MenuSection>
            ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
