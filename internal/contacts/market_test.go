package contacts_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
)

type exported struct {
	Header contacts.ExportHeader
	Data   []contacts.ExportPerson
	Count  int
}

func export(t *testing.T, w *contactstest.World, format, purpose string, during func()) (string, exported) {
	t.Helper()
	ctx, e := w.Ctx(t), contacts.Export{Format: format, Purpose: purpose, Reason: "october_newsletter"}
	h, err := w.Contacts.BeginExport(ctx, e)
	if err != nil {
		t.Fatal(err)
	}
	out := &hooked{during: during}
	if err := w.Contacts.WriteExport(ctx, e, h, out); err != nil {
		t.Fatal(err)
	}
	var got exported
	if format == contacts.FormatJSON {
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
	}
	return out.String(), got
}

// hooked calls during once, when the first bytes are written.
type hooked struct {
	bytes.Buffer
	during func()
	once   sync.Once
}

func (h *hooked) Write(p []byte) (int, error) {
	if h.during != nil {
		h.once.Do(h.during)
	}
	return h.Buffer.Write(p)
}

// An export for a purpose that rests on consent holds those with a live consent to
// it, and nobody else, and says so.
func TestAMarketingExportHoldsOnlyLiveConsents(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		grant := func(id, action string) error {
			_, err := w.Privacy.Decide(ctx, id, "marketing", action, "api", 0)
			return err
		}
		var want string
		for name, steps := range map[string][]func(id string) error{
			"never asked": nil,
			"granted":     {func(id string) error { return grant(id, privacy.Grant) }},
			"withdrawn":   {func(id string) error { return grant(id, privacy.Grant) }, func(id string) error { return grant(id, privacy.Withdraw) }},
			"another purpose": {func(id string) error {
				_, err := w.Privacy.Decide(ctx, id, "email_replies", privacy.Grant, "api", 0)
				return err
			}},
			"objected":   {func(id string) error { return grant(id, privacy.Grant) }, func(id string) error { return w.Privacy.Object(ctx, id, "marketing", true, "") }},
			"restricted": {func(id string) error { return grant(id, privacy.Grant) }, func(id string) error { return w.Privacy.Restrict(ctx, id, true, "x") }},
			"binned":     {func(id string) error { return grant(id, privacy.Grant) }, func(id string) error { return w.Contacts.Bin(ctx, id) }},
		} {
			c := w.Add(t, "=cmd|"+name, "")
			if name == "granted" {
				want = c.ID
			}
			for _, step := range steps {
				if err := step(c.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, got := export(t, w, contacts.FormatJSON, "marketing", nil)
		if got.Count != 1 || len(got.Data) != 1 || got.Data[0].ID != want || got.Header.LawfulBasis != "consent" || !strings.Contains(got.Header.Statement, "live consent to the purpose marketing") {
			t.Errorf("exported %+v", got)
		}
		text, _ := export(t, w, contacts.FormatCSV, "marketing", nil)
		first, rest, _ := strings.Cut(text, "\r\n")
		rows, err := csv.NewReader(strings.NewReader(rest)).ReadAll()
		if err != nil || len(rows) != 2 || !strings.HasPrefix(first, "# Only contacts with a live consent") || rows[1][3] != "'=cmd|granted" {
			t.Errorf("%q %q, %v", first, rows, err)
		}
		if through := w.Accessed(t, want); through[0] != "contacts.export" {
			t.Errorf("logged reads %v", through)
		}
		if _, all := export(t, w, contacts.FormatJSON, "", nil); all.Count != 5 {
			t.Errorf("without a purpose %d people, want 5", all.Count)
		}
		for _, bad := range []contacts.Export{{Format: "xml", Reason: "x"}, {Format: "csv", Reason: "for Ada"}, {Format: "csv", Reason: "x", Purpose: "astrology"}} {
			if _, err := w.Contacts.BeginExport(ctx, bad); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}

// A few thousand people come page by page; who withdraws while it runs is not on a
// later page.
func TestAnExportOfManyFollowsWithdrawals(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		const people = 2400
		ids := make([]string, people)
		var wg sync.WaitGroup
		for worker := range 24 {
			wg.Go(func() {
				for i := worker; i < people; i += 24 {
					name := fmt.Sprint("Person ", i)
					c, err := w.Contacts.Create(ctx, contacts.Change{Name: &name, Basis: contactstest.Basis()})
					if err == nil {
						_, err = w.Privacy.Decide(ctx, c.ID, "marketing", privacy.Grant, "api", 0)
					}
					if err != nil {
						t.Error(err)
						return
					}
					ids[i] = c.ID
				}
			})
		}
		wg.Wait()
		oldest := ids[0]
		for _, id := range ids {
			oldest = min(oldest, id)
		}
		_, got := export(t, w, contacts.FormatJSON, "marketing", func() {
			if _, err := w.Privacy.Decide(ctx, oldest, "marketing", privacy.Withdraw, "portal", 0); err != nil {
				t.Error(err)
			}
		})
		seen := map[string]bool{}
		for _, p := range got.Data {
			seen[p.ID] = true
		}
		if len(seen) != people-1 || got.Count != people-1 || seen[oldest] {
			t.Errorf("%d people, count %d; the one who withdrew is in it: %v", len(seen), got.Count, seen[oldest])
		}
	})
}
