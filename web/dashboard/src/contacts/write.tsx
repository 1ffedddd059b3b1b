import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { Problem, problemText } from '../api/problem';
import type { Contact } from '../api/types';
import { liveCache } from '../app/runtime';
import { displayName } from '../lib/names';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextArea } from '../ui/field';

/** Starts a conversation with somebody. */
export function WriteDialog({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const [body, setBody] = useState('');
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: () => api.startConversation({ contact_id: contact.id, body: body.trim() }),
    onSuccess: (conversation) => {
      liveCache.conversation(conversation);
      onClose();
      void navigate({
        to: '/inbox/$conversationId',
        params: { conversationId: conversation.id },
        search: {},
      });
    },
  });
  const problem =
    start.error &&
    ((start.error instanceof Problem && start.error.field('body')) || problemText(start.error));
  return (
    <Dialog
      title={`Write to ${displayName(contact)}`}
      isOpen
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="primary"
            isDisabled={!body.trim()}
            busy={start.isPending}
            onPress={() => start.mutate()}
          >
            Send
          </Button>
        </>
      }
    >
      <TextArea
        label="Message"
        hint="They read it in the chat on your website."
        autoFocus
        rows={6}
        value={body}
        onChange={(e) => setBody(e.target.value)}
        problem={problem || undefined}
      />
    </Dialog>
  );
}
