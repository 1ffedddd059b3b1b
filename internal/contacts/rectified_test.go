package contacts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// What was rectified keeps its history: the fields always, what they said before
// for a while; and others hear which fields to correct.
func TestRectificationKeepsItsHistory(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		c := w.Add(t, "Ada Lovelace", "ada@example.org")
		update := func(change contacts.Change) {
			t.Helper()
			change.Basis = contactstest.Basis()
			if _, err := w.Contacts.Update(ctx, c.ID, change, nil); err != nil {
				t.Fatal(err)
			}
		}
		update(contacts.Change{Email: ptr("ada@lovelace.example"), Phone: ptr("+44 20 7946 0000"), Attributes: map[string]any{"plan": "gold"}})
		update(contacts.Change{Name: ptr("Ada Lovelace")}) // says nothing new
		asHerself := w.As(t, c.ID)
		if _, err := w.Contacts.Update(asHerself, c.ID, contacts.Change{Attributes: map[string]any{"plan": nil}, Basis: contactstest.Basis()}, nil); err != nil {
			t.Fatal(err)
		}
		got, err := w.Contacts.Changes(ctx, c.ID, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		want := []contacts.Rectification{
			{Fields: []string{"attributes"}, Former: map[string]any{"attributes.plan": "gold"}, Source: "widget", Actor: actor.Ref{Type: actor.Contact, ID: c.ID}},
			{Fields: []string{"attributes", "email", "phone"}, Former: map[string]any{"attributes.plan": nil, "email": "ada@example.org", "phone": nil},
				Source: "dashboard", Actor: actor.Ref{Type: actor.Operator, ID: w.Workspace.OwnerID}},
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(contacts.Rectification{}, "ID", "CreatedAt")); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		if second, err := w.Contacts.Changes(ctx, c.ID, got[0].ID, 10); err != nil || len(second) != 1 || second[0].ID != got[1].ID {
			t.Errorf("the page after the first: %+v, %v", second, err)
		}
		events := []live.Event{{Type: live.ContactUpdated, WorkspaceID: w.Workspace.ID, ContactID: c.ID, Details: details(t, w)}}
		frames, _, err := w.Contacts.Render(ctx, events)
		if err != nil || !strings.Contains(string(frames[0]), `"fields":["attributes","email","phone"]`) {
			t.Errorf("others hear %s, %v", frames, err)
		}
		exported := map[string]int{}
		err = w.Privacy.Export(ctx, privacy.Subject{WorkspaceID: w.Workspace.ID, ContactID: c.ID}, func(section string, _ any) error { exported[section]++; return nil })
		if err != nil || exported["changes"] != 2 {
			t.Errorf("exported %v, %v", exported, err)
		}
		w.Clock.Advance(91 * 24 * time.Hour)
		rule := privacy.Rule{WorkspaceID: w.Workspace.ID, Category: privacy.AgesChanges, Before: w.Clock.Now().Add(-contacts.KeepFormer), Limit: 1}
		forgotten := int64(0)
		for n := int64(1); n > 0; forgotten += n {
			err := w.DB.Write(ctx, func(tx *storage.Tx) (err error) { n, err = w.Contacts.Retain(ctx, tx, rule); return err })
			if err != nil {
				t.Fatal(err)
			}
		}
		got, err = w.Contacts.Changes(ctx, c.ID, "", 10)
		if err != nil || forgotten != 2 || len(got) != 2 || got[0].Former != nil || got[1].Former != nil || len(got[1].Fields) != 3 {
			t.Errorf("after 90 days %d were forgotten: %+v, %v", forgotten, got, err)
		}
	})
}

// details gives the details of the first event that names fields.
func details(t *testing.T, w *contactstest.World) map[string]string {
	t.Helper()
	var text string
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT details FROM events WHERE workspace_id = $1 AND details IS NOT NULL ORDER BY sequence LIMIT 1`, w.Workspace.ID).Scan(&text)
	})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"fields": strings.Split(text, `"`)[3]}
}

// Search leaves out who is restricted, and does not let them or the bin hide others.
func TestSearchLeavesOutRestrictedPeople(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		first := w.Add(t, "Ada First", "first@example.org")
		binned, restricted := w.Add(t, "Ada Binned", "binned@example.org"), w.Add(t, "Ada Restricted", "restricted@example.org")
		external := "crm-7"
		if _, err := w.Contacts.Update(ctx, restricted.ID, contacts.Change{ExternalID: &external, Basis: contactstest.Basis()}, nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Contacts.Bin(ctx, binned.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Privacy.Restrict(ctx, restricted.ID, true, "accuracy is contested"); err != nil {
			t.Fatal(err)
		}
		for name, q := range map[string]struct {
			query contacts.Query
			want  []string
		}{
			"a name, one at a time": {contacts.Query{Q: "ada"}, []string{first.ID}},
			"an address":            {contacts.Query{Email: "restricted@example.org"}, []string{}},
			"an external id":        {contacts.Query{ExternalID: external}, []string{}},
		} {
			found, err := w.Contacts.Search(ctx, q.query, "", 1)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, c := range found {
				got = append(got, c.ID)
			}
			if diff := cmp.Diff(q.want, got); diff != "" {
				t.Errorf("by %s (-want +got):\n%s", name, diff)
			}
		}
		found, err := w.Contacts.Restricted(ctx, "", 10)
		if err != nil || len(found) != 1 || found[0].ID != restricted.ID || found[0].RestrictedAt == nil {
			t.Errorf("the list of restricted people: %+v, %v", found, err)
		}
	})
}

// The person's own acts go on while they are restricted.
func TestARestrictedPersonMayChangeThemselves(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		c := w.Add(t, "Ada Lovelace", "ada@example.org")
		if err := w.Privacy.Restrict(w.Ctx(t), c.ID, true, "accuracy is contested"); err != nil {
			t.Fatal(err)
		}
		got, err := w.Contacts.Update(w.As(t, c.ID), c.ID, contactstest.Change("Augusta Ada King", "ada@king.example"), nil)
		if err != nil || got.Name != "Augusta Ada King" || got.RestrictedAt == nil {
			t.Errorf("%+v, %v", got, err)
		}
		if err := w.Contacts.Rectify(w.Ctx(t), c.ID, contactstest.Change("Ada King", "")); err != nil {
			t.Errorf("an operator carries out their request: %v", err)
		}
	})
}
