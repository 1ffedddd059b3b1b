import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Lock, Pencil, Trash2 } from 'lucide-react';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { api } from '../../api/endpoints';
import { keys } from '../../api/keys';
import { isStatus, problemText } from '../../api/problem';
import type { ContactNote } from '../../api/types';
import { may } from '../../app/permissions';
import { useCan } from '../../app/session';
import { kindWords } from '../../inbox/sensitive';
import { fullTime, longAge } from '../../lib/time';
import { LoadProblem, Skeleton } from '../../ui/bits';
import { Button, IconButton } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextArea } from '../../ui/field';
import { useWho } from '../rights';
import type { PartProps } from './parts';

const longest = 10_000;

/** What colleagues wrote down about the person, newest first, and the place to write. */
export default function NotesTab({ contact: c }: PartProps) {
  const mayWrite = useCan(may.writeContacts) && !c.restricted_at;
  const cache = useQueryClient();
  const again = () => cache.invalidateQueries({ queryKey: keys.contactNotes(c.id) });
  const list = useInfiniteQuery({
    queryKey: keys.contactNotes(c.id),
    queryFn: ({ pageParam, signal }) => api.contactNotes(c.id, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const notes = list.data?.pages.flatMap((p) => p.data) ?? [];
  return (
    <div className="max-w-2xl">
      {mayWrite && <NewNote contactId={c.id} onSaved={again} />}
      {list.error ? (
        <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Skeleton className="h-16" />
      ) : notes.length === 0 ? (
        <p className="text-sm text-ink-faint">Nobody wrote a note about this person yet.</p>
      ) : (
        <ul className="space-y-3" aria-label="Notes">
          {notes.map((n) => (
            <Note key={n.id} note={n} contactId={c.id} mayWrite={mayWrite} onSaved={again} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button size="sm" look="quiet" className="mt-3" onPress={() => void list.fetchNextPage()}>
          Show older notes
        </Button>
      )}
    </div>
  );
}

/** Ctrl or Command with Enter saves; Escape lets go. */
const shortcuts = (save: () => void, cancel?: () => void) => (e: KeyboardEvent) => {
  if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) save();
  else if (e.key === 'Escape' && cancel) cancel();
  else return;
  e.preventDefault();
};

function NewNote({ contactId, onSaved }: { contactId: string; onSaved: () => Promise<void> }) {
  const [text, setText] = useState('');
  const add = useMutation({
    mutationFn: () => api.addContactNote(contactId, text),
    onSuccess: () => {
      setText('');
      void onSaved();
    },
  });
  const save = () => text.trim() && !add.isPending && add.mutate();
  return (
    <form
      className="mb-6"
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      <TextArea
        label="New note"
        hint="Only your team sees it. It is part of the copy that this person may ask for."
        value={text}
        rows={3}
        maxLength={longest}
        dir="auto"
        problem={add.error ? problemText(add.error) : undefined}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={shortcuts(save)}
      />
      <div className="mt-2 flex justify-end">
        <Button type="submit" look="primary" isDisabled={!text.trim()} busy={add.isPending}>
          Add note
        </Button>
      </div>
    </form>
  );
}

interface NoteProps {
  note: ContactNote;
  contactId: string;
  mayWrite: boolean;
  onSaved: () => Promise<void>;
}

function Note({ note: n, contactId, mayWrite, onSaved }: NoteProps) {
  const who = useWho();
  const [isEditing, setEditing] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  return (
    <li className="rounded-md border border-line bg-surface px-4 py-3 text-sm">
      <div className="mb-1 flex min-h-7 items-center gap-x-2 text-xs text-ink-faint">
        <p className="min-w-0 flex-1">
          <span className="font-medium text-ink-soft first-letter:uppercase">{who(n.author)}</span>{' '}
          <time dateTime={n.created_at} title={fullTime(n.created_at)}>
            {longAge(n.created_at)}
          </time>
          {n.edited_by && n.edited_at && (
            <span title={fullTime(n.edited_at)}>
              {`, edited${n.edited_by.id === n.author.id ? '' : ` by ${who(n.edited_by)}`} ${longAge(n.edited_at)}`}
            </span>
          )}
        </p>
        {mayWrite && !isEditing && (
          <span className="flex">
            <IconButton label="Edit this note" onPress={() => setEditing(true)}>
              <Pencil size={14} />
            </IconButton>
            <IconButton label="Remove this note" onPress={() => setRemoving(true)}>
              <Trash2 size={14} />
            </IconButton>
          </span>
        )}
      </div>
      {isEditing ? (
        <Editor note={n} contactId={contactId} onSaved={onSaved} onClose={() => setEditing(false)} />
      ) : n.restricted ? (
        <p className="flex items-center gap-1.5 text-ink-faint">
          <Lock size={13} aria-hidden="true" /> Not shown while the use of their data is restricted
        </p>
      ) : (
        <p dir="auto" className="break-words whitespace-pre-wrap">
          {n.body}
        </p>
      )}
      {n.masked.length > 0 && (
        <p className="mt-1.5 text-xs text-ink-faint">Masked when it was written: {kindWords(n.masked)}</p>
      )}
      {n.flagged.length > 0 && (
        <p className="mt-1.5 text-xs text-time-text">
          Looks like {kindWords(n.flagged)}. Take it out unless it is needed.
        </p>
      )}
      {isRemoving && (
        <RemoveDialog note={n} contactId={contactId} onSaved={onSaved} onClose={() => setRemoving(false)} />
      )}
    </li>
  );
}

interface OpenProps extends Omit<NoteProps, 'mayWrite'> {
  onClose: () => void;
}

/** Edits the version that is there as editing begins; where a colleague was faster, what is typed stays and can be saved over theirs. */
function Editor({ note, contactId, onSaved, onClose }: OpenProps) {
  const [text, setText] = useState(note.body);
  const [version, setVersion] = useState(() => api.contactNote(contactId, note.id));
  useEffect(() => {
    // What is on screen may be older than the version that is there.
    version.then(
      ({ data }) => setText((typed) => (typed === note.body ? data.body : typed)),
      () => {}, // said when it is saved
    );
  }, [version, note.body]);
  const edit = useMutation({
    mutationFn: async () => api.editContactNote(contactId, note.id, text, (await version).etag),
    onSuccess: async () => {
      await onSaved();
      onClose();
    },
    onError: (error) => {
      if (isStatus(error, 412)) setVersion(api.contactNote(contactId, note.id));
    },
  });
  const save = () => text.trim() && !edit.isPending && edit.mutate();
  const problem = isStatus(edit.error, 412)
    ? 'A colleague changed this note meanwhile. Save again to replace their words with yours.'
    : edit.error
      ? problemText(edit.error)
      : undefined;
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      <TextArea
        label="Note"
        hideLabel
        autoFocus
        rows={4}
        maxLength={longest}
        dir="auto"
        value={text}
        problem={problem}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={shortcuts(save, onClose)}
      />
      <div className="mt-2 flex justify-end gap-2">
        <Button look="quiet" onPress={onClose}>
          Cancel
        </Button>
        <Button type="submit" look="primary" isDisabled={!text.trim()} busy={edit.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}

function RemoveDialog({ note, contactId, onSaved, onClose }: OpenProps) {
  const remove = useMutation({
    mutationFn: () => api.removeContactNote(contactId, note.id),
    onSuccess: async () => {
      await onSaved();
      onClose();
    },
  });
  return (
    <Dialog
      title="Remove this note?"
      isOpen
      onClose={onClose}
      isAlert
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button look="loss" busy={remove.isPending} onPress={() => remove.mutate()}>
            Remove
          </Button>
        </>
      }
    >
      <p className="text-sm">It is gone for good. That it was removed stays in the audit log.</p>
      {remove.error && (
        <p role="alert" className="mt-2 text-sm text-loss-text">
          {problemText(remove.error)}
        </p>
      )}
    </Dialog>
  );
}
