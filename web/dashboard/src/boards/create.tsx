import { useState } from 'react';
import { Problem, problemText } from '../api/problem';
import { useSession } from '../app/session';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { type Board, useCreateBoard } from './data';
import { slugOf, visibilities } from './words';

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
            isDisabled={!name.trim()}
            onPress={() => create.mutate({ name: name.trim(), ...(slug && { slug }), visibility })}
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
        <VisibilityChoice value={visibility} onChange={setVisibility} />
        {create.error && !problem?.fields.length && (
          <p role="alert" className="text-sm text-loss-text">
            {problemText(create.error)}
          </p>
        )}
      </div>
    </Dialog>
  );
}

interface ChoiceProps {
  value: Board['visibility'];
  onChange: (value: Board['visibility']) => void;
}

/** Who may read a board, each with what it means. */
export function VisibilityChoice({ value, onChange }: ChoiceProps) {
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">Who may read it</legend>
      <div className="space-y-1.5">
        {visibilities.map((v) => (
          <label
            key={v.id}
            className="flex gap-3 rounded-md border border-line px-3 py-2.5 transition-colors hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft"
          >
            <input
              type="radio"
              name="visibility"
              value={v.id}
              checked={v.id === value}
              onChange={() => onChange(v.id)}
              className="mt-1 accent-accent"
            />
            <span>
              <span className="block font-medium">{v.label}</span>
              <span className="block text-sm text-ink-soft">{v.hint}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
