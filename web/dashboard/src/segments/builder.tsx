import { FolderPlus, LockKeyhole, Plus, X } from 'lucide-react';
import { Fragment, useEffect, useRef } from 'react';
import type { SegmentField } from '../api/types';
import { Button, IconButton } from '../ui/button';
import { fieldBox } from '../ui/field';
import {
  add,
  type Condition,
  countConditions,
  emptyCondition,
  emptyGroup,
  type Group,
  isGroup,
  maxConditions,
  maxDepth,
  type Node,
  replace,
} from './tree';
import { ValueInput } from './value';
import { groupName, opName } from './words';

interface BuilderProps {
  tree: Group;
  fields: Map<string, SegmentField>;
  onChange: (tree: Group) => void;
}

/** Writes a filter: conditions in groups, each group inside a line of its own. */
export function Builder({ tree, fields, onChange }: BuilderProps) {
  const fresh = useRef<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  // What was just added has the focus; what took its place has it after a removal.
  useEffect(() => {
    if (fresh.current === null) return;
    box.current?.querySelector<HTMLElement>(`[data-node="${fresh.current}"] select`)?.focus();
    fresh.current = null;
  });
  const room = countConditions(tree) < maxConditions;
  const edit: Edit = {
    fields,
    room,
    set: (node) => onChange(node.id === tree.id ? (node as Group) : replace(tree, node.id, node)),
    remove: (id) => {
      const left = replace(tree, id, null);
      const next = left.of.length ? left : { ...left, of: [emptyCondition()] };
      fresh.current = next.of.at(-1)?.id ?? null;
      onChange(next);
    },
    add: (to, node) => {
      fresh.current = isGroup(node) ? (node.of[0]?.id ?? node.id) : node.id;
      onChange(add(tree, to, node));
    },
  };
  return (
    <div ref={box}>
      <GroupBox group={tree} depth={1} edit={edit} />
      {!room && (
        <p className="mt-2 text-sm text-ink-faint">A segment has at most {maxConditions} conditions.</p>
      )}
    </div>
  );
}

interface Edit {
  fields: Map<string, SegmentField>;
  room: boolean;
  set: (node: Node) => void;
  remove: (id: number) => void;
  add: (to: number, node: Node) => void;
}

const lines = ['border-accent', 'border-line-field', 'border-line-strong'];

function GroupBox({ group, depth, edit }: { group: Group; depth: number; edit: Edit }) {
  const isRoot = depth === 1;
  return (
    <fieldset
      className={`min-w-0 rounded-md border border-line ${isRoot ? 'bg-surface' : depth === 2 ? 'bg-sunken' : 'bg-surface'}`}
    >
      <legend className="sr-only">{isRoot ? 'Conditions' : 'A group of conditions'}</legend>
      <div className={`rounded-md border-l-2 p-3 md:p-4 ${lines[depth - 1]}`}>
        <div className="mb-2 flex items-center gap-2 text-sm text-ink-soft">
          <span>{isRoot ? 'People who meet' : 'those who meet'}</span>
          <select
            aria-label="How the conditions go together"
            value={group.join}
            onChange={(e) => edit.set({ ...group, join: e.target.value as Group['join'] })}
            className={`h-8 w-auto! px-2 font-medium ${fieldBox} text-sm!`}
          >
            <option value="all">all of these</option>
            <option value="any">any of these</option>
          </select>
          {!isRoot && (
            <IconButton label="Remove this group" className="ml-auto" onPress={() => edit.remove(group.id)}>
              <X size={15} />
            </IconButton>
          )}
        </div>
        <ul className="space-y-1.5">
          {group.of.map((node, i) => (
            <Fragment key={node.id}>
              {i > 0 && (
                <li aria-hidden="true" className="pl-1 text-xs font-medium text-ink-faint">
                  {group.join === 'all' ? 'and' : 'or'}
                </li>
              )}
              <li data-node={node.id}>
                {isGroup(node) ? (
                  <GroupBox group={node} depth={depth + 1} edit={edit} />
                ) : (
                  <ConditionRow condition={node} edit={edit} />
                )}
              </li>
            </Fragment>
          ))}
        </ul>
        <div className="mt-3 flex flex-wrap gap-1.5">
          <Button
            size="sm"
            icon={<Plus size={14} aria-hidden="true" />}
            isDisabled={!edit.room}
            onPress={() => edit.add(group.id, emptyCondition())}
          >
            Condition
          </Button>
          {depth < maxDepth && (
            <Button
              size="sm"
              look="quiet"
              icon={<FolderPlus size={14} aria-hidden="true" />}
              isDisabled={!edit.room}
              onPress={() => edit.add(group.id, emptyGroup())}
            >
              Group
            </Button>
          )}
        </div>
      </div>
    </fieldset>
  );
}

function ConditionRow({ condition: c, edit }: { condition: Condition; edit: Edit }) {
  const field = edit.fields.get(c.field);
  const isLost = c.field !== '' && !field;
  const choose = (key: string) => {
    const next = edit.fields.get(key);
    const keep = next?.kind === field?.kind && next?.ops.includes(c.op);
    edit.set(
      keep
        ? { ...c, field: key, value: next?.kind === 'choice' ? '' : c.value }
        : { ...c, field: key, op: next?.ops[0] ?? '', value: '', days: '' },
    );
  };
  return (
    <div className="flex flex-wrap items-start gap-1.5">
      <select
        aria-label="What the condition is about"
        aria-invalid={isLost || undefined}
        value={c.field}
        onChange={(e) => choose(e.target.value)}
        className={`h-9 min-w-0 flex-1 basis-44 px-2 md:max-w-60 ${fieldBox} text-sm!`}
      >
        <option value="" disabled>
          Choose…
        </option>
        {isLost && <option value={c.field}>{c.field} (gone)</option>}
        <FieldOptions fields={edit.fields} />
      </select>
      {field && (
        <select
          aria-label="How it is compared"
          value={c.op}
          onChange={(e) =>
            edit.set({ ...c, op: e.target.value, value: sameInput(c.op, e.target.value) ? c.value : '' })
          }
          className={`h-9 w-auto! px-2 ${fieldBox} text-sm!`}
        >
          {field.ops.map((op) => (
            <option key={op} value={op}>
              {opName(op, field)}
            </option>
          ))}
        </select>
      )}
      <ValueInput condition={c} field={field} onChange={edit.set} />
      <span className="ml-auto flex items-center">
        {field?.sealed && (
          <span
            className="p-2 text-ink-faint"
            title="Sealed: found by the whole value or its beginning, without being opened."
          >
            <LockKeyhole size={13} aria-label="Sealed" />
          </span>
        )}
        <IconButton
          label={`Remove the condition${field ? ` on ${field.label}` : ''}`}
          onPress={() => edit.remove(c.id)}
        >
          <X size={15} />
        </IconButton>
      </span>
    </div>
  );
}

const dayOps = new Set(['in_last_days', 'not_in_last_days']);
const sameInput = (a: string, b: string) => dayOps.has(a) === dayOps.has(b);

function FieldOptions({ fields }: { fields: Map<string, SegmentField> }) {
  const groups = new Map<string, SegmentField[]>();
  for (const f of fields.values()) groups.set(f.group, [...(groups.get(f.group) ?? []), f]);
  return [...groups].map(([group, of]) => (
    <optgroup key={group} label={groupName(group)}>
      {of.map((f) => (
        <option key={f.key} value={f.key}>
          {f.label}
        </option>
      ))}
    </optgroup>
  ));
}
