package audit_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace/workspacetest"
)

// placed is a log that knows from where somebody looks, after one that did not.
func placed(t *testing.T, db *storage.DB) (*fixture, *vault.Vault) {
	t.Helper()
	c := clock.NewFake(start)
	v := workspacetest.Vault(t, c)
	if err := v.CreateMany(t.Context(), []vault.Subject{{ID: "opr_ada"}, {Workspace: acme}}); err != nil {
		t.Fatal(err)
	}
	old := newFixture(t, db)
	old.add(t, acme, 3)
	old.Access(as(acme, "opr_ada"), []string{"con_1"}, "contact")
	if err := old.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Advance(old.clock.Now().Sub(start))
	d := deps(db, c)
	d.Vault = v
	l, err := audit.New(d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &fixture{l, db, c}, v
}

var (
	desk  = actor.Origin{Network: "192.0.2.0/24", Browser: "Firefox", System: "Linux"}
	phone = actor.Origin{Network: "2001:db8:7::/48", Browser: "Safari", System: "iOS"}
)

func from(origin actor.Origin, session string) context.Context {
	return actor.With(context.Background(), actor.Actor{Type: actor.Operator, ID: "opr_ada", WorkspaceID: acme, SessionID: session, From: origin})
}

func origins(t *testing.T, f *fixture, contactID string) (out []string) {
	t.Helper()
	events, err := f.AccessEvents(context.Background(), acme, contactID, first, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		one := strings.Join([]string{string(e.Actor.Type), e.Through, e.SessionID}, " ")
		if e.From != nil {
			one += strings.Join([]string{"", e.From.Network, e.From.Browser, e.From.System}, " ")
		}
		out = append(out, one)
	}
	return out
}

// From where somebody looked is told with each read, two devices apart; reads of before
// it was kept, and those of nobody who signed in, tell nothing of it.
func TestReadsTellFromWhere(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f, v := placed(t, db)
		key := actor.With(t.Context(), actor.Actor{Type: actor.APIKey, ID: "key_1", WorkspaceID: acme, From: actor.Origin{Network: "198.51.100.0/24"}})
		person := actor.With(t.Context(), actor.Actor{Type: actor.Contact, ID: "con_1", WorkspaceID: acme, From: desk})
		for _, ctx := range []context.Context{from(desk, "ses_1"), from(desk, "ses_1"), from(phone, "ses_2"), key, person} {
			f.clock.Advance(time.Millisecond)
			f.Access(ctx, []string{"con_1"}, "contact")
		}
		want := []string{"contact contact ", "api_key contact  198.51.100.0/24  ", "operator contact ses_2 2001:db8:7::/48 Safari iOS",
			"operator contact ses_1 192.0.2.0/24 Firefox Linux", "operator contact "}
		if diff := cmp.Diff(want, origins(t, f, "con_1")); diff != "" {
			t.Errorf("reads of con_1 (-want +got):\n%s", diff)
		}
		mustVerify(t, db)
		err := db.Read(t.Context(), func(tx *storage.Tx) error {
			var details string
			if err := tx.QueryRow(`SELECT details FROM audit_entries WHERE workspace_id = $1 AND position = 3`, acme).Scan(&details); err != nil {
				return err
			}
			if details != `{"through":"contact","subjects":["con_1"]}` {
				t.Errorf("a read without a session or place is written as %s, and not as ever", details)
			}
			var sealed []byte
			err := tx.QueryRow(`SELECT place_sealed FROM access_places WHERE workspace_id = $1 AND position = 4`, acme).Scan(&sealed)
			if bytes.Contains(sealed, []byte("192.0.2")) {
				t.Error("a place is readable")
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if err := v.Erase(t.Context(), vault.Subject{ID: "opr_ada"}); err != nil {
			t.Fatal(err)
		}
		want[2], want[3] = "operator contact ses_2", "operator contact ses_1"
		if diff := cmp.Diff(want, origins(t, f, "con_1")); diff != "" {
			t.Errorf("after the operator was erased (-want +got):\n%s", diff)
		}
		f.Access(from(desk, "ses_1"), []string{"con_2"}, "contact")
		if diff := cmp.Diff([]string{"operator contact ses_1"}, origins(t, f, "con_2")); diff != "" {
			t.Errorf("a read of an erased operator (-want +got):\n%s", diff)
		}
		mustVerify(t, db)
	})
}

// Places are forgotten by their age, which the log says; and whoever removes, changes or
// adds one is found.
func TestPlacesAreForgottenAndNotTamperedWith(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f, _ := placed(t, db)
		look := func(people ...string) {
			t.Helper()
			f.Access(from(desk, "ses_1"), people, "contact")
			if err := f.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		look("con_1") // entry 4
		look("con_2", "con_3")
		f.clock.Advance(audit.KeepPlaces + time.Hour)
		look("con_1") // entry 6
		f.add(t, acme, 1)
		keep := dump(t, db)
		for _, c := range []struct{ name, sql, want string }{
			{"removed", "DELETE FROM access_places WHERE position = 6", "the place that entry 6 (aud_"},
			{"all removed", "DELETE FROM access_places", "the place that entry 4 (aud_"},
			{"changed", "UPDATE access_places SET place_sealed = (SELECT o.place_sealed FROM access_places o WHERE o.position = 4) WHERE position = 6", "the place that entry 6 (aud_"},
			{"added to an entry of before", "INSERT INTO access_places SELECT workspace_id, 3, place_sealed, created_at FROM access_places WHERE position = 4", "a place was added to entry 3"},
			{"added to a change", "INSERT INTO access_places SELECT workspace_id, 7, place_sealed, created_at FROM access_places WHERE position = 4", "a place was added to entry 7"},
			{"added to nothing", "INSERT INTO access_places SELECT workspace_id, 99, place_sealed, created_at FROM access_places WHERE position = 4", "1 places are of no entry"},
			{"another log's", "INSERT INTO access_places SELECT 'wsp_zzz', position, place_sealed, created_at FROM access_places WHERE position = 4", "wsp_zzz: 1 places are of no entry"},
			{"the entry's word of it", `UPDATE audit_entries SET details = '{"through":"contact","subjects":["con_1"]}' WHERE workspace_id = 'wsp_acme' AND position = 6`, "entry 6 (aud_"},
			{"the session", `UPDATE audit_entries SET details = replace(details, 'ses_1', 'ses_2') WHERE workspace_id = 'wsp_acme' AND position = 6`, "entry 6 (aud_"},
		} {
			tamper(t, db, c.sql)
			if findings, out := verify(t, db); len(findings) == 0 || !strings.Contains(out, c.want) {
				t.Errorf("%s: no finding says %q:\n%s", c.name, c.want, out)
			}
			if c.name == "changed" {
				if got := origins(t, f, "con_1")[0]; strings.Contains(got, "Firefox") {
					t.Errorf("a place that is not the entry's is shown: %s", got)
				}
				if err := f.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			restore(t, db, keep)
		}
		n, err := f.ForgetPlaces(t.Context(), f.clock.Now().Add(-audit.KeepPlaces), 100)
		if err != nil || n != 2 {
			t.Fatalf("%d were forgotten, want 2: %v", n, err)
		}
		if n, err = f.ForgetPlaces(t.Context(), f.clock.Now().Add(-audit.KeepPlaces), 100); err != nil || n != 0 {
			t.Errorf("again: %d, %v", n, err)
		}
		mustVerify(t, db)
		if diff := cmp.Diff([]string{"operator contact ses_1 192.0.2.0/24 Firefox Linux", "operator contact ses_1", "operator contact "}, origins(t, f, "con_1")); diff != "" {
			t.Errorf("what is left (-want +got):\n%s", diff)
		}
		tamper(t, db, "DELETE FROM access_places WHERE position = 6")
		if findings, _ := verify(t, db); len(findings) != 1 {
			t.Errorf("a younger place was removed: %v", findings)
		}
	})
}
