import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/endpoints';
import { keys } from '../../api/keys';
import { problemText } from '../../api/problem';
import type { Filter, Segment } from '../../api/types';
import { Builder } from '../../segments/builder';
import { useFields } from '../../segments/data';
import { emptyTree, fromFilter, toFilter } from '../../segments/tree';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { toast } from '../../ui/toast';

interface FilterBarProps {
  filter: Filter | null;
  onChange: (filter: Filter | null) => void;
  onClose: () => void;
  /** The filter became a segment; undefined for whoever may not. */
  onSaved: ((segment: Segment) => void) | undefined;
}

/** Narrows the list by conditions, which can become a segment. */
export function FilterBar({ filter, onChange, onClose, onSaved }: FilterBarProps) {
  const { fields, isPending, error } = useFields();
  const [tree, setTree] = useState(() => (filter ? fromFilter(filter) : emptyTree()));
  const [isSaving, setSaving] = useState(false);
  const ready = toFilter(tree, fields);
  return (
    <section
      aria-label="Filter"
      className="max-h-[45dvh] shrink-0 overflow-y-auto border-y border-line bg-paper px-4 py-3 md:px-6"
    >
      {error ? (
        <p role="alert" className="text-sm text-loss-text">
          {problemText(error)}
        </p>
      ) : (
        !isPending && (
          <form
            onSubmit={(e) => {
              e.preventDefault();
              if (ready) onChange(ready);
            }}
          >
            <Builder tree={tree} fields={fields} onChange={setTree} />
            <div className="mt-3 flex flex-wrap items-center gap-2">
              <Button look="primary" type="submit" isDisabled={!ready}>
                Show
              </Button>
              {onSaved && (
                <Button isDisabled={!ready} onPress={() => setSaving(true)}>
                  Save as a segment
                </Button>
              )}
              <Button
                look="quiet"
                onPress={() => {
                  onChange(null);
                  onClose();
                }}
              >
                {filter ? 'Take the filter off' : 'Close'}
              </Button>
              {!ready && <span className="text-sm text-ink-faint">Finish each condition first.</span>}
            </div>
          </form>
        )
      )}
      {isSaving && ready && onSaved && (
        <SaveSegment filter={ready} onClose={() => setSaving(false)} onSaved={onSaved} />
      )}
    </section>
  );
}

interface SaveProps {
  filter: Filter;
  onClose: () => void;
  onSaved: (segment: Segment) => void;
}

function SaveSegment({ filter, onClose, onSaved }: SaveProps) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const save = useMutation({
    mutationFn: () => api.createSegment({ name: name.trim(), filter }),
    onSuccess: (segment) => {
      toast(`${segment.name} is saved.`);
      void client.invalidateQueries({ queryKey: keys.segments });
      onClose();
      onSaved(segment);
    },
  });
  const submit = () => {
    if (name.trim() && !save.isPending) save.mutate();
  };
  return (
    <Dialog
      title="Save as a segment"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isDisabled={!name.trim()} busy={save.isPending} onPress={submit}>
            Save
          </Button>
        </>
      }
    >
      <TextField
        label="Name"
        hint="Everybody here sees it, and whoever fits is in it from now on."
        value={name}
        maxLength={100}
        autoFocus
        autoComplete="off"
        problem={save.error ? problemText(save.error) : undefined}
        onChange={(e) => setName(e.target.value)}
        onKeyDown={(e) => e.key === 'Enter' && submit()}
      />
    </Dialog>
  );
}
