package app_test

import (
	"context"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/company"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
)

// asKey is a context in which the workspace's own code asks.
func (w *world) asKey(t *testing.T) context.Context {
	t.Helper()
	return actor.With(t.Context(), actor.Actor{Type: actor.APIKey, ID: "key_test", WorkspaceID: w.made.Workspace.ID, Permissions: actor.Permissions{"*"}})
}

// waits tells whether what somebody does waits for a transaction that holds what in
// took. It has a third of a second, which is for ever where it is not held up.
func (w *world) waits(t *testing.T, in func(tx *storage.Tx) error, do func() error) (waited bool) {
	t.Helper()
	held, release, did := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var once sync.Once
	var open sync.WaitGroup
	open.Go(func() {
		if err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
			err := in(tx)
			once.Do(func() { close(held) })
			<-release
			return err
		}); err != nil {
			t.Errorf("the open transaction: %v", err)
		}
	})
	<-held
	open.Go(func() {
		defer close(did)
		if err := do(); err != nil {
			t.Errorf("once it may: %v", err)
		}
	})
	select {
	case <-did:
	case <-time.After(time.Second / 3):
		waited = true
	}
	close(release)
	open.Wait()
	return waited
}

// Whoever joins a company and whoever removes it wait for each other, so that nobody is
// left in one that is gone. A company that follows from a domain is held as one that
// somebody names.
func TestWhoJoinsACompanyAndWhoRemovesItWait(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.following(t, `{"from_domains":true}`)
		acme := w.company(t, `"name":"Acme","domains":["acme.example"]`)
		basis := &privacy.Basis{Purpose: privacy.PurposeSupport, LawfulBasis: "contract"}
		removing := func(tx *storage.Tx) error { return tx.Lock("company " + acme) } // as company.Service.Delete takes it
		address, name := "ada@acme.example", "Ada"
		for how, change := range map[string]contacts.Change{
			"named":    {Name: &name, CompanyID: &acme, Basis: basis},
			"followed": {Email: &address, Basis: basis},
		} {
			if !w.waits(t, removing, func() error {
				_, err := w.Contacts.Create(w.asKey(t), change)
				return err
			}) {
				t.Errorf("%s: somebody joined a company that was being removed", how)
			}
		}
		joining := func(tx *storage.Tx) error { return company.Hold(tx, w.made.Workspace.ID, acme) }
		if !w.waits(t, joining, func() error { return w.Companies.Delete(w.asKey(t), acme) }) {
			t.Error("a company was removed while somebody joined it")
		}
		w.api(t, "GET", "/companies/"+acme, "", http.StatusNotFound)
	})
}

// Who comes out of the bin gets the company that they would have got, had they not
// been there.
func TestCompaniesFollowForWhoComesOutOfTheBin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		binned, chosen := w.someone(t, `"name":"Binned","email":"b@acme.example"`), w.someone(t, `"name":"Chosen","email":"c@acme.example","company_id":""`)
		off := w.someone(t, `"name":"Off","email":"o@acme.example"`)
		for _, id := range []string{binned, chosen, off} {
			w.api(t, "DELETE", "/contacts/"+id, "", http.StatusNoContent)
		}
		w.api(t, "POST", "/contacts/"+off+"/restore", "", http.StatusOK)
		if got := w.belongsTo(t, off); got != "none by nothing" {
			t.Errorf("with the switch off: %q", got)
		}
		w.following(t, `{"from_domains":true,"apply":true}`)
		mark := w.lastEvent(t)
		w.api(t, "POST", "/contacts/"+binned+"/restore", "", http.StatusOK)
		w.api(t, "POST", "/contacts/"+chosen+"/restore", "", http.StatusOK)
		if got := w.belongsTo(t, binned); got != "acme.example by domain" {
			t.Errorf("out of the bin: %q", got)
		}
		if got := w.companyOf(t, chosen); got != "" {
			t.Errorf("what somebody chose: %q", got)
		}
		if got := w.companyEvents(t, mark); !slices.Equal(got, []string{binned}) {
			t.Errorf("told of %v", got)
		}
	})
}

// People from before names were found within a company are found by them after an
// upgrade, and nobody is told of a change that was none.
func TestNamesFromBeforeAreFoundAfterAnUpgrade(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		acme := w.company(t, `"name":"Acme"`)
		for _, name := range []string{"Ada Lovelace", "A. Lovelace"} {
			w.someone(t, `"name":"`+name+`","company_id":"`+acme+`","attributes":{"plan":"pro"}`)
		}
		upgrade, err := fs.ReadFile(migrations.Migrations, string(w.DB.Engine())+"/0036_namesakes_of_before.sql")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
			if _, err := tx.Exec(`DELETE FROM contact_namesakes`); err != nil {
				return err
			}
			_, err := tx.Exec(strings.TrimPrefix(string(upgrade), "-- +goose Up\n"))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		mark := w.lastEvent(t)
		for more := true; more; {
			if more, err = w.Contacts.IndexAttributes(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.pairs(t, 50); !slices.Equal(got, []string{"Ada Lovelace = A. Lovelace: name"}) {
			t.Errorf("found: %v", got)
		}
		if now := w.lastEvent(t); now != mark {
			t.Errorf("%d events tell of it", now-mark)
		}
	})
}
