package contacts_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func each(t *testing.T, fn func(t *testing.T, w *contactstest.World)) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) { fn(t, contactstest.New(t, db)) })
}

func ptr[T any](v T) *T { return &v }

func TestValidateNamesEveryWrongField(t *testing.T) {
	long := strings.Repeat("x", 201)
	tests := []struct {
		name   string
		change contacts.Change
		fields []string
	}{
		{"good", contacts.Change{Email: ptr("ada@example.org"), Phone: ptr("+49 30 1234567"), Locale: ptr("pt-BR"), Timezone: ptr("Europe/Berlin"), AvatarURL: ptr("https://example.org/a.png")}, nil},
		{"clearing", contacts.Change{Email: ptr(""), Phone: ptr("")}, nil},
		{"address with a name", contacts.Change{Email: ptr("Ada <ada@example.org>")}, []string{"email"}},
		{"address without a dot", contacts.Change{Email: ptr("ada@localhost")}, []string{"email"}},
		{"too long", contacts.Change{Name: &long}, []string{"name"}},
		{"control characters", contacts.Change{Name: ptr("a\x1b[31m")}, []string{"name"}},
		{"several at once", contacts.Change{Phone: ptr("call me"), Timezone: ptr("Mars/North"), Locale: ptr("!!")}, []string{"phone", "locale", "timezone"}},
		{"avatar over http", contacts.Change{AvatarURL: ptr("http://example.org/a.png")}, []string{"avatar_url"}},
		{"attribute name", contacts.Change{Attributes: map[string]any{"Bad Name": "x"}}, []string{"attributes"}},
		{"attribute type", contacts.Change{Attributes: map[string]any{"plan": map[string]any{"x": 1}}}, []string{"attributes.plan"}},
		{"attribute too long", contacts.Change{Attributes: map[string]any{"plan": strings.Repeat("x", 1001)}}, []string{"attributes.plan"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			if e := fault.As(tt.change.Validate()); e != nil {
				for _, f := range e.Fields {
					got = append(got, f.Field)
				}
			}
			if diff := cmp.Diff(tt.fields, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCreateGetAndLog(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		c := w.Add(t, "Ada Lovelace", "ada@example.org")
		got, err := w.Contacts.Get(w.Ctx(t), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("what is read differs from what was answered (-answered +read):\n%s", diff)
		}
		if !got.Verified || got.Provenance["email"].Source != "dashboard" {
			t.Errorf("verified %v, provenance %v", got.Verified, got.Provenance)
		}
		if diff := cmp.Diff([]string{"contact.created"}, contactstest.Events(t, w.DB, w.Workspace.ID)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"contact"}, w.Accessed(t, c.ID)); diff != "" {
			t.Errorf("logged reads (-want +got):\n%s", diff)
		}
	})
}

func TestWithoutALawfulBasisDataIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		c := contactstest.Change("Ada", "ada@example.org")
		c.Basis = nil
		_, err := w.Contacts.Create(w.Ctx(t), c)
		if e := fault.As(err); e == nil || e.Code != "basis_required" {
			t.Errorf("no basis: %v, want basis_required", err)
		}
		c.Basis = &privacy.Basis{Purpose: "spying", LawfulBasis: "consent"}
		if _, err := w.Contacts.Create(w.Ctx(t), c); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("an unknown purpose: %v, want invalid", err)
		}
		if got := contactstest.Events(t, w.DB, w.Workspace.ID); len(got) != 0 {
			t.Errorf("refused data caused %v", got)
		}
	})
}

func TestUpdateMovesTokensAndVersion(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		c := w.Add(t, "Ada Lovelace", "ada@example.org")
		stale := c.UpdatedAt
		defer func() {
			if got := w.Accessed(t, c.ID); !slices.Contains(got, "contact") {
				t.Errorf("the answer to an update shows the profile; the access log has %v", got)
			}
		}()
		got, err := w.Contacts.Update(ctx, c.ID, contacts.Change{Email: ptr("countess@example.org"), Attributes: map[string]any{"plan": "gold"}, Basis: contactstest.Basis()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.Email != "countess@example.org" || got.Name != "Ada Lovelace" || got.Attributes["plan"] != "gold" || !got.UpdatedAt.After(stale) {
			t.Errorf("updated to %+v", got)
		}
		for q, want := range map[string]int{"ada@example.org": 0, "COUNTESS@example.org ": 1, "ada": 1, "lovel": 1, "ada lov": 1, "ada byron": 0} {
			found, err := w.Contacts.Search(ctx, contacts.Query{Q: q}, "", 10)
			if err != nil || len(found) != want {
				t.Errorf("search %q: %d found, %v; want %d", q, len(found), err, want)
			}
		}
		_, err = w.Contacts.Update(ctx, c.ID, contacts.Change{Name: ptr("Eve"), Basis: contactstest.Basis()}, func(updated time.Time) error {
			if !updated.Equal(stale) {
				return fault.PreconditionFailed("changed")
			}
			return nil
		})
		if !fault.Is(err, fault.KindPreconditionFailed) {
			t.Errorf("a stale update: %v", err)
		}
		got, err = w.Contacts.Update(ctx, c.ID, contacts.Change{Attributes: map[string]any{"plan": nil}, Basis: contactstest.Basis()}, nil)
		if err != nil || len(got.Attributes) != 0 {
			t.Errorf("clearing an attribute: %v, %v", got.Attributes, err)
		}
	})
}

func TestConcurrentUpdatesLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		c := w.Add(t, "Ada", "ada@example.org")
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				change := contacts.Change{Attributes: map[string]any{fmt.Sprintf("k%d", i): true}, Basis: contactstest.Basis()}
				if _, err := w.Contacts.Update(w.Ctx(t), c.ID, change, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, err := w.Contacts.Get(w.Ctx(t), c.ID)
		if err != nil || len(got.Attributes) != 4 {
			t.Errorf("attributes %v, %v; want 4", got.Attributes, err)
		}
	})
}

func TestUpsertKeepsOneContactPerExternalID(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		var wg sync.WaitGroup
		ids := make([]string, 6)
		for i := range ids {
			wg.Go(func() {
				c, _, err := w.Contacts.Upsert(w.Ctx(t), "user-42", contactstest.Change("Ada", "ada@example.org"))
				if err != nil {
					t.Error(err)
				}
				ids[i] = c.ID
			})
		}
		wg.Wait()
		slices.Sort(ids)
		if got := slices.Compact(ids); len(got) != 1 {
			t.Errorf("one external id gave contacts %v", got)
		}
	})
}

func TestListPagesNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		var want []string
		for i := range 7 {
			want = append([]string{w.Add(t, fmt.Sprintf("P%d", i), fmt.Sprintf("p%d@example.org", i)).ID}, want...)
		}
		if err := w.Contacts.Bin(w.Ctx(t), want[3]); err != nil {
			t.Fatal(err)
		}
		binned := want[3]
		want = slices.Delete(want, 3, 4)
		var got []string
		before := ""
		for {
			page, err := w.Contacts.List(w.Ctx(t), before, 2, false)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, c := range page {
				got = append(got, c.ID)
			}
			before = got[len(got)-1]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages (-want +got):\n%s", diff)
		}
		bin, err := w.Contacts.List(w.Ctx(t), "", 10, true)
		if err != nil || len(bin) != 1 || bin[0].ID != binned {
			t.Errorf("bin %v, %v", bin, err)
		}
		if err := w.Contacts.Restore(w.Ctx(t), binned); err != nil {
			t.Fatal(err)
		}
	})
}

func TestForeignIDsAreNotFound(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		c := w.Add(t, "Ada", "ada@example.org")
		other := w.Make(t, "Other")
		ctx := other.AsOwner(t.Context())
		_, err := w.Contacts.Get(ctx, c.ID)
		checkNotFound(t, "Get", err)
		_, err = w.Contacts.Update(ctx, c.ID, contactstest.Change("Eve", "eve@example.org"), nil)
		checkNotFound(t, "Update", err)
		checkNotFound(t, "Bin", w.Contacts.Bin(ctx, c.ID))
		_, err = w.Privacy.Erase(ctx, c.ID)
		checkNotFound(t, "Erase", err)
		found, err := w.Contacts.Search(ctx, contacts.Query{Email: "ada@example.org"}, "", 10)
		if err != nil || len(found) != 0 {
			t.Errorf("another workspace finds %v, %v", found, err)
		}
	})
}

func checkNotFound(t *testing.T, what string, err error) {
	t.Helper()
	if !fault.Is(err, fault.KindNotFound) {
		t.Errorf("%s of a foreign id: %v, want not found", what, err)
	}
}

func TestVouchJoinsTheAnonymousVisitorAndWritesOnce(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		d, err := w.Contacts.Prepare(w.As(t, "con_x"), w.Workspace.ID, "", contacts.Change{}, *contactstest.Basis(), false)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Contacts.Insert(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		ctx := w.As(t, d.ID())
		change := contacts.Change{ExternalID: ptr("user-7"), Name: ptr("Ada")}
		for range 3 {
			got, err := w.Contacts.Vouch(ctx, d.ID(), change, *contactstest.Basis())
			if err != nil || got != d.ID() {
				t.Fatalf("Vouch = %q, %v; want the visitor %q", got, err, d.ID())
			}
		}
		want := []string{"contact.created", "contact.updated"}
		if diff := cmp.Diff(want, contactstest.Events(t, w.DB, w.Workspace.ID)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		elsewhere, err := w.Contacts.Vouch(w.As(t, "con_y"), w.IDs.New("con"), change, *contactstest.Basis())
		if err != nil || elsewhere != d.ID() {
			t.Errorf("the same person on another device is %q, %v", elsewhere, err)
		}
	})
}

func TestErasedPeopleStayErased(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		c := w.Add(t, "Ada", "ada@example.org")
		receipt, err := w.Privacy.Erase(ctx, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !privacy.VerifyReceipt(receipt) || !receipt.KeyDestroyed || receipt.Rows["contacts"] != 1 || receipt.Rows["contact_tokens"] == 0 {
			t.Errorf("receipt %+v", receipt)
		}
		forged := receipt
		forged.Statement += "rows.more: 1\n"
		if privacy.VerifyReceipt(forged) {
			t.Error("a changed receipt verifies")
		}
		again, err := w.Privacy.Erase(ctx, c.ID)
		if err != nil || cmp.Diff(receipt, again) != "" {
			t.Errorf("erasing twice: %v\n%s", err, cmp.Diff(receipt, again))
		}
		_, err = w.Contacts.Get(ctx, c.ID)
		checkNotFound(t, "Get", err)
		_, err = w.Contacts.Prepare(ctx, w.Workspace.ID, c.ID, contacts.Change{}, *contactstest.Basis(), false)
		if !fault.Is(err, fault.KindGone) {
			t.Errorf("an erased id came to be again: %v", err)
		}
	})
}

func TestProfilesAreSealed(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		const canary = "Zyxwvuts"
		c := w.Add(t, canary, canary+"@example.org")
		err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			var sealed []byte
			if err := tx.QueryRow(`SELECT profile_sealed FROM contacts WHERE id = $1`, c.ID).Scan(&sealed); err != nil {
				return err
			}
			if bytes.Contains(bytes.ToLower(sealed), []byte(strings.ToLower(canary))) {
				t.Error("the profile is stored in clear")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestQueriesUseIndexes(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for name, q := range contacts.Plans() {
			t.Run(name, func(t *testing.T) { storagetest.UsesIndex(t, db, q.SQL, q.Args...) })
		}
	})
}
