import { useState } from 'react';
import { Problem, problemText } from '../api/problem';
import type { Contact } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextArea, TextField } from '../ui/field';
import { type Board, type Post, useCreatePost } from './data';
import { PickPerson } from './pick-person';
import { PostRows } from './post-rows';
import { useSimilar } from './similar';

interface Props {
  board: Board;
  onClose: () => void;
  onCreated: (post: Post) => void;
}

/** Writes down a wish: the team's own, or somebody's. */
export function NewPost({ board, onClose, onCreated }: Props) {
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const [isTheirs, setTheirs] = useState(false);
  const [person, setPerson] = useState<Contact | null>(null);
  const mayFind = useCan(may.readContacts);
  const create = useCreatePost(board.id, onCreated);
  const similar = useSimilar(board.id, title).data ?? [];
  const problem = create.error instanceof Problem ? create.error : null;
  return (
    <Dialog
      title="New post"
      isOpen
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="primary"
            busy={create.isPending}
            isDisabled={!title.trim() || (isTheirs && !person)}
            onPress={() =>
              create.mutate({
                title: title.trim(),
                ...(text.trim() && { body: text }),
                ...(isTheirs && person && { contact_id: person.id }),
              })
            }
          >
            Add
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <TextField
          label="In one line"
          autoFocus
          autoComplete="off"
          maxLength={200}
          value={title}
          onChange={(e) => setTitle(e.target.value)}
          problem={problem?.field('title')}
        />
        {title.trim().length > 1 && similar.length > 0 && (
          <div>
            <p className="text-xs text-ink-faint">Already there?</p>
            <PostRows
              label="Posts that are alike"
              board={board}
              posts={similar.slice(0, 3)}
              onChoose={onCreated}
            />
          </div>
        )}
        <TextArea
          label="What it is about"
          hint="Markdown. May stay empty."
          rows={5}
          maxLength={20_000}
          value={text}
          onChange={(e) => setText(e.target.value)}
          problem={problem?.field('body')}
        />
        {mayFind && (
          <label className="flex items-center gap-2.5 text-sm">
            <input
              type="checkbox"
              checked={isTheirs}
              onChange={(e) => setTheirs(e.target.checked)}
              className="size-4 accent-accent"
            />
            Somebody asked for it
          </label>
        )}
        {isTheirs && <PickPerson label="Whose wish is it?" picked={person} onPick={setPerson} autoFocus />}
        {create.error && !problem?.fields.length && (
          <p role="alert" className="text-sm text-loss-text">
            {problemText(create.error)}
          </p>
        )}
      </div>
    </Dialog>
  );
}
