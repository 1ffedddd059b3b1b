package inboxtest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/storage"
)

// World is the inbox's service with all that it stands on.
type World struct {
	*contactstest.World
	Inbox  *inbox.Service
	Search *search.Store
}

// New gives a world on the database. There is no hub: nobody listens.
func New(t *testing.T, db *storage.DB) *World {
	t.Helper()
	w := &World{World: contactstest.New(t, db)}
	w.Search = search.New(search.Deps{DB: db, Clock: w.Clock, Logger: slog.New(slog.DiscardHandler)})
	w.Inbox = inbox.New(inbox.Deps{DB: db, Vault: w.Vault, Audit: w.Audit, Outbox: w.Outbox, Search: w.Search, Contacts: w.Contacts,
		Clock: w.Clock, IDs: w.IDs, MayHandle: w.Privacy.MayHandle, Names: w.OperatorNames, IsOperator: w.IsMember})
	if err := w.Privacy.Hold(w.Contacts, w.Inbox); err != nil {
		t.Fatal(err)
	}
	return w
}

// Started starts a conversation that the contact began.
func (w *World) Started(t testing.TB, contactID, body string) inbox.Conversation {
	t.Helper()
	c, _, _, err := w.Inbox.Start(w.As(t, contactID), inbox.Opening{ContactID: contactID, Channel: "chat", NewMessage: inbox.NewMessage{Body: body}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Post writes a message as whoever the context says.
func (w *World) Post(t testing.TB, ctx context.Context, conversationID, body string) inbox.Message { //nolint:revive // t first reads better in tests
	t.Helper()
	m, _, err := w.Inbox.Post(ctx, conversationID, inbox.NewMessage{Body: body})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
