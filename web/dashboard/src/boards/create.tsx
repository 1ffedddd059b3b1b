import { useState } from 'react';
import { Problem, problemText } from '../api/problem';
import { useSession } from '../app/session';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { type Board, useCreateBoard } from './data';
import { VisibilityChoice } from './visibility';
import { slugOf } from './words';

/** Asks for what a board needs; everything else can be said later. */
export function CreateBoard({
  onClose,
  onCreated,
}: {
  onClose: () => void;
  onCreated: (board: Board) => void;
}) {
  const { workspace } = useSession();
  const [name, setName] = useState('');
  const [ownSlug, setSlug] = useState<string | null>(null);
  const [visibility, setVisibility] = useState<Board['visibility']>('private');
  const [segmentId, setSegment] = useState('');
  const slug = ownSlug ?? slugOf(name);
  const create = useCreateBoard(onCreated);
  const problem = create.error instanceof Problem ? create.error : null;
  return (
    <Dialog
      title="New board"
      isOpen
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="primary"
            busy={create.isPending}
            isDisabled={!name.trim() || (visibility === 'segment' && !segmentId)}
            onPress={() =>
              create.mutate({
                name: name.trim(),
                ...(slug && { slug }),
                visibility,
                ...(visibility === 'segment' && { segment_id: segmentId }),
              })
            }
          >
            Create
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <TextField
          label="Name"
          autoFocus
          autoComplete="off"
          maxLength={100}
          placeholder="Ideas"
          value={name}
          onChange={(e) => setName(e.target.value)}
          problem={problem?.field('name')}
        />
        <TextField
          label="Address"
          autoComplete="off"
          spellCheck={false}
          maxLength={60}
          value={slug}
          onChange={(e) => setSlug(e.target.value)}
          hint={`/b/${workspace.slug}/${slug || '…'}`}
          problem={problem?.field('slug')}
        />
        <VisibilityChoice
          value={visibility}
          onChange={setVisibility}
          segmentId={segmentId}
          onSegment={setSegment}
          problem={problem?.field('segment_id')}
        />
        {create.error && !problem?.fields.length && (
          <p role="alert" className="text-sm text-loss-text">
            {problemText(create.error)}
          </p>
        )}
      </div>
    </Dialog>
  );
}
