package contacts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

func declare(t *testing.T, w *contactstest.World, key, kind string, personal bool) {
	t.Helper()
	_, err := w.Contacts.DeclareAttribute(w.Ctx(t), contacts.NewAttribute{Key: key, Label: key, Kind: kind, Personal: &personal, Purpose: "support"})
	if err != nil {
		t.Fatal(err)
	}
}

func indexAll(t *testing.T, w *contactstest.World) {
	t.Helper()
	for range 50 {
		more, err := w.Contacts.IndexAttributes(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return
		}
	}
	t.Fatal("indexing does not end")
}

func withAttributes(t *testing.T, w *contactstest.World, id string, attributes map[string]any) error {
	t.Helper()
	_, err := w.Contacts.Update(w.Ctx(t), id, contacts.Change{Attributes: attributes, Basis: contactstest.Basis()}, nil)
	return err
}

// indexed gives the rows of contact_attributes and how many attribute tokens there are.
func indexed(t *testing.T, w *contactstest.World) (rows []string, tokens int) {
	t.Helper()
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		rows = nil
		if err := tx.QueryRow(`SELECT COUNT(*) FROM contact_tokens WHERE kind = 'attribute'`).Scan(&tokens); err != nil {
			return err
		}
		found, err := tx.Query(`SELECT key, item, COALESCE(text_value, ''), COALESCE(number_value, -1) FROM contact_attributes ORDER BY key, contact_id, item`)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var key, text string
			var item int
			var number float64
			if err := found.Scan(&key, &item, &text, &number); err != nil {
				return err
			}
			rows = append(rows, fmt.Sprintf("%s %d %s %.0f", key, item, text, number))
		}
		return found.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, tokens
}

func TestAttributesAreIndexedByTheirDeclaration(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		for key, kind := range map[string]string{"plan": "string", "seats": "number", "trial": "boolean", "renews": "date", "teams": "list"} {
			declare(t, w, key, kind, false)
		}
		declare(t, w, "nickname", "string", true)
		ada := w.Add(t, "Ada", "ada@example.com")
		err := withAttributes(t, w, ada.ID, map[string]any{"plan": "Pro", "seats": 7.0, "trial": true, "renews": "1970-01-02", "teams": []any{"Red", "Blue", "red"},
			"nickname": "Countess", "unknown": "x"})
		if err != nil {
			t.Fatal(err)
		}
		rows, tokens := indexed(t, w)
		want := []string{"plan 0 pro -1", "renews 0  86400000000", "seats 0  7", "teams 0 blue -1", "teams 1 red -1", "trial 0  1"}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("index (-want +got):\n%s", diff)
		}
		if tokens != 4 { // nickname, and what nobody declared: the value, and that there is one
			t.Errorf("%d attribute tokens, want 4", tokens)
		}
		all, err := w.Contacts.Attributes(w.Ctx(t))
		if err != nil || len(all.Data) != 6 || !cmp.Equal(all.Undeclared, []string{"unknown"}) {
			t.Errorf("declarations: %d, undeclared %v (%v)", len(all.Data), all.Undeclared, err)
		}
	})
}

func TestWrongTypesAreRefusedByField(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		declare(t, w, "seats", "number", false)
		declare(t, w, "renews", "date", false)
		declare(t, w, "teams", "list", false)
		ada := w.Add(t, "Ada", "ada@example.com")
		err := withAttributes(t, w, ada.ID, map[string]any{"seats": "7", "renews": "tomorrow", "teams": "red", "free": "x"})
		e := fault.As(err)
		if e == nil || e.Kind != fault.KindInvalid {
			t.Fatalf("wrong types: %v", err)
		}
		var fields []string
		for _, f := range e.Fields {
			fields = append(fields, f.Field)
		}
		if diff := cmp.Diff([]string{"attributes.renews", "attributes.seats", "attributes.teams"}, fields); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAChangedDeclarationIndexesEverybodyAnew(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		var ids []string
		for i := range 230 {
			c := w.Add(t, fmt.Sprintf("Person %d", i), "")
			if err := withAttributes(t, w, c.ID, map[string]any{"plan": "pro"}); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, c.ID)
		}
		if rows, tokens := indexed(t, w); len(rows) != 0 || tokens != 460 {
			t.Fatalf("undeclared: %d rows, %d tokens", len(rows), tokens)
		}
		declare(t, w, "plan", "string", false)
		one, err := w.Contacts.IndexAttributes(t.Context(), 1)
		if err != nil || !one {
			t.Fatalf("one batch: %v %v", one, err)
		}
		if all, _ := w.Contacts.Attributes(w.Ctx(t)); all.Indexing.Done != 100 || all.Indexing.Total != 230 || all.Data[0].State != "indexing" {
			t.Errorf("after a batch: %+v", all)
		}
		if err := withAttributes(t, w, ids[229], map[string]any{"plan": "free"}); err != nil { // a change meanwhile
			t.Fatal(err)
		}
		indexAll(t, w)
		if rows, tokens := indexed(t, w); len(rows) != 230 || tokens != 0 {
			t.Errorf("declared: %d rows, %d tokens", len(rows), tokens)
		}
		if _, err := w.Contacts.ChangeAttribute(w.Ctx(t), "plan", contacts.AttributeChange{Personal: ptr(true)}, nil); err != nil {
			t.Fatal(err)
		}
		indexAll(t, w)
		if rows, tokens := indexed(t, w); len(rows) != 0 || tokens != 460 {
			t.Errorf("sealed again: %d rows, %d tokens", len(rows), tokens)
		}
	})
}

func TestARemovedDeclarationTakesItsValuesAlong(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		declare(t, w, "plan", "string", false)
		ada, eve := w.Add(t, "Ada", ""), w.Add(t, "Eve", "")
		for _, id := range []string{ada.ID, eve.ID} {
			if err := withAttributes(t, w, id, map[string]any{"plan": "planted", "other": "kept"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Privacy.Restrict(w.Ctx(t), eve.ID, true, "x"); err != nil {
			t.Fatal(err)
		}
		if err := w.Contacts.RemoveAttribute(w.Ctx(t), "plan"); err != nil {
			t.Fatal(err)
		}
		if e := fault.As(withAttributes(t, w, ada.ID, map[string]any{"plan": "again"})); e == nil || e.Kind != fault.KindInvalid {
			t.Errorf("a value of what is being removed: %v", e)
		}
		indexAll(t, w)
		if rows, _ := indexed(t, w); len(rows) != 0 {
			t.Errorf("left: %v", rows)
		}
		for id, want := range map[string]map[string]any{ada.ID: {"other": "kept"}, eve.ID: {"other": "kept", "plan": "planted"}} {
			c, err := w.Contacts.Get(w.Ctx(t), id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, c.Attributes); diff != "" {
				t.Error(diff)
			}
		}
		changes, err := w.Contacts.Changes(w.Ctx(t), ada.ID, "", 50)
		if err != nil || strings.Contains(fmt.Sprint(changes), "planted") {
			t.Errorf("history: %v %v", changes, err)
		}
		if _, err := w.Contacts.Attribute(w.Ctx(t), "plan"); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("the declaration: %v", err)
		}
	})
}

func TestDeclarationsAreChecked(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		for name, n := range map[string]contacts.NewAttribute{
			"a key that is not one":   {Key: "__proto__", Label: "x", Kind: "string", Purpose: "support"},
			"no label":                {Key: "a", Label: " ", Kind: "string", Purpose: "support"},
			"a label that turns":      {Key: "a", Label: "a\u202eb", Kind: "string", Purpose: "support"},
			"an unknown kind":         {Key: "a", Label: "x", Kind: "money", Purpose: "support"},
			"an unknown purpose":      {Key: "a", Label: "x", Kind: "string", Purpose: "nothing"},
			"a term beyond ten years": {Key: "a", Label: "x", Kind: "string", Purpose: "support", RetentionDays: ptr(4000)},
		} {
			if _, err := w.Contacts.DeclareAttribute(ctx, n); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for i := range 100 {
			declare(t, w, fmt.Sprintf("a%d", i), "string", true)
		}
		_, err := w.Contacts.DeclareAttribute(ctx, contacts.NewAttribute{Key: "one_more", Label: "اسم", Kind: "string", Purpose: "support"})
		if e := fault.As(err); e == nil || e.Code != "too_many_attributes" {
			t.Errorf("the 101st: %v", err)
		}
	})
}

func TestOldValuesGoByTheirTerm(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		declare(t, w, "plan", "string", true)
		ada, eve, joe := w.Add(t, "Ada", ""), w.Add(t, "Eve", ""), w.Add(t, "Joe", "")
		for _, id := range []string{ada.ID, eve.ID, joe.ID} {
			if err := withAttributes(t, w, id, map[string]any{"plan": "pro", "other": "x"}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Contacts.ChangeAttribute(w.Ctx(t), "plan", contacts.AttributeChange{RetentionDays: ptr(30)}, nil); err != nil {
			t.Fatal(err)
		}
		indexAll(t, w)
		w.Clock.Advance(20 * 24 * time.Hour)
		if err := withAttributes(t, w, joe.ID, map[string]any{"plan": "free"}); err != nil { // a new value, a new term
			t.Fatal(err)
		}
		if err := w.Privacy.Restrict(w.Ctx(t), eve.ID, true, "x"); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(11 * 24 * time.Hour)
		if all, err := w.Contacts.Attributes(w.Ctx(t)); err != nil || all.Data[0].Expired != 1 {
			t.Errorf("the dry run: %+v %v", all.Data, err)
		}
		if n, err := w.Contacts.ExpireAttributes(t.Context(), 10); err != nil || n != 1 {
			t.Errorf("%d went, %v", n, err)
		}
		for id, want := range map[string]any{ada.ID: nil, eve.ID: "pro", joe.ID: "free"} {
			c, err := w.Contacts.Get(w.Ctx(t), id)
			if err != nil || c.Attributes["plan"] != want || c.Attributes["other"] != "x" {
				t.Errorf("%s: %v %v", c.Name, c.Attributes, err)
			}
		}
		if n, err := w.Contacts.ExpireAttributes(t.Context(), 10); err != nil || n != 0 {
			t.Errorf("again: %d %v", n, err)
		}
	})
}
