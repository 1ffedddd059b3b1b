package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/client"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// A note is written, read by others, changed with a mark, exported on access, and gone.
func TestNotesAreWrittenForOperatorsAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada := w.add(t, `"name":"Ada"`)
		first, err := w.client.AddContactNote(ctx, ada, "  prefers mornings  ")
		if err != nil || first.Body != "prefers mornings" || first.EditedBy != nil || first.Author.Type != "api_key" || first.ContactID != ada {
			t.Fatalf("note %+v: %v", first, err)
		}
		card, err := w.client.AddContactNote(ctx, ada, "card 4242 4242 4242 4242, IBAN DE89 3704 0044 0532 0130 00")
		if err != nil || strings.Contains(card.Body, "4242 4242") || len(card.Masked) != 1 || card.Masked[0] != "card" || len(card.Flagged) != 1 || card.Flagged[0] != "iban" {
			t.Fatalf("sensitive text in a note: %+v %v", card, err)
		}
		o := w.signIn(t)
		var edited struct {
			Body     string
			EditedBy *struct{ Type, ID string } `json:"edited_by"`
		}
		o.call(t, "PATCH", "/contacts/"+ada+"/notes/"+first.ID, `{"body":"prefers evenings"}`, http.StatusOK).json(t, &edited)
		if edited.Body != "prefers evenings" || edited.EditedBy == nil || edited.EditedBy.ID != w.made.OperatorID {
			t.Errorf("edited %+v", edited)
		}
		page, err := w.client.ContactNotes(ctx, ada, client.Page{Limit: 1})
		if err != nil || len(page.Data) != 1 || page.Data[0].ID != card.ID || page.NextCursor == nil {
			t.Fatalf("page %+v %v", page, err)
		}
		page, err = w.client.ContactNotes(ctx, ada, client.Page{Limit: 1, Cursor: *page.NextCursor})
		if err != nil || len(page.Data) != 1 || page.Data[0].Body != "prefers evenings" {
			t.Fatalf("second page %+v %v", page, err)
		}
		if a := w.api(t, "GET", "/contacts/"+ada+"/timeline?kinds=note", "", http.StatusOK); !strings.Contains(a.body, "prefers evenings") || !strings.Contains(a.body, first.Author.ID) {
			t.Errorf("timeline %s", a.body)
		}
		sub := privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: ada}
		if got := w.export(t, sub); !strings.Contains(got, "contact_notes ") || !strings.Contains(got, "prefers evenings") || strings.Contains(got, w.made.OperatorID) {
			t.Errorf("export %s", got)
		}
		if err := w.client.RemoveContactNote(ctx, ada, first.ID); err != nil {
			t.Fatal(err)
		}
		w.api(t, "DELETE", "/contacts/"+ada+"/notes/"+first.ID, "", http.StatusNotFound)
		w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK)
		if left := rowCounts(t, w.DB)["contact_notes"]; left != 0 {
			t.Errorf("%d notes are left of somebody erased", left)
		}
	})
}

// Two operators who change one note: the second is told, and reads it again.
func TestTwoOperatorsDoNotOverwriteANote(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.add(t, `"name":"Ada"`)
		var n struct{ ID string }
		made := w.api(t, "POST", "/contacts/"+ada+"/notes", `{"body":"first"}`, http.StatusCreated)
		made.json(t, &n)
		edit := func(body string) answer {
			header := bearer(w.made.APIKey)
			header.Set("If-Match", made.header.Get("ETag"))
			return w.do(t, call{method: "PATCH", path: "/api/v1/contacts/" + ada + "/notes/" + n.ID, body: `{"body":"` + body + `"}`, header: header})
		}
		if a := edit("one"); a.status != http.StatusOK || a.header.Get("ETag") == made.header.Get("ETag") {
			t.Fatalf("the first: %d %s", a.status, a.body)
		}
		if a := edit("two"); a.status != http.StatusPreconditionFailed {
			t.Errorf("the second: %d %s", a.status, a.body)
		}
		if a := w.api(t, "GET", "/contacts/"+ada+"/notes", "", http.StatusOK); !strings.Contains(a.body, `"one"`) || strings.Contains(a.body, `"two"`) {
			t.Errorf("notes %s", a.body)
		}
	})
}

func TestNotesRefuseWhatIsNoNote(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.add(t, `"name":"Ada"`), w.add(t, `"name":"Bob"`)
		var n struct{ ID string }
		w.api(t, "POST", "/contacts/"+ada+"/notes", `{"body":"x"}`, http.StatusCreated).json(t, &n)
		before := rowCounts(t, w.DB)["contact_notes"]
		for name, body := range map[string]string{"a megabyte": strings.Repeat("x", 1<<20), "too long": strings.Repeat("ä", 10_001), "control": `a\u0007b`, "null": `a\u0000b`, "escape": `\u001b[31m`,
			"nothing": "", "spaces": ` \n `} {
			for method, path := range map[string]string{"POST": "", "PATCH": "/" + n.ID} {
				a := w.do(t, call{method: method, path: "/api/v1/contacts/" + ada + "/notes" + path, body: `{"body":"` + body + `"}`, header: bearer(w.made.APIKey)})
				if a.status != http.StatusUnprocessableEntity && a.status != http.StatusRequestEntityTooLarge {
					t.Errorf("%s by %s: %d %.200s", name, method, a.status, a.body)
				}
			}
		}
		for _, foreign := range []string{n.ID, "nte_01jdb2k8q5e6r7s8t9v0w1x2y3", "%2e%2e", strings.Repeat("n", 60)} {
			w.api(t, "PATCH", "/contacts/"+bob+"/notes/"+foreign, `{"body":"y"}`, http.StatusNotFound)
			w.api(t, "GET", "/contacts/"+bob+"/notes/"+foreign, "", http.StatusNotFound)
			w.api(t, "DELETE", "/contacts/"+bob+"/notes/"+foreign, "", http.StatusNotFound)
		}
		if now := rowCounts(t, w.DB)["contact_notes"]; now != before {
			t.Errorf("%d notes, before %d", now, before)
		}
		w.api(t, "POST", "/contacts/"+ada+"/notes", `{"body":"line\n\ttab, ذكرى 🙂"}`, http.StatusCreated)
		v := w.visit(t, w.made.Workspace.Key)
		v.write(t, "hello")
		if a := w.do(t, call{method: "GET", path: "/api/v1/contacts/" + ada + "/notes", header: bearer(v.token)}); a.status != http.StatusUnauthorized {
			t.Errorf("a visitor reads notes: %d", a.status)
		}
	})
}

// While data is restricted no note is written, changed, removed or shown.
func TestNotesOfRestrictedPeopleAreVeiled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.add(t, `"name":"Ada"`)
		var n struct{ ID string }
		w.api(t, "POST", "/contacts/"+ada+"/notes", `{"body":"kept quiet"}`, http.StatusCreated).json(t, &n)
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		w.api(t, "POST", "/contacts/"+ada+"/notes", `{"body":"more"}`, http.StatusConflict)
		w.api(t, "PATCH", "/contacts/"+ada+"/notes/"+n.ID, `{"body":"more"}`, http.StatusConflict)
		w.api(t, "DELETE", "/contacts/"+ada+"/notes/"+n.ID, "", http.StatusConflict)
		for _, path := range []string{"/notes", "/notes/" + n.ID, "/timeline?kinds=note"} {
			if a := w.api(t, "GET", "/contacts/"+ada+path, "", http.StatusOK); strings.Contains(a.body, "kept quiet") || !strings.Contains(a.body, n.ID) {
				t.Errorf("GET %s: %s", path, a.body)
			}
		}
		if got := w.export(t, privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: ada}); !strings.Contains(got, "kept quiet") {
			t.Error("the person themselves does not get the note")
		}
	})
}

// The notes of a merged person stand together, and go together.
func TestNotesOfMergedContactsStandTogether(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one, other := w.add(t, `"name":"Ada"`), w.add(t, `"name":"A. Lovelace"`)
		w.api(t, "POST", "/contacts/"+one+"/notes", `{"body":"about one"}`, http.StatusCreated)
		var n struct {
			ID        string
			ContactID string `json:"contact_id"`
		}
		w.api(t, "POST", "/contacts/"+other+"/notes", `{"body":"about the other"}`, http.StatusCreated).json(t, &n)
		w.merge(t, one, other, "")
		for _, id := range []string{one, other} {
			if a := w.api(t, "GET", "/contacts/"+id+"/notes", "", http.StatusOK); !strings.Contains(a.body, "about one") || !strings.Contains(a.body, "about the other") {
				t.Errorf("notes of %s: %s", id, a.body)
			}
		}
		w.api(t, "PATCH", "/contacts/"+one+"/notes/"+n.ID, `{"body":"changed"}`, http.StatusOK)
		w.api(t, "POST", "/contacts/"+other+"/notes", `{"body":"later"}`, http.StatusCreated).json(t, &n)
		if n.ContactID != one {
			t.Errorf("a note about a merged person is %s's, want the survivor's", n.ContactID)
		}
		w.api(t, "DELETE", "/contacts/"+one+"?erase=true", "", http.StatusOK)
		if left := rowCounts(t, w.DB)["contact_notes"]; left != 0 {
			t.Errorf("%d notes are left", left)
		}
	})
}

func TestNotesGoByTheirRule(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		ada, held := w.add(t, `"name":"Ada"`), w.add(t, `"name":"Held"`)
		for _, id := range []string{ada, held} {
			w.api(t, "POST", "/contacts/"+id+"/notes", `{"body":"old"}`, http.StatusCreated)
		}
		clk.Advance(40 * 24 * time.Hour)
		w.api(t, "POST", "/contacts/"+ada+"/notes", `{"body":"young"}`, http.StatusCreated)
		w.api(t, "PUT", "/contacts/"+held+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		r := privacy.Rule{WorkspaceID: w.made.Workspace.ID, Category: privacy.AgesNotes, Before: clk.Now().Add(-30 * 24 * time.Hour), Limit: 10, Spare: "c.restricted_at IS NOT NULL"}
		if due := w.due(t, r)["contact_notes"]; due != 1 {
			t.Errorf("%d notes are due", due)
		}
		w.retain(t, r)
		if a := w.api(t, "GET", "/contacts/"+ada+"/notes", "", http.StatusOK); strings.Contains(a.body, `"old"`) || !strings.Contains(a.body, `"young"`) {
			t.Errorf("left %s", a.body)
		}
		if left := rowCounts(t, w.DB)["contact_notes"]; left != 2 {
			t.Errorf("%d notes are left, want the young one and the restricted person's", left)
		}
	})
}

func (w *world) due(t *testing.T, r privacy.Rule) (counts privacy.Counts) {
	t.Helper()
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) (err error) {
		counts, err = w.Privacy.DueAll(t.Context(), tx, r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func (w *world) retain(t *testing.T, r privacy.Rule) {
	t.Helper()
	err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
		_, err := w.Privacy.RetainAll(t.Context(), tx, r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
