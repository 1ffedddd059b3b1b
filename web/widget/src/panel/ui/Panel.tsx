import { Component, createRef } from 'preact';
import type { Chat } from '../core/chat.ts';
import type { State } from '../core/state.ts';
import { Composer } from './Composer.tsx';
import { Tool } from './icons.tsx';
import { Part } from './Part.tsx';
import { Thread } from './Thread.tsx';

export interface Screen {
  state: State;
  chat: Chat;
}

/** What few visitors open is fetched when they do. */
const PARTS = {
  list: () => import('./List.tsx'),
  privacy: () => import('./Privacy.tsx'),
  board: () => import('./Board.tsx'),
};

/**
 * The frame is a <dialog>: the browser moves the focus in, gives it back on closing, and keeps it inside on a phone,
 * where the panel fills the screen and nothing behind it may be reached.
 */
export class Panel extends Component<Screen> {
  #dialog = createRef<HTMLDialogElement>();

  override componentDidMount(): void {
    this.#show();
    visualViewport?.addEventListener('resize', this.#fit);
  }

  override componentDidUpdate({ state: { open, view, thread } }: Screen): void {
    const { state } = this.props;
    if (state.open !== open) this.#show();
    else if (state.view !== view || state.thread !== thread) this.#focus();
  }

  #show(): void {
    const dialog = this.#dialog.current as HTMLDialogElement;
    if (!this.props.state.open) dialog.close();
    else if (isPhone()) dialog.showModal();
    else dialog.show();
    this.#fit();
    this.#focus();
  }

  /** To the composer, except on a phone, where that would push up the keyboard before anything was read. */
  #focus(): void {
    const dialog = this.#dialog.current;
    const field = this.props.state.view === 'thread' && !isPhone() && dialog?.querySelector('textarea');
    (field || dialog)?.focus();
  }

  /** Keeps the composer above a phone's keyboard, which covers the page without resizing it. */
  #fit = (): void => {
    const { style } = this.#dialog.current as HTMLElement;
    style.height = isPhone() && visualViewport ? `${visualViewport.height}px` : '';
  };

  #onKey = (event: KeyboardEvent): void => {
    event.stopPropagation(); // the page's own shortcuts are not meant
    if (event.key === 'Escape' && !event.isComposing) this.props.chat.close();
  };

  override render({ state, chat }: Screen) {
    const { words, settings, view, conversations, locale } = state;
    const { name = '' } = settings?.workspace ?? {};
    return (
      <dialog
        ref={this.#dialog}
        class={settings?.position === 'left' ? 'panel left' : 'panel'}
        aria-label={`${words.chat} ${name}`}
        tabIndex={-1}
        lang={locale}
        dir={/^ar/.test(locale) ? 'rtl' : 'ltr'}
        onKeyDown={this.#onKey}
        onClose={chat.close}
      >
        <header>
          {(view !== 'thread' || conversations[0]) && (
            <Tool
              name="back"
              label={view === 'thread' ? words.list : words.chat}
              onClick={() => chat.set({ view: view === 'thread' ? 'list' : 'thread' })}
            />
          )}
          <h2>{words[view as 'list'] || name}</h2>
          <Tool name="close" label={words.close} onClick={chat.close} />
        </header>
        {!state.connected && (
          <p class="banner" role="status">
            {words.offline}
          </p>
        )}
        {view !== 'thread' && <Part key={view} load={PARTS[view]} state={state} chat={chat} />}
        <div class="talk" hidden={view !== 'thread'}>
          <Thread state={state} chat={chat} />
          {settings?.age ? (
            <Part load={() => import('./Age.tsx')} state={state} chat={chat} />
          ) : (
            <Composer state={state} chat={chat} />
          )}
        </div>
      </dialog>
    );
  }
}

function isPhone(): boolean {
  return matchMedia('(max-width: 480px)').matches;
}
