package inbox

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// kindMessage is what messages are called in the search index.
const kindMessage = "message"

// Hit is a message that holds the words that were looked for.
type Hit struct {
	Kind           string    `json:"kind" enum:"message"`
	ConversationID string    `json:"conversation_id"`
	ContactID      string    `json:"contact_id"`
	MessageID      string    `json:"message_id"`
	Title          string    `json:"title" doc:"The contact's name or address."`
	Snippet        string    `json:"snippet" doc:"The words around the first that was found."`
	CreatedAt      time.Time `json:"created_at"`

	doc int64
}

// Find looks for messages that hold all the words, newest first: those before a
// place (0: the newest), at most limit. Those of restricted people are not found.
func (s *Service) Find(ctx context.Context, q string, before int64, limit int) ([]Hit, error) {
	a := actor.From(ctx)
	ix, err := s.Vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return nil, fault.Wrap("inbox.Find", err)
	}
	tokens := ix.QueryWords(q)
	if len(tokens) == 0 {
		return nil, fault.Invalid("q", "needs at least one word")
	}
	out, words := []Hit{}, strings.Fields(q)
	for len(out) < limit { // what nobody may see does not end the list
		want := limit - len(out)
		hits, found, err := s.findSome(ctx, a.WorkspaceID, tokens, words, before, want)
		if err != nil {
			return nil, fault.Wrap("inbox.Find", err)
		}
		out = append(out, hits...)
		if len(found) < want {
			break
		}
		before = found[len(found)-1].Doc
	}
	seen := make([]string, len(out))
	for i, h := range out {
		seen[i] = h.ContactID
	}
	s.Audit.Access(ctx, seen, "search")
	return out, nil
}

// findSome gives what the index has, and those of it that may be shown.
func (s *Service) findSome(ctx context.Context, workspaceID string, tokens [][]byte, words []string, before int64, limit int) (hits []Hit, found []search.Hit, err error) {
	var messages map[string]sealedMessage
	heads := map[string]row{}
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		if found, err = s.Search.Query(tx, workspaceID, tokens, []string{kindMessage}, before, limit); err != nil {
			return err
		}
		refs := make([]ref, len(found))
		for i, h := range found {
			refs[i] = ref{h.ParentID, h.ID}
		}
		if messages, err = loadMessages(tx, workspaceID, refs); err != nil {
			return err
		}
		return loadHeads(tx, workspaceID, refs, heads)
	})
	if err != nil {
		return nil, nil, err
	}
	hits, err = s.openHits(ctx, workspaceID, found, messages, heads, words)
	return hits, found, err
}

// loadHeads gives the conversations of the refs.
func loadHeads(tx *storage.Tx, workspaceID string, refs []ref, into map[string]row) error {
	for _, r := range refs { // at most a page, and each by primary key
		if _, have := into[r.conversationID]; have {
			continue
		}
		head, err := loadConversation(tx, workspaceID, r.conversationID)
		if fault.Is(err, fault.KindNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		into[r.conversationID] = head
	}
	return nil
}

func (s *Service) openHits(ctx context.Context, workspaceID string, found []search.Hit, messages map[string]sealedMessage, heads map[string]row, words []string) ([]Hit, error) {
	out := make([]Hit, 0, len(found))
	var survivors []string
	for _, head := range heads {
		if head.contact.Survivor != "" {
			survivors = append(survivors, head.contact.Survivor)
		}
	}
	persons, err := s.Contacts.Persons(ctx, workspaceID, survivors)
	if err != nil {
		return nil, err
	}
	for _, h := range found {
		m, isThere := messages[h.ID]
		head, hasHead := heads[h.ParentID]
		if !isThere || !hasHead || head.contact.Restricted != 0 {
			continue
		}
		key, err := s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID, ID: m.contactID})
		if fault.Is(err, fault.KindGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		opened, err := m.open(key)
		if err != nil {
			return nil, err
		}
		c, err := head.open(key)
		if err != nil {
			return nil, err
		}
		if person, known := persons[head.contact.Survivor]; known {
			c.Contact = person
		}
		title := c.Contact.Name
		if title == "" {
			title = c.Contact.Email
		}
		out = append(out, Hit{Kind: kindMessage, ConversationID: h.ParentID, ContactID: m.contactID, MessageID: h.ID, Title: title,
			Snippet: snippet(opened.Body, words), CreatedAt: m.m.CreatedAt, doc: h.Doc})
	}
	return out, nil
}

// snippet gives some 160 characters around the first of the words.
func snippet(body string, words []string) string {
	const before, size = 40, 160
	line := strings.Join(strings.Fields(body), " ")
	at := -1
	lower := strings.ToLower(line)
	for _, w := range words {
		if i := strings.Index(lower, strings.ToLower(w)); i >= 0 && i < len(line) && (at < 0 || i < at) {
			at = i
		}
	}
	start := max(at-before, 0)
	for start > 0 && !utf8.RuneStart(line[start]) {
		start--
	}
	out, n := line[start:], 0
	for i := range out {
		if n == size {
			out = out[:i] + "…"
			break
		}
		n++
	}
	if start > 0 {
		out = "…" + out
	}
	return out
}
