package inbox

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/sensitive"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB       *storage.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Outbox   *live.Outbox
	Hub      *live.Hub
	Search   *search.Store
	Contacts *contacts.Service
	Clock    clock.Clock
	IDs      id.Source
	// MayHandle tells whether the customer's people may handle somebody's data: nil,
	// or why not. A nil MayHandle lets them.
	MayHandle func(tx *storage.Tx, sub privacy.Subject) error
	// Names gives operators' names by id; those it does not know are absent.
	Names func(ctx context.Context, workspaceID string, operatorIDs []string) (map[string]string, error)
	// IsOperator tells whether somebody may be assigned work in the workspace.
	IsOperator func(ctx context.Context, workspaceID, operatorID string) (bool, error)
	// HasCompany gives nil for a company of the workspace, or not found.
	HasCompany func(tx *storage.Tx, workspaceID, companyID string) error
	// Policy says what the workspace does with sensitive text. Nil: the default.
	Policy func(ctx context.Context, workspaceID string) (sensitive.Policy, error)
	// IsHeld tells whether a legal hold keeps a person's data. Nil: there are none.
	IsHeld func(tx *storage.Tx, sub privacy.Subject) (bool, error)
	// Logger is told what an administrator should know. Nil: slog.Default.
	Logger *slog.Logger
}

// Service holds conversations.
type Service struct {
	Deps
	owners owners
	dirty  atomic.Bool // something was redacted, and the log may hold it still
}

// New gives the service.
func New(d Deps) *Service {
	if d.Policy == nil {
		d.Policy = func(context.Context, string) (sensitive.Policy, error) { return sensitive.DefaultPolicy(), nil }
	}
	if d.IsHeld == nil {
		d.IsHeld = func(*storage.Tx, privacy.Subject) (bool, error) { return false, nil }
	}
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	return &Service{Deps: d}
}

// List gives conversations by activity, newest first: those after a place in the
// order (nil: from the top), at most limit.
func (s *Service) List(ctx context.Context, f Filter, after *At, limit int) ([]Conversation, error) {
	a := actor.From(ctx)
	out, err := s.walk(ctx, after, limit, func(tx *storage.Tx, at At, limit int) (rows []row, err error) {
		if f.contacts, err = whoseTo(tx, a, f.ContactID); err != nil {
			return nil, err
		}
		return listRows(tx, a.WorkspaceID, f, at, limit)
	})
	return out, fault.Wrap("inbox.List", err)
}

// walk gives the conversations that some finds after a place in the order, as the
// actor may see them. What nobody can read any more does not end it.
func (s *Service) walk(ctx context.Context, after *At, limit int, some func(tx *storage.Tx, at At, limit int) ([]row, error)) ([]Conversation, error) {
	a := actor.From(ctx)
	if after == nil {
		after = &top
	}
	out := []Conversation{}
	for len(out) < limit {
		var rows []row
		want := limit - len(out)
		err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
			rows, err = some(tx, *after, want)
			return err
		})
		if err != nil {
			return nil, err
		}
		opened, err := s.openConversations(ctx, a.WorkspaceID, rows)
		if err != nil {
			return nil, err
		}
		out = append(out, opened...)
		if len(rows) < want {
			break
		}
		last := rows[len(rows)-1].c
		after = &At{Activity: clock.Micros(last.ActivityAt), ID: last.ID}
	}
	s.accessed(ctx, out, "conversations")
	return veiled(a, out...), nil
}

// accessed logs that the actor saw these conversations. People may look at their own.
func (s *Service) accessed(ctx context.Context, seen []Conversation, through string) {
	if actor.From(ctx).Type == actor.Contact {
		return
	}
	ids := make([]string, len(seen))
	for i, c := range seen {
		ids[i] = c.ContactID
	}
	s.Audit.Access(ctx, ids, through)
}

// openConversations opens the rows; those of people whose key is gone are left out.
func (s *Service) openConversations(ctx context.Context, workspaceID string, rows []row) ([]Conversation, error) {
	subjects := make([]vault.Subject, len(rows))
	for i, r := range rows {
		subjects[i] = vault.Subject{Workspace: workspaceID, ID: r.c.ContactID}
	}
	keys, err := s.Vault.Keys(ctx, subjects)
	if err != nil {
		return nil, err
	}
	out := make([]Conversation, 0, len(rows))
	for i, r := range rows {
		key, ok := keys[subjects[i]]
		if !ok {
			continue
		}
		c, err := r.open(key)
		if fault.Is(err, fault.KindGone) {
			continue // erased this moment
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, s.asPersons(ctx, workspaceID, rows, out)
}

// Get gives one conversation. A contact gets only their own.
func (s *Service) Get(ctx context.Context, conversationID string) (Conversation, error) {
	c, err := s.get(ctx, conversationID)
	if err != nil {
		return Conversation{}, fault.Wrap("inbox.Get", err)
	}
	s.accessed(ctx, []Conversation{c}, "conversation")
	return veiled(actor.From(ctx), c)[0], nil
}

func (s *Service) get(ctx context.Context, conversationID string) (Conversation, error) {
	a := actor.From(ctx)
	var r row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = s.loadFor(tx, a, conversationID)
		return err
	})
	if err != nil {
		return Conversation{}, err
	}
	out, err := s.openConversations(ctx, a.WorkspaceID, []row{r})
	if err == nil && len(out) == 0 {
		err = fault.NotFound("conversation")
	}
	if err != nil {
		return Conversation{}, err
	}
	return out[0], nil
}

// loadFor loads a conversation that the actor may see.
func (s *Service) loadFor(tx *storage.Tx, a actor.Actor, conversationID string) (row, error) {
	r, err := loadConversation(tx, a.WorkspaceID, conversationID)
	if err != nil {
		return r, err
	}
	isTheirs, err := isTheirs(tx, a, r.c.ContactID)
	if err == nil && !isTheirs {
		return row{}, fault.NotFound("conversation")
	}
	return r, err
}

// Thread gives a conversation's messages, newest first: those before a message
// ("" for the newest), at most limit. A contact gets only their own conversation,
// without notes.
func (s *Service) Thread(ctx context.Context, conversationID, before string, limit int) ([]Message, error) {
	a := actor.From(ctx)
	if before == "" {
		before = "msg_~"
	}
	query := selectThread
	if a.Type == actor.Contact {
		query = selectThreadForContact
	}
	var head row
	var sealed []sealedMessage
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if head, err = s.loadFor(tx, a, conversationID); err != nil {
			return err
		}
		sealed, err = scanMessages(tx.Query(query, a.WorkspaceID, conversationID, before, limit))
		return err
	})
	if err != nil {
		return nil, fault.Wrap("inbox.Thread", err)
	}
	out, err := s.openThread(ctx, a.WorkspaceID, head, sealed)
	if err != nil {
		return nil, fault.Wrap("inbox.Thread", err)
	}
	s.accessed(ctx, []Conversation{head.c}, "conversation.messages")
	if head.contact.Restricted != 0 && privacy.WorksForCustomer(a) {
		for i := range out {
			out[i] = out[i].veiled()
		}
	}
	return out, nil
}

func (s *Service) openThread(ctx context.Context, workspaceID string, head row, sealed []sealedMessage) ([]Message, error) {
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID, ID: head.c.ContactID})
	if fault.Is(err, fault.KindGone) {
		return nil, fault.NotFound("conversation")
	}
	if err != nil {
		return nil, err
	}
	out := make([]Message, len(sealed))
	for i, r := range sealed {
		if out[i], err = r.open(key); err != nil {
			return nil, err
		}
	}
	contact, err := head.contact.Open(key, head.c.ContactID)
	if err != nil {
		return nil, err
	}
	names := map[string]string{contact.ID: contact.Name}
	if survivor := head.contact.Survivor; survivor != "" { // the person may have written as either
		persons, err := s.Contacts.Persons(ctx, workspaceID, []string{survivor})
		if err != nil {
			return nil, err
		}
		names[contact.ID], names[survivor] = persons[survivor].Name, persons[survivor].Name
	}
	return out, s.nameAuthors(ctx, workspaceID, names, out)
}

// nameAuthors fills in the names of authors: operators by their account, contacts
// by the names given.
func (s *Service) nameAuthors(ctx context.Context, workspaceID string, contactNames map[string]string, messages []Message) error {
	var operators []string
	for _, m := range messages {
		if m.Author.Type == actor.Operator {
			operators = append(operators, m.Author.ID)
		}
		if m.Redaction != nil && m.Redaction.By.Type == actor.Operator {
			operators = append(operators, m.Redaction.By.ID)
		}
	}
	var names map[string]string
	if len(operators) > 0 {
		var err error
		if names, err = s.Names(ctx, workspaceID, operators); err != nil {
			return err
		}
	}
	for i := range messages {
		author := &messages[i].Author
		switch author.Type {
		case actor.Operator:
			author.Name = names[author.ID]
		case actor.Contact:
			author.Name = contactNames[author.ID]
		}
		if r := messages[i].Redaction; r != nil {
			r.By.Name = names[r.By.ID]
		}
	}
	return nil
}
