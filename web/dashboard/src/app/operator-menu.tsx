import { Keyboard, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { useStore } from '../lib/store';
import { Avatar } from '../ui/bits';
import { Menu, type MenuGroup } from '../ui/menu';
import { toastProblem } from '../ui/toast';
import { run } from './commands';
import { preferences, setTheme, type Theme } from './preferences';
import { roleName } from './roles';
import { switchWorkspace } from './runtime';
import { useSession } from './session';

const themes: { id: Theme; label: string; icon: React.ReactNode }[] = [
  { id: 'system', label: 'Like the system', icon: <Monitor size={15} /> },
  { id: 'light', label: 'Light', icon: <Sun size={15} /> },
  { id: 'dark', label: 'Dark', icon: <Moon size={15} /> },
];

/** The groups of the operator's menu, used by the sidebar and by the settings screen of a phone. */
export function useOperatorGroups(onShortcuts: () => void): MenuGroup[] {
  const { theme } = useStore(preferences);
  const { workspace, workspaces } = useSession();
  return [
    {
      id: 'workspaces',
      title: 'Workspace',
      items: (workspaces.length > 1 ? workspaces : []).map((w) => ({
        id: w.id,
        label: w.name,
        isChosen: w.id === workspace.id,
        onAction: () => {
          if (w.id !== workspace.id) void switchWorkspace(w.id).catch(toastProblem);
        },
      })),
    },
    {
      id: 'theme',
      title: 'Theme',
      items: themes.map((t) => ({ ...t, isChosen: t.id === theme, onAction: () => setTheme(t.id) })),
    },
    {
      id: 'more',
      items: [
        {
          id: 'shortcuts',
          label: 'Keyboard shortcuts',
          icon: <Keyboard size={15} />,
          shortcut: '?',
          onAction: onShortcuts,
        },
        { id: 'out', label: 'Sign out', icon: <LogOut size={15} />, onAction: () => run('sign-out') },
      ],
    },
  ];
}

export function OperatorMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const { operator } = useSession();
  const groups = useOperatorGroups(onShortcuts);
  return (
    <Menu
      label="You"
      placement="top start"
      groups={groups}
      header={
        <div className="border-b border-line px-3 pt-1 pb-2">
          <p className="font-medium">{operator.name}</p>
          <p className="text-sm text-ink-faint">{operator.email}</p>
        </div>
      }
      trigger={
        <AriaButton className="flex h-10 items-center gap-2.5 rounded-md px-2 text-left transition-colors data-[hovered]:bg-hover max-lg:justify-center max-lg:px-0">
          <Avatar name={operator.name} size="sm" kind="operator" />
          <span className="min-w-0 flex-1 max-lg:sr-only">
            <span className="block truncate text-sm leading-4 font-medium">{operator.name}</span>
            <span className="block text-xs leading-4 text-ink-faint">{roleName(operator.role)}</span>
          </span>
        </AriaButton>
      }
    />
  );
}
