import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Problem, problemText } from '../api/problem';
import type { Conversation, Message } from '../api/types';
import { firstLine, type How, hows, useMake } from '../boards/agreed';
import { useBoards } from '../boards/all';
import type { Board, Importance, Post } from '../boards/data';
import { ImportanceField } from '../boards/importance';
import { displayName } from '../lib/names';
import { Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextArea, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { Alike, FindAlike } from './alike';

export type MakeKind = 'post' | 'vote';

interface Props {
  conversation: Conversation;
  message: Message;
  kind: MakeKind;
  onClose: () => void;
}

/** The board that was used last: the one that the next wish is for, most likely. */
let lastBoard = '';

/** Makes a post or a vote of what somebody wrote, and notes that they agreed. */
export default function ToBoard({ conversation, message, kind, onClose }: Props) {
  const boards = useBoards();
  const open = boards.data?.filter((b) => !b.archived_at) ?? [];
  const [boardId, setBoardId] = useState(lastBoard);
  const board = open.find((b) => b.id === boardId) ?? open[0];
  const pick = (id: string) => {
    lastBoard = id;
    setBoardId(id);
  };
  if (board) {
    return <Make {...{ conversation, message, kind, onClose, board }} boards={open} onBoard={pick} />;
  }
  return (
    <Dialog title="Put it on a board" isOpen onClose={onClose}>
      {boards.isPending ? (
        <Skeleton className="h-24 w-full" />
      ) : boards.error ? (
        <p className="text-sm text-loss-text">{problemText(boards.error)}</p>
      ) : (
        <p className="text-sm text-ink-soft">There is no board yet. Add one under Boards, then come back.</p>
      )}
    </Dialog>
  );
}

type Consent = How | 'none';

interface MakeProps extends Props {
  board: Board;
  boards: Board[];
  onBoard: (id: string) => void;
}

function Make({ conversation: c, message, kind: asked, onClose, board, boards, onBoard }: MakeProps) {
  const [kind, setKind] = useState(asked);
  const [title, setTitle] = useState(() => firstLine(message.body));
  const [text, setText] = useState(() =>
    firstLine(message.body) === message.body.trim() ? '' : message.body.trim(),
  );
  const [wanted, setWanted] = useState(title);
  const [chosen, setChosen] = useState<Post | null>(null);
  const [importance, setImportance] = useState<Importance | ''>('');
  const [consent, setConsent] = useState<Consent>('conversation');
  const navigate = useNavigate();
  const name = displayName(c.contact);
  const make = useMake((post) => {
    const go = () =>
      void navigate({
        to: '/boards/$boardId/posts/$postId',
        params: { boardId: post.board_id, postId: post.id },
        search: {},
      });
    toast(kind === 'vote' ? `Voted for “${post.title}”.` : 'It is on the board.', {
      action: { label: 'Open', run: go },
    });
    onClose();
  });
  const problem = make.error instanceof Problem ? make.error : null;
  const isReady = kind === 'vote' ? chosen !== null : title.trim() !== '';
  const submit = () => {
    if (!isReady || make.isPending) return;
    const agreement =
      consent === 'none' ? undefined : { how: consent, conversation_id: c.id, message_id: message.id };
    const wish = { boardId: board.id, agreement, contactId: consent === 'none' ? undefined : c.contact_id };
    if (kind === 'post') make.mutate({ ...wish, kind, title: title.trim(), text: text.trim() });
    else if (chosen) make.mutate({ ...wish, kind, post: chosen, importance: importance || undefined });
  };
  return (
    <Dialog
      title={kind === 'vote' ? `A vote for ${name}` : 'A post of what they wrote'}
      isOpen
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={() => setKind(kind === 'vote' ? 'post' : 'vote')} look="quiet" className="mr-auto">
            {kind === 'vote' ? 'Make a new post instead' : 'Vote for one that is there'}
          </Button>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isDisabled={!isReady} busy={make.isPending} onPress={submit}>
            {kind === 'vote' ? 'Vote' : 'Post'}
          </Button>
        </>
      }
    >
      <form
        className="space-y-4"
        onSubmit={(e) => {
          e.preventDefault();
          submit();
        }}
        onKeyDown={(e) => {
          if (e.key === 'Enter' && (e.metaKey || e.ctrlKey)) submit();
        }}
      >
        {boards.length > 1 && (
          <SelectField label="Board" value={board.id} onChange={(e) => onBoard(e.target.value)}>
            {boards.map((b) => (
              <option key={b.id} value={b.id}>
                {b.name}
              </option>
            ))}
          </SelectField>
        )}
        {kind === 'post' && (
          <>
            <TextField
              label="In one line"
              autoFocus
              autoComplete="off"
              maxLength={200}
              value={title}
              onChange={(e) => setTitle(e.target.value)}
              problem={problem?.field('title')}
            />
            <TextArea
              label="What it is about"
              hint="Markdown. Take out what is nobody else's business."
              rows={4}
              maxLength={20_000}
              value={text}
              onChange={(e) => setText(e.target.value)}
              problem={problem?.field('body')}
            />
          </>
        )}
        {kind === 'post' ? (
          <Alike
            board={board}
            text={title}
            onChoose={(post) => {
              setWanted(post.title);
              setKind('vote');
              if (consent === 'none') setConsent('conversation');
            }}
          />
        ) : (
          <FindAlike key={board.id} board={board} text={wanted} chosen={chosen} onChoose={setChosen} />
        )}
        {kind === 'vote' && <ImportanceField value={importance} onChange={setImportance} />}
        <SelectField
          label="Do they know?"
          hint={consentHint(kind, consent, board, name)}
          value={consent}
          onChange={(e) => setConsent(e.target.value as Consent)}
        >
          {hows.map((h) => (
            <option key={h.id} value={h.id}>
              {h.label}
            </option>
          ))}
          {kind === 'post' && <option value="none">They were not asked: post it as the team</option>}
        </SelectField>
        {make.error && !problem?.field('title') && !problem?.field('body') && (
          <p role="alert" className="text-sm text-loss-text">
            {problemText(make.error)}
          </p>
        )}
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </form>
    </Dialog>
  );
}

/** What is kept of the choice, and who will see their name. */
function consentHint(kind: MakeKind, consent: Consent, board: Board, name: string): string {
  if (consent === 'none') return `Nothing leads to ${name}; leave out of the text what would.`;
  const seen =
    kind === 'vote'
      ? 'Only your team sees who voted.'
      : board.visibility === 'private'
        ? 'Only your team sees this board.'
        : 'Whoever reads this board sees whose wish it is.';
  return `Kept with it: that ${name} agreed, how, and that you wrote it down. ${seen}`;
}
