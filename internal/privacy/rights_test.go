package privacy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func each(t *testing.T, fn func(t *testing.T, w *contactstest.World)) {
	t.Helper()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) { fn(t, contactstest.New(t, db)) })
}

// codeOf gives an error's code, "" for none.
func codeOf(err error) string {
	if e := fault.As(err); e != nil {
		return e.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func mayUse(t *testing.T, w *contactstest.World, contactID, purpose string) string {
	t.Helper()
	var may error
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		may = w.Privacy.MayUse(tx, privacy.Subject{WorkspaceID: w.Workspace.ID, ContactID: contactID}, purpose)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return codeOf(may)
}

// One place knows whether data may be used: it follows consents, objections,
// restriction and the bin at once, and in this order of gravity.
func TestMayUseFollowsEveryRightAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		c := w.Add(t, "Ada Lovelace", "ada@example.org")
		decide := func(action string) func() error {
			return func() error {
				_, err := w.Privacy.Decide(ctx, c.ID, "marketing", action, "dashboard", 0)
				return err
			}
		}
		object := func(on bool) func() error {
			return func() error { return w.Privacy.Object(ctx, c.ID, "marketing", on, "") }
		}
		restrict := func(on bool) func() error {
			return func() error { return w.Privacy.Restrict(ctx, c.ID, on, "accuracy is contested") }
		}
		steps := []struct {
			name               string
			do                 func() error
			marketing, support string
		}{
			{"nothing said", func() error { return nil }, "consent_missing", ""},
			{"granted", decide(privacy.Grant), "", ""},
			{"withdrawn", decide(privacy.Withdraw), "consent_missing", ""},
			{"granted again", decide(privacy.Grant), "", ""},
			{"objected", object(true), "objected", ""},
			{"objected twice", object(true), "objected", ""},
			{"objection taken back", object(false), "", ""},
			{"restricted", restrict(true), "processing_restricted", "processing_restricted"},
			{"restricted and objected", object(true), "processing_restricted", "processing_restricted"},
			{"lifted", restrict(false), "objected", ""},
			{"taken back", object(false), "", ""},
			{"binned", func() error { return w.Contacts.Bin(ctx, c.ID) }, "contact_in_bin", "contact_in_bin"},
			{"restored", func() error { return w.Contacts.Restore(ctx, c.ID) }, "", ""},
		}
		for _, step := range steps {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			got := []string{mayUse(t, w, c.ID, "marketing"), mayUse(t, w, c.ID, "support")}
			if diff := cmp.Diff([]string{step.marketing, step.support}, got); diff != "" {
				t.Errorf("after %s (-want +got):\n%s", step.name, diff)
			}
		}
		if got := mayUse(t, w, c.ID, "astrology"); got != "invalid" {
			t.Errorf("what is no purpose: %q", got)
		}
		if got := mayUse(t, w, "con_01jdb2k8q5e6r7s8t9v0w1x2y3", "marketing"); got != "not_found" {
			t.Errorf("who is not there: %q", got)
		}
		w.Privacy.Gate(func(_ *storage.Tx, _ privacy.Subject, purpose string) error {
			if purpose == "marketing" {
				return fault.Conflict("parent_missing", "no")
			}
			return nil
		})
		if got := mayUse(t, w, c.ID, "marketing") + mayUse(t, w, c.ID, "support"); got != "parent_missing" {
			t.Errorf("a gate: %q", got)
		}
	})
}

func TestRestrictionKeepsItsHistoryAndTellsThePerson(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		var told []privacy.Notice
		w.Notified(func(n privacy.Notice) { told = append(told, n) })
		ctx := w.Ctx(t)
		c := w.Add(t, "Ada Lovelace", "ada@example.org")
		for _, step := range []struct {
			on     bool
			reason string
			code   string
		}{{true, "accuracy is contested", ""}, {true, "again", ""}, {false, "", "invalid"}, {false, "it was right", ""}, {false, "again", ""}} {
			if got := codeOf(w.Privacy.Restrict(ctx, c.ID, step.on, step.reason)); got != step.code {
				t.Errorf("%+v: %q", step, got)
			}
		}
		found, err := w.Privacy.Restrictions(ctx, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range found {
			got = append(got, r.Action+": "+r.Reason)
		}
		if diff := cmp.Diff([]string{"lift: it was right", "restrict: accuracy is contested"}, got); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
		if len(told) != 1 || told[0].Template != "restriction_lifted" || told[0].Values["reason"] != "it was right" || told[0].Subject.ContactID != c.ID {
			t.Errorf("told %+v", told)
		}
	})
}

// A legal hold refuses erasure until it ends, which it does by itself, and says
// until when; whoever empties the bin passes over the person.
func TestALegalHoldBlocksErasureUntilItEnds(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		c := w.Add(t, "Ada Lovelace", "ada@example.org")
		until := w.Clock.Now().Add(48 * time.Hour)
		for reason, ends := range map[string]time.Time{"past": w.Clock.Now(), "too long": w.Clock.Now().AddDate(11, 0, 0), "": until} {
			if got := codeOf(w.Privacy.SetHold(ctx, c.ID, reason, ends)); got != "invalid" {
				t.Errorf("a hold %q until %v: %q", reason, ends, got)
			}
		}
		if got := codeOf(w.Privacy.LiftHold(ctx, c.ID)); got != "not_held" {
			t.Errorf("lifting what is not there: %q", got)
		}
		if err := w.Privacy.SetHold(ctx, c.ID, "claim 4711", until); err != nil {
			t.Fatal(err)
		}
		_, err := w.Privacy.Erase(ctx, c.ID)
		if e := fault.As(err); e == nil || e.Code != "legal_hold" || !strings.Contains(e.Detail, until.Format(time.RFC3339)) {
			t.Errorf("erasing: %v", err)
		}
		always := func(*storage.Tx) (bool, error) { return true, nil }
		if err := w.Privacy.EraseIf(ctx, c.ID, always); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Contacts.Get(ctx, c.ID); err != nil {
			t.Errorf("the bin's end erased a held person: %v", err)
		}
		if err := w.Privacy.SetHold(ctx, c.ID, "claim 4711, appealed", until.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		holds, err := w.Privacy.Holds(ctx, c.ID)
		if err != nil || len(holds) != 2 || !holds[0].InForce || holds[1].InForce || holds[0].Reason != "claim 4711, appealed" || holds[1].LiftedAt == nil {
			t.Fatalf("holds %+v, %v", holds, err)
		}
		w.Clock.Advance(50 * time.Hour)
		if holds, err = w.Privacy.Holds(ctx, c.ID); err != nil || holds[0].InForce || holds[0].LiftedAt != nil {
			t.Errorf("after its end: %+v, %v", holds, err)
		}
		if _, err := w.Privacy.Erase(ctx, c.ID); err != nil {
			t.Errorf("after its end: %v", err)
		}
	})
}

// What nobody asked for does not touch a restricted person; what they ask for does.
func TestRestrictionStopsErasureThatNobodyAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		c := w.Add(t, "Ada Lovelace", "ada@example.org")
		if err := w.Privacy.Restrict(ctx, c.ID, true, "needed for a claim"); err != nil {
			t.Fatal(err)
		}
		if err := w.Privacy.EraseIf(ctx, c.ID, func(*storage.Tx) (bool, error) { return true, nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Contacts.Get(ctx, c.ID); err != nil {
			t.Errorf("erased by itself: %v", err)
		}
		if _, err := w.Privacy.Erase(ctx, c.ID); err != nil {
			t.Errorf("erased at their wish: %v", err)
		}
	})
}

// Two erasures at once, and a hold that is set meanwhile: either there is a
// receipt and nobody to hold, or a hold and nobody erased.
func TestErasuresAndHoldsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		for range 8 {
			c := w.Add(t, "Ada Lovelace", "")
			var wg sync.WaitGroup
			var held error
			erased := make([]error, 2)
			receipts := make([]privacy.Receipt, 2)
			for i := range erased {
				wg.Go(func() { receipts[i], erased[i] = w.Privacy.Erase(ctx, c.ID) })
			}
			wg.Go(func() { held = w.Privacy.SetHold(ctx, c.ID, "claim", w.Clock.Now().Add(time.Hour)) })
			wg.Wait()
			switch {
			case held == nil && codeOf(erased[0]) == "legal_hold" && codeOf(erased[1]) == "legal_hold":
			case codeOf(held) == "not_found" && erased[0] == nil && erased[1] == nil:
				if receipts[0].ID != receipts[1].ID {
					t.Errorf("two receipts: %s and %s", receipts[0].ID, receipts[1].ID)
				}
			default:
				t.Errorf("hold: %v; erasures: %v", held, erased)
			}
		}
	})
}

// The last act that took effect decides, however many came at once.
func TestConsentsAtOnceEndInTheLastOne(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		c := w.Add(t, "Ada Lovelace", "")
		var wg sync.WaitGroup
		errs := make([]error, 12)
		for i := range errs {
			action := []string{privacy.Grant, privacy.Withdraw}[i%2]
			wg.Go(func() { _, errs[i] = w.Privacy.Decide(ctx, c.ID, "marketing", action, "api", 0) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		found, err := w.Privacy.Consents(ctx, c.ID)
		if err != nil || len(found) != len(errs) {
			t.Fatalf("%d consents, %v", len(found), err)
		}
		for i := 1; i < len(found); i++ {
			if !found[i-1].CreatedAt.After(found[i].CreatedAt) {
				t.Errorf("consents %d and %d are at the same moment", i-1, i)
			}
		}
		want := map[string]string{privacy.Grant: "", privacy.Withdraw: "consent_missing"}[found[0].Action]
		if got := mayUse(t, w, c.ID, "marketing"); got != want {
			t.Errorf("after %s: %q", found[0].Action, got)
		}
	})
}

// A consent holds the words in the language that was shown.
func TestAConsentHoldsTheWordsOfItsLanguage(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		c := w.Add(t, "Ada Lovelace", "")
		_, err := w.Privacy.SetPurpose(ctx, privacy.Purpose{Key: "marketing", Name: "News", LawfulBasis: "consent", Wording: "Send me news.",
			Translations: map[string]privacy.PurposeText{"de": {Name: "Neuigkeiten", Wording: "Schickt mir Neues."}}})
		if err != nil {
			t.Fatal(err)
		}
		for locale, want := range map[string]string{"de-AT": "de Schickt mir Neues.", "DE": "de Schickt mir Neues.", "fr": "en Send me news.", "": "en Send me news."} {
			got, err := w.Privacy.Record(ctx, privacy.Decision{ContactID: c.ID, Purpose: "marketing", Action: privacy.Grant, Locale: locale, Evidence: "on the phone"})
			if err != nil || got.Locale+" "+got.Wording != want || got.Version != 2 {
				t.Errorf("in %q: %+v, %v", locale, got, err)
			}
		}
		found, err := w.Privacy.Consents(ctx, c.ID)
		if err != nil || found[0].Evidence != "on the phone" {
			t.Errorf("evidence: %+v, %v", found, err)
		}
		bad := map[string]map[string]privacy.PurposeText{
			"translations":    {"German!": {Name: "a", Wording: "b"}},
			"translations.de": {"de": {Name: "a"}},
			"translations.en": {"en": {Name: "a", Wording: "b"}},
		}
		for field, translations := range bad {
			_, err := w.Privacy.SetPurpose(ctx, privacy.Purpose{Key: "marketing", Name: "News", LawfulBasis: "consent", Wording: "x", Translations: translations})
			if e := fault.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

// A no without a yes before is a refusal, and does no harm.
func TestWithdrawingWhatWasNeverGivenIsARefusal(t *testing.T) {
	each(t, func(t *testing.T, w *contactstest.World) {
		ctx := w.Ctx(t)
		c := w.Add(t, "Ada Lovelace", "")
		sub := privacy.Subject{WorkspaceID: w.Workspace.ID, ContactID: c.ID}
		for _, step := range []struct{ action, state string }{{privacy.Withdraw, "refused"}, {privacy.Grant, "granted"}, {privacy.Withdraw, "withdrawn"}} {
			if _, err := w.Privacy.Decide(ctx, c.ID, "marketing", step.action, "portal", 0); err != nil {
				t.Fatal(err)
			}
			states, err := w.Privacy.ConsentStates(context.WithoutCancel(ctx), sub)
			if err != nil || len(states) != 1 || states[0].State != step.state {
				t.Errorf("after %s: %+v, %v", step.action, states, err)
			}
		}
		if _, err := w.Privacy.Decide(ctx, c.ID, "marketing", privacy.Grant, "telepathy", 0); codeOf(err) != "invalid" {
			t.Errorf("an unknown source: %v", err)
		}
	})
}
