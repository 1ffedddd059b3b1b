package contactstest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/workspace/workspacetest"
)

// World is the contacts' service with all that it stands on, and one workspace.
type World struct {
	*workspacetest.World
	Outbox    *live.Outbox
	Privacy   *privacy.Service
	Contacts  *contacts.Service
	Segments  *segment.Service
	Workspace workspacetest.Workspace

	notified func(privacy.Notice)
}

// Notified has fn called, in the transaction, with what people are told.
func (w *World) Notified(fn func(privacy.Notice)) { w.notified = fn }

func (w *World) notify(_ context.Context, n privacy.Notice) (func(*storage.Tx) error, error) {
	return func(*storage.Tx) error {
		if w.notified != nil {
			w.notified(n)
		}
		return nil
	}, nil
}

// New gives a world on the database.
func New(t *testing.T, db *storage.DB) *World {
	t.Helper()
	w := &World{World: workspacetest.New(t, db)}
	w.Outbox = live.NewOutbox(w.Clock, w.IDs)
	w.Privacy = privacy.New(privacy.Deps{DB: db, Vault: w.Vault, Audit: w.Audit, Outbox: w.Outbox, Clock: w.Clock, IDs: w.IDs,
		Logger: slog.New(slog.DiscardHandler), People: contacts.People(), Notify: w.notify, ReceiptSeed: make([]byte, 32)})
	w.Segments = segment.New(segment.Deps{DB: db, Vault: w.Vault, Audit: w.Audit, Clock: w.Clock, IDs: w.IDs})
	w.Segments.Add(contacts.AttributeSource(db, w.Vault), contacts.SegmentSource(w.Vault), segment.Consents(w.Privacy))
	w.Contacts = contacts.New(contacts.Deps{DB: db, Vault: w.Vault, Audit: w.Audit, Outbox: w.Outbox, Clock: w.Clock, IDs: w.IDs,
		Basis: w.basis, MayChange: w.Privacy.MayChange, Purpose: w.Privacy.PurposeIn, MayUse: w.Privacy.MayUseFor, Segments: w.Segments, Erase: w.Privacy.Erase, Restrict: w.Privacy.Restrict,
		Consents: w.Privacy.ConsentStates, Part: w.Privacy.Part})
	w.Segments.Add(w.Contacts.TagSource())
	if err := w.Privacy.Hold(w.Contacts); err != nil {
		t.Fatal(err)
	}
	w.Workspace = w.Make(t, "Acme")
	t.Cleanup(func() {
		if err := db.Read(context.Background(), func(tx *storage.Tx) error { return segment.Verify(tx, w.Workspace.ID) }); err != nil && !t.Failed() {
			t.Error(err)
		}
	})
	return w
}

func (w *World) basis(ctx context.Context, workspaceID string, stated *privacy.Basis) (privacy.Basis, error) {
	ws, err := w.Get(ctx, workspaceID)
	if err != nil {
		return privacy.Basis{}, err
	}
	return privacy.ResolveBasis(stated, ws.Settings.DefaultPurpose, privacy.DefaultPurposes())
}

// Ctx gives a context in which the workspace's owner acts.
func (w *World) Ctx(t testing.TB) context.Context { return w.Workspace.AsOwner(t.Context()) }

// As gives a context in which a contact of the workspace acts.
func (w *World) As(t testing.TB, contactID string) context.Context {
	return actor.With(t.Context(), actor.Actor{Type: actor.Contact, ID: contactID, WorkspaceID: w.Workspace.ID})
}

// Basis is a lawful basis that any change may state.
func Basis() *privacy.Basis {
	return &privacy.Basis{Purpose: privacy.PurposeSupport, LawfulBasis: "contract", Evidence: "order form v2"}
}

// Change is a change of name and address.
func Change(name, email string) contacts.Change {
	return contacts.Change{Name: &name, Email: &email, Basis: Basis()}
}

// Add adds a contact.
func (w *World) Add(t testing.TB, name, email string) contacts.Contact {
	t.Helper()
	c, err := w.Contacts.Create(w.Ctx(t), Change(name, email))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Events gives the types of the workspace's events, in order.
func Events(t testing.TB, db *storage.DB, workspaceID string) []string {
	t.Helper()
	var out []string
	err := db.Read(t.Context(), func(tx *storage.Tx) error {
		rows, err := tx.Query(`SELECT type FROM events WHERE workspace_id = $1 ORDER BY sequence`, workspaceID)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = nil
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				return err
			}
			out = append(out, one)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Accessed gives through what reads of a contact were logged, newest first.
func (w *World) Accessed(t testing.TB, contactID string) []string {
	t.Helper()
	if err := w.Audit.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := w.Audit.AccessEvents(t.Context(), w.Workspace.ID, contactID, 1<<62, 100)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(found))
	for i, e := range found {
		out[i] = e.Through
	}
	return out
}
