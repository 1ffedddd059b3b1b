import {
  AlarmClock,
  CalendarClock,
  Check,
  CircleUserRound,
  Ellipsis,
  Flag,
  Hourglass,
  RotateCcw,
  UserRound,
} from 'lucide-react';
import { useState } from 'react';
import type { ConversationPatch } from '../api/endpoints';
import type { Conversation, Priority } from '../api/types';
import { useCommand } from '../app/commands';
import { may } from '../app/permissions';
import { useCan, useSession } from '../app/session';
import { clock, snoozeChoices, untilTime } from '../lib/time';
import { Avatar } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { Menu, type MenuGroup } from '../ui/menu';
import { toast } from '../ui/toast';
import { useOperators, usePatchConversation } from './data';

export const priorities: { id: Priority; label: string }[] = [
  { id: 'urgent', label: 'Urgent' },
  { id: 'high', label: 'High' },
  { id: 'medium', label: 'Medium' },
  { id: 'low', label: 'Low' },
  { id: 'none', label: 'None' },
];

/** What can be done with a conversation as a whole: by button, by menu, by key. */
export function ThreadActions({ c }: { c: Conversation }) {
  const isAllowed = useCan(may.writeInbox);
  const { operator: me } = useSession();
  const { mutate } = usePatchConversation();
  const [isPicking, setPicking] = useState(false);
  const change = (patch: ConversationPatch, said: string) => {
    const { state, assignee_id, priority, snoozed_until } = c;
    const undo = () => mutate({ conversation: c, patch: { state, assignee_id, priority, snoozed_until } });
    mutate({ conversation: c, patch });
    toast(said, { action: { label: 'Undo', run: undo } });
  };
  const isResolved = c.state === 'resolved';
  const resolve = () =>
    isResolved
      ? change({ state: 'open' }, 'Reopened.')
      : change({ state: 'resolved', snoozed_until: null }, 'Resolved.');
  const snooze = (at: Date) =>
    change(
      { state: 'snoozed', snoozed_until: at.toISOString() },
      `Snoozed until ${untilTime(at.toISOString())}.`,
    );
  const assign = (id: string | null, name: string) =>
    change({ assignee_id: id }, id ? `Assigned to ${name}.` : 'Nobody is assigned now.');

  useCommand('resolve', resolve, isAllowed);
  useCommand('assign-me', () => c.assignee_id !== me.id && assign(me.id, 'you'), isAllowed);
  useCommand('snooze', () => snooze(snoozeChoices()[1]?.at ?? new Date()), isAllowed);
  if (!isAllowed) return null;

  const more: MenuGroup[] = [
    { id: 'snooze', title: 'Snooze until', items: snoozeItems(snooze, () => setPicking(true)) },
    {
      id: 'state',
      items: [
        {
          id: 'pending',
          label: c.state === 'pending' ? 'Set to open' : 'Wait for the visitor',
          icon: <Hourglass size={15} />,
          onAction: () => change({ state: c.state === 'pending' ? 'open' : 'pending' }, 'Changed.'),
        },
      ],
    },
    {
      id: 'priority',
      title: 'Priority',
      items: priorities.map((p) => ({
        id: p.id,
        label: p.label,
        icon:
          p.id === 'none' ? (
            <span />
          ) : (
            <Flag size={14} className={p.id === 'urgent' || p.id === 'high' ? 'text-time-text' : ''} />
          ),
        isChosen: p.id === c.priority,
        onAction: () => change({ priority: p.id }, `Priority: ${p.label.toLowerCase()}.`),
      })),
    },
  ];
  return (
    <div className="flex items-center gap-1">
      <Assign c={c} onAssign={assign} />
      <Menu
        label="Snooze, state, priority"
        placement="bottom end"
        groups={more}
        trigger={
          <IconButton label="Snooze, priority and more">
            <Ellipsis size={18} />
          </IconButton>
        }
      />
      <Button onPress={resolve} icon={isResolved ? <RotateCcw size={14} /> : <Check size={15} />}>
        <span className="max-md:sr-only">{isResolved ? 'Reopen' : 'Resolve'}</span>
      </Button>
      {isPicking && <SnoozeDialog onClose={() => setPicking(false)} onPick={snooze} />}
    </div>
  );
}

function snoozeItems(snooze: (at: Date) => void, onPick: () => void) {
  const choices = snoozeChoices().map((s) => ({
    id: s.id,
    label: s.label,
    icon: <AlarmClock size={15} />,
    hint: clock(s.at.toISOString()),
    onAction: () => snooze(s.at),
  }));
  return [
    ...choices,
    { id: 'pick', label: 'Choose a time…', icon: <CalendarClock size={15} />, onAction: onPick },
  ];
}

function Assign({ c, onAssign }: { c: Conversation; onAssign: (id: string | null, name: string) => void }) {
  const { operator: me } = useSession();
  const operators = useOperators();
  const assignee = operators.find((o) => o.id === c.assignee_id);
  const isMine = c.assignee_id === me.id;
  const label = isMine ? 'You' : (assignee?.name ?? (c.assignee_id ? 'Assigned' : 'Assign'));
  const others = operators.filter((o) => o.id !== me.id && o.role !== 'viewer');
  const groups: MenuGroup[] = [
    {
      id: 'me',
      items: [
        {
          id: 'me',
          label: 'Me',
          icon: <CircleUserRound size={15} />,
          shortcut: 'A',
          isChosen: isMine,
          onAction: () => onAssign(me.id, 'you'),
        },
        {
          id: 'none',
          label: 'Nobody',
          icon: <UserRound size={15} />,
          isChosen: !c.assignee_id,
          onAction: () => onAssign(null, ''),
        },
      ],
    },
    {
      id: 'others',
      title: 'Colleagues',
      items: others.map((o) => ({
        id: o.id,
        label: o.name,
        icon: <Avatar name={o.name} size="sm" kind="operator" />,
        isChosen: o.id === c.assignee_id,
        onAction: () => onAssign(o.id, o.name),
      })),
    },
  ];
  return (
    <Menu
      label="Assign to"
      placement="bottom end"
      groups={groups}
      trigger={
        <Button look="quiet" icon={<UserRound size={15} />} aria-label={`Assigned: ${label}. Change`}>
          <span className={`max-w-28 truncate max-md:hidden ${isMine ? 'text-accent-text' : ''}`}>
            {label}
          </span>
        </Button>
      }
    />
  );
}

function SnoozeDialog({ onClose, onPick }: { onClose: () => void; onPick: (at: Date) => void }) {
  const [value, setValue] = useState('');
  const at = new Date(value);
  const isPast = value !== '' && at.getTime() <= Date.now();
  return (
    <Dialog
      title="Snooze until"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="primary"
            isDisabled={value === '' || isPast}
            onPress={() => {
              onPick(at);
              onClose();
            }}
          >
            Snooze
          </Button>
        </>
      }
    >
      <TextField
        label="Date and time"
        type="datetime-local"
        autoFocus
        value={value}
        onChange={(e) => setValue(e.target.value)}
        problem={isPast ? 'That time has passed. Choose a later one.' : undefined}
        hint="It comes back to the inbox by itself, or earlier when the person writes."
      />
    </Dialog>
  );
}
