import { Component } from 'preact';
import type { Chat } from '../core/chat.ts';
import { asFailure } from '../core/failure.ts';
import css from './board.css?inline';
import { boardWords } from './board-words.ts';
import type { Screen } from './Panel.tsx';

interface Wish {
  id: string;
  number: number;
  title: string;
  votes: number;
  comments: number;
  status: string;
  color: string;
  voted: boolean;
}

interface Answer {
  name: string;
  url: string;
  takes_posts: boolean;
  posts: Wish[];
  next_cursor: string | null;
}

interface Shown {
  board?: Answer | undefined;
  /** The board cannot be shown, or more of it not. */
  failed?: string | undefined;
  /** The wish that may only be voted for on the board's page. */
  away?: Wish | undefined;
  busy?: string | undefined;
}

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

/** A feedback board: what others wish for, and one's own votes. Whoever may not vote here is led to the board's page. */
export default class Board extends Component<Screen, Shown> {
  #adopt = (place: HTMLElement | null): void => {
    const sheets = (place?.getRootNode() as ShadowRoot | undefined)?.adoptedStyleSheets;
    if (sheets && !sheets.includes(sheet)) sheets.push(sheet);
  };

  override componentDidMount(): void {
    this.#load();
  }

  override componentDidUpdate({ state }: Screen): void {
    if (state.board !== this.props.state.board) {
      this.setState({ board: undefined });
      this.#load();
    }
  }

  #load = (cursor = ''): void => {
    const { chat, state } = this.props;
    api(chat, 'GET', `boards/${encodeURIComponent(state.board ?? '')}?cursor=${cursor}`).then(
      (board) =>
        this.setState((old: Shown) => ({
          failed: undefined,
          board: cursor && old.board ? { ...board, posts: [...old.board.posts, ...board.posts] } : board,
        })),
      (error) => this.setState({ failed: asFailure(error).code }),
    );
  };

  #vote(wish: Wish): void {
    this.setState({ busy: wish.id, away: undefined });
    const done = (change: Partial<Shown>) => this.setState({ busy: undefined, ...change });
    this.props.chat.api
      .call<Pick<Wish, 'votes' | 'voted'>>('POST', `posts/${wish.id}/vote`, { voted: !wish.voted })
      .then(
        (now) => {
          done({});
          this.setState(({ board }: Shown) => ({
            board: board && {
              ...board,
              posts: board.posts.map((p) => (p.id === wish.id ? { ...p, ...now } : p)),
            },
          }));
        },
        (error) =>
          done(
            asFailure(error).code === 'sign_in_needed' ? { away: wish } : { failed: asFailure(error).code },
          ),
      );
  }

  override render({ state }: Screen, { board, failed, away, busy }: Shown) {
    const w = boardWords(state.locale);
    return (
      <div class="page board" ref={this.#adopt}>
        {board && <h3>{board.name}</h3>}
        {failed && (
          <p role="status">
            {failed === 'not_found' ? w.none : w.failed}{' '}
            <button type="button" class="link" onClick={() => this.#load()}>
              {w.again}
            </button>
          </p>
        )}
        <ul>
          {board?.posts.map((p) => (
            <li key={p.id}>
              <button
                type="button"
                class="vote"
                aria-pressed={p.voted}
                aria-label={`${p.votes} – ${w.vote}: ${p.title}`}
                disabled={busy === p.id}
                onClick={() => this.#vote(p)}
              >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                  <path d="m6 14 6-6 6 6" />
                </svg>
                {p.votes}
              </button>
              <div>
                <a href={`${board.url}/p/${p.number}`} target="_blank" rel="noopener" dir="auto">
                  {p.title}
                </a>
                <small>
                  <i style={{ background: p.color }} />
                  {p.status}
                </small>
                {away === p && (
                  <p role="status">
                    {w.away}{' '}
                    <a class="link" href={`${board.url}/p/${p.number}`} target="_blank" rel="noopener">
                      {w.go}
                    </a>
                  </p>
                )}
              </div>
            </li>
          ))}
        </ul>
        {board && !board.posts.length && <p>{w.empty}</p>}
        {board?.next_cursor && (
          <button type="button" class="button" onClick={() => this.#load(board.next_cursor as string)}>
            {w.more}
          </button>
        )}
        {board?.takes_posts && (
          <a class="link" href={`${board.url}/new`} target="_blank" rel="noopener">
            {w.wish}
          </a>
        )}
      </div>
    );
  }
}

const api = (chat: Chat, method: string, path: string) => chat.api.call<Answer>(method, path);
