/** The panel bundle: fetched by the loader, lives in the loader's shadow root. */
import { render } from 'preact';
import type { Mount, Panel as Running } from '../mount.ts';
import { commands } from './commands.ts';
import { createChat } from './core/chat.ts';
import { createEvents } from './core/events.ts';
import { createMemory } from './core/memory.ts';
import { type State, unread } from './core/state.ts';
import { browserTabs } from './core/tabs.ts';
import { language } from './i18n/index.ts';
import css from './panel.css?inline';
import { Panel } from './ui/Panel.tsx';

export async function start(mount: Mount): Promise<Running> {
  const { button, root, workspaceKey, paint } = mount;
  const initial = await language(mount.locale || document.documentElement.lang || navigator.language);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets.push(sheet);
  const place = document.createElement('div');
  button.after(place);

  const events = createEvents();
  let hidden = false;
  let known = false;
  let opened = false;
  const showLauncher = (visible: boolean) => {
    hidden = !visible;
    button.hidden = hidden || !known;
  };
  const onChange = (state: State) => {
    announce(mount, state);
    opened ||= state.open;
    if (opened) render(<Panel state={state} chat={chat} />, place);
  };
  const chat = createChat({
    ...mount,
    events,
    initial,
    memory: createMemory(workspaceKey),
    tabs: browserTabs(workspaceKey),
    onChange,
    onLook(look) {
      known = true;
      paint(look);
      showLauncher(!hidden);
    },
  });
  onChange(chat.state);
  return {
    run: commands({ chat, events, showLauncher, setLocale: async (tag) => chat.set(await language(tag)) }),
  };
}

/** Puts on the launcher what a person needs to know before opening. */
function announce({ button, badge }: Mount, state: State): void {
  const { words, open } = state;
  const n = unread(state);
  button.setAttribute('aria-label', open ? words.close : n ? `${words.open}: ${n}` : words.open);
  button.setAttribute('aria-expanded', String(open));
  badge.textContent = open || !n ? '' : String(n);
}
