package live

import (
	"encoding/json"
	"time"

	"github.com/botimum/botimum/internal/actor"
)

const (
	typingEvery   = time.Second // once for each author and conversation
	typingAuthors = 1024        // who may be typing in a workspace at the same time
)

// Typing says that the author is writing in a conversation with a contact, to the
// operators and, if the author is not the contact, to the contact. More than once a
// second is dropped. A client shows it for a few seconds. Whoever may see the
// conversation was checked by the caller.
func (h *Hub) Typing(workspaceID, conversationID, contactID string, author actor.Ref) {
	n := typingNote{workspaceID, conversationID, contactID, author.Type, author.ID}
	if r := h.roomOf(workspaceID); r == nil || r.mayType(n, h.clock.Now()) {
		h.node.typed(n)
		if r != nil {
			r.tellTyping(n, author)
		}
	}
}

// typed takes a note from another node. Names do not travel between nodes.
func (h *Hub) typed(n typingNote) {
	r := h.roomOf(n.WorkspaceID)
	if r == nil || !r.mayType(n, h.clock.Now()) {
		return
	}
	author := actor.Ref{Type: n.AuthorType, ID: n.AuthorID}
	if author.Type == actor.Operator && h.names != nil {
		if names, err := h.names(h.ctx, n.WorkspaceID, []string{author.ID}); err == nil {
			author.Name = names[author.ID]
		}
	}
	r.tellTyping(n, author)
}

// mayType limits the rate.
func (r *room) mayType(n typingNote, now time.Time) bool {
	who := n.ConversationID + " " + n.AuthorID
	r.mu.Lock()
	defer r.mu.Unlock()
	last, known := r.typing[who]
	if known && now.Sub(last) < typingEvery || !known && len(r.typing) >= typingAuthors {
		return false
	}
	r.typing[who] = now
	return true
}

// tellTyping tells this node's streams.
func (r *room) tellTyping(n typingNote, author actor.Ref) {
	contactID := n.ContactID
	if author.Type == actor.Contact {
		contactID, author.Name = "", "" // they know; operators have the name with the conversation
	}
	data, err := json.Marshal(struct {
		ConversationID string    `json:"conversation_id"`
		Author         actor.Ref `json:"author"`
	}{n.ConversationID, author})
	if err == nil {
		r.tell(appendFrame(nil, "typing", data), contactID)
	}
}
