package audit_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// history fills a log: entries 0 to 9, a checkpoint of size 10, reads 10 to 12 of
// which 10 is of three people, changes 13 to 19, and no checkpoint after.
func history(t testing.TB, f *fixture) {
	t.Helper()
	f.add(t, acme, 10)
	if _, err := f.Checkpoint(context.Background(), acme); err != nil {
		t.Fatal(err)
	}
	for i, people := range [][]string{{"con_1", "con_2", "con_3"}, {"con_1"}, {"con_4"}} {
		f.Access(as(acme, fmt.Sprintf("opr_%d", i)), people, "contact")
		if err := f.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	f.add(t, acme, 7)
	f.add(t, other, 3)
}

// tamper runs statements as somebody would who holds the database but not the key.
func tamper(t testing.TB, db *storage.DB, statements ...string) {
	t.Helper()
	err := db.Write(context.Background(), func(tx *storage.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

const (
	inAcme = ` WHERE workspace_id = 'wsp_acme' AND position `
	set    = `UPDATE audit_entries SET `
)

// moved moves rows by way of far away, as positions must stay distinct.
func moved(which string, by int) []string {
	return []string{
		fmt.Sprintf(set+`position = position + 1000000`+inAcme+"%s", which),
		fmt.Sprintf(set+`position = position - 1000000 + %d`+inAcme+">= 1000000", by),
	}
}

func TestTamperingIsFound(t *testing.T) {
	changed := func(column, value string) []string {
		return []string{set + column + " = " + value + inAcme + "= 4"}
	}
	all := func(parts ...[]string) (out []string) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	cases := []struct {
		name string
		sql  []string
		want string // expression that one finding must match
	}{
		{"id", changed("id", "'aud_x'"), `entry 4 \(aud_x\) was changed`},
		{"id that holds something personal", changed("id", "'Ada Lovelace'"), `entry 4 \(whose id was changed\) was changed`},
		{"actor's type", changed("actor_type", "'system'"), `entry 4 \(aud_\w+\) was changed`},
		{"actor's id", changed("actor_id", "'opr_eve'"), `entry 4 \(aud_\w+\) was changed`},
		{"area", changed("area", "'access'"), `area of entry 4 \(aud_\w+\) was changed`},
		{"action", changed("action", "'contact.created'"), `entry 4 \(aud_\w+\) was changed`},
		{"target's type", changed("target_type", "'x'"), `entry 4 \(aud_\w+\) was changed`},
		{"target's id", changed("target_id", "'con_x'"), `entry 4 \(aud_\w+\) was changed`},
		{"details", changed("details", "'{}'"), `entry 4 \(aud_\w+\) was changed`},
		{"time", changed("occurred_at", "occurred_at + 1"), `entry 4 \(aud_\w+\) was changed`},
		{"text from one column to the next", changed("actor_id", "'opr_adacontact'"), `entry 4 \(aud_\w+\) was changed`},
		{"an access's people", []string{set + `details = '{"through":"contact","subjects":["con_1","con_2"]}'` + inAcme + "= 10"},
			`entry 10 \(aud_\w+\) was changed`},
		{"hashes", []string{set + "hashes = (SELECT hashes FROM audit_entries" + inAcme + "= 6)" + inAcme + "= 4"}, `entry 4 \(aud_\w+\) was changed`},
		{"too few hashes", []string{set + "hashes = (SELECT hashes FROM audit_entries" + inAcme + "= 6)" + inAcme + "= 5"},
			`stored hashes of entry 5 \(aud_\w+\) were changed`},
		{"workspace", []string{"UPDATE audit_entries SET workspace_id = 'wsp_x'" + inAcme + "= 4"}, `wsp_acme: entry 4 was removed`},
		{"position", []string{set + "position = 99" + inAcme + "= 4"}, `wsp_acme: entry 4 was removed`},

		{"the first removed", []string{"DELETE FROM audit_entries" + inAcme + "= 0"}, `entry 0 was removed`},
		{"a middle one removed", []string{"DELETE FROM audit_entries" + inAcme + "= 7"}, `entry 7 was removed`},
		{"some removed", []string{"DELETE FROM audit_entries" + inAcme + "BETWEEN 7 AND 9"}, `entries 7 to 9 were removed`},
		{"the last removed", []string{"DELETE FROM audit_entries" + inAcme + "= 19"}, `the last 1 entries, from 19 on, were removed`},
		{"a middle one removed, the rest moved up", all([]string{"DELETE FROM audit_entries" + inAcme + "= 7"}, moved("> 7", -1)),
			`1 entries before aud_\w+, which was written as entry 8 and now stands at 7, were removed`},
		{"the last but one removed, the last moved up", all([]string{"DELETE FROM audit_entries" + inAcme + "= 18"}, moved("= 19", -1)),
			`1 entries before aud_\w+, which was written as entry 19 and now stands at 18, were removed`},
		{"one inserted at the end", []string{insertCopy("3", "20")}, `1 entries, from 20 on, stand behind the log's end`},
		{"one inserted in the middle", all(moved(">= 7", 1), []string{insertCopy("3", "7")}),
			`1 entries before aud_\w+, which was written as entry 7 and now stands at 8, were inserted`},
		{"contents exchanged", exchanged("id", "target_id", "occurred_at"), `entries 3 and 6 were exchanged`},
		{"rows exchanged", []string{set + "position = 100" + inAcme + "= 3", set + "position = 3" + inAcme + "= 6", set + "position = 6" + inAcme + "= 100"},
			`the order was changed: aud_\w+ was written as entry 6 and now stands at 3`},
		{"neighbours exchanged", []string{set + "position = 100" + inAcme + "= 3", set + "position = 3" + inAcme + "= 4", set + "position = 4" + inAcme + "= 100"},
			`the order was changed: aud_\w+ was written as entry 3 and now stands at 4`},
		{"all after a checkpoint removed", []string{"DELETE FROM audit_entries" + inAcme + ">= 10"}, `the last 10 entries, from 10 on, were removed`},
		{"a checkpoint's entries removed, and the end moved", []string{"DELETE FROM audit_entries" + inAcme + ">= 8", "UPDATE audit_trees SET size = 8 WHERE workspace_id = 'wsp_acme'"},
			`1 checkpoints are of more entries than there are: the newest says 10, and 8 are left`},
		{"all entries removed", []string{"DELETE FROM audit_entries WHERE workspace_id = 'wsp_acme'"}, `the last 20 entries, from 0 on, were removed`},
		{"the whole log removed", []string{"DELETE FROM audit_entries WHERE workspace_id = 'wsp_acme'", "DELETE FROM audit_trees WHERE workspace_id = 'wsp_acme'",
			"DELETE FROM audit_checkpoints WHERE workspace_id = 'wsp_acme'", "DELETE FROM access_subjects WHERE workspace_id = 'wsp_acme'"},
			`installation: entry 0 says that the log of wsp_acme was begun, and it is gone`},
		{"the installation's log removed", []string{"DELETE FROM audit_entries WHERE workspace_id = ''", "DELETE FROM audit_trees WHERE workspace_id = ''"},
			`wsp_acme: the installation's log does not say that this log was begun`},

		{"the end's row removed", []string{"DELETE FROM audit_trees WHERE workspace_id = 'wsp_acme'"}, `the row that says where the log ends was removed`},
		{"the end's size", []string{"UPDATE audit_trees SET size = 30 WHERE workspace_id = 'wsp_acme'"}, `the last 10 entries, from 20 on, were removed`},
		{"the end's edge", []string{"UPDATE audit_trees SET edge = (SELECT hashes FROM audit_entries" + inAcme + "= 5) WHERE workspace_id = 'wsp_acme'"},
			`the end of the log is not signed`},
		{"the end's signature", []string{"UPDATE audit_trees SET signature = (SELECT signature FROM audit_trees WHERE workspace_id = 'wsp_other') WHERE workspace_id = 'wsp_acme'"},
			`the end of the log is not signed`},

		{"a checkpoint's text", []string{"UPDATE audit_checkpoints SET note = replace(note, 'time 1', 'time 2') WHERE workspace_id = 'wsp_acme'"},
			`the checkpoint of size 10 is not signed`},
		{"a checkpoint's size", []string{"UPDATE audit_checkpoints SET size = 9 WHERE workspace_id = 'wsp_acme'"}, `the row of the checkpoint of size 9 does not say what was signed`},
		{"a checkpoint's time", []string{"UPDATE audit_checkpoints SET created_at = 1 WHERE workspace_id = 'wsp_acme'"},
			`the row of the checkpoint of size 10 does not say what was signed`},
		{"another log's checkpoint", []string{"UPDATE audit_checkpoints SET workspace_id = 'wsp_other', size = 3"},
			`wsp_other: the row of the checkpoint of size 3 does not say what was signed`},

		{"a person taken from a read", []string{"DELETE FROM access_subjects WHERE contact_id = 'con_2'"},
			`entry 10 was about con_2, and the table of whom reads concern does not have it`},
		{"a person added to a read", []string{"INSERT INTO access_subjects (workspace_id, contact_id, position) VALUES ('wsp_acme', 'con_9', 10)"},
			`says that entry 10 was about con_9, and the entry does not`},
		{"a read given to another person", []string{"UPDATE access_subjects SET contact_id = 'con_5' WHERE contact_id = 'con_4'"},
			`entry 12 was about con_4, and the table of whom reads concern does not have it`},
		{"a read that is none", []string{"INSERT INTO access_subjects (workspace_id, contact_id, position) VALUES ('wsp_zzz', 'con_9', 0)"},
			`wsp_zzz: the table of whom reads concern says that entry 0 was about con_9`},
	}
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		history(t, f)
		mustVerify(t, db)
		keep := dump(t, db)
		for _, c := range cases {
			tamper(t, db, c.sql...)
			findings, out := verify(t, db)
			if !regexp.MustCompile(c.want).MatchString(strings.Join(findings, "\n")) {
				t.Errorf("%s: no finding matches %q:\n%s", c.name, c.want, out)
			}
			if len(findings) > 8 {
				t.Errorf("%s: %d findings for one thing:\n%s", c.name, len(findings), out)
			}
			if strings.Contains(out, "Lovelace") {
				t.Errorf("%s: the output repeats what stands in a row:\n%s", c.name, out)
			}
			restore(t, db, keep)
		}
		mustVerify(t, db)
	})
}

// insertCopy inserts a copy of an entry, under another id.
func insertCopy(of, at string) string {
	return `INSERT INTO audit_entries SELECT workspace_id, ` + at + `, 'aud_false', actor_type, actor_id, area, action, target_type, target_id, details, occurred_at, hashes
		FROM audit_entries` + inAcme + "= " + of
}

// exchanged exchanges columns of entries 3 and 6.
func exchanged(columns ...string) []string {
	sql := []string{"CREATE TEMP TABLE aside AS SELECT * FROM audit_entries" + inAcme + "IN (3, 6)"}
	for _, c := range columns {
		sql = append(sql, set+c+" = (SELECT o."+c+" FROM aside o WHERE o.position = 9 - audit_entries.position)"+inAcme+"IN (3, 6)")
	}
	return append(sql, "DROP TABLE aside")
}

var auditTables = map[string]int{"audit_entries": 12, "audit_trees": 4, "audit_checkpoints": 4, "access_subjects": 3, "access_places": 4}

// dump keeps the rows of the log's tables.
func dump(t testing.TB, db *storage.DB) map[string][]any {
	t.Helper()
	kept := map[string][]any{}
	err := db.Read(context.Background(), func(tx *storage.Tx) error {
		for table, columns := range auditTables {
			rows, err := tx.Query("SELECT * FROM " + table)
			if err != nil {
				return err
			}
			for rows.Next() {
				values, at := make([]any, columns), make([]any, columns)
				for i := range values {
					at[i] = &values[i]
				}
				if err := rows.Scan(at...); err != nil {
					return err
				}
				kept[table] = append(kept[table], values...)
			}
			if err := rows.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func restore(t testing.TB, db *storage.DB, kept map[string][]any) {
	t.Helper()
	err := db.Write(context.Background(), func(tx *storage.Tx) error {
		for table, columns := range auditTables {
			if _, err := tx.Exec("DELETE FROM " + table); err != nil {
				return err
			}
			if _, err := storage.InsertRows(tx, "INSERT INTO "+table+" VALUES ", columns, kept[table], ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAFalseEndIsNotBuiltUpon goes on after a forgery: what is appended must not
// make it good, also not by the process that knows the end it wrote itself.
func TestAFalseEndIsNotBuiltUpon(t *testing.T) {
	end := "UPDATE audit_trees SET %s WHERE workspace_id = 'wsp_acme'"
	cases := []struct {
		name     string
		sql      []string
		unsigned bool // the end is there and false: it gets no checkpoint
	}{
		{"row removed", []string{"DELETE FROM audit_trees WHERE workspace_id = 'wsp_acme'"}, false},
		{"the last removed, and the row", []string{"DELETE FROM audit_entries" + inAcme + "= 20", "DELETE FROM audit_trees WHERE workspace_id = 'wsp_acme'"}, false},
		{"size that does not fit the edge", []string{fmt.Sprintf(end, "size = 4")}, true},
		{"size that fits the edge", []string{fmt.Sprintf(end, "size = 19")}, true},
		{"edge", []string{"UPDATE audit_entries SET details = '{}'" + inAcme + "= 20", fmt.Sprintf(end, "edge = (SELECT hashes FROM audit_entries"+inAcme+"= 3)")}, true},
		{"signature removed", []string{fmt.Sprintf(end, "signature = ''")}, true},
	}
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		history(t, f)
		for _, c := range cases {
			keep := dump(t, db)
			f.add(t, acme, 1) // 21 entries: three hashes at the edge, as 19 have, and entry 3 completes
			tamper(t, db, c.sql...)
			if c.unsigned {
				if _, err := f.Checkpoint(t.Context(), acme); err == nil {
					t.Errorf("%s: a checkpoint was signed", c.name)
				}
			}
			f.add(t, acme, 3)
			if _, err := f.Checkpoint(t.Context(), acme); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			findings, out := verify(t, db)
			if !strings.Contains(strings.Join(findings, "\n"), "says that the end of the log before it was not signed by this installation") {
				t.Errorf("%s: appending made it good:\n%s", c.name, out)
			}
			restore(t, db, keep)
		}
	})
}

// TestAnOlderCopyIsFoundByACheckpointKeptElsewhere puts the whole database back.
func TestAnOlderCopyIsFoundByACheckpointKeptElsewhere(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		f.add(t, acme, 5)
		older := dump(t, db)
		f.add(t, acme, 3)
		c, err := f.Checkpoint(t.Context(), acme)
		if err != nil {
			t.Fatal(err)
		}
		f.add(t, acme, 2)
		if findings, out := verify(t, db, c.Note); len(findings) > 0 {
			t.Errorf("a true checkpoint does not fit:\n%s", out)
		}
		restore(t, db, older)
		mustVerify(t, db) // it was true once
		findings, _ := verify(t, db, c.Note)
		if want := "wsp_acme: a checkpoint kept elsewhere says that there were 8 entries; 5 are left"; strings.Join(findings, "\n") != want {
			t.Errorf("findings = %q, want %q", findings, want)
		}
		// Another history of the same length.
		f.add(t, acme, 5)
		if findings, out := verify(t, db, c.Note); len(findings) != 1 || !strings.Contains(out, "kept elsewhere does not fit") {
			t.Errorf("another history passes:\n%s", out)
		}
		restore(t, db, map[string][]any{})
		if findings, _ := verify(t, db, c.Note); len(findings) != 1 || !strings.Contains(findings[0], "the log is gone") {
			t.Errorf("an empty database passes: %v", findings)
		}
		if err := audit.Verify(t.Context(), db, key(t), &strings.Builder{}, "not a note"); err == nil {
			t.Error("Verify took something else for a checkpoint")
		}
	})
}

func TestCheckpoints(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		empty, err := f.Checkpoint(t.Context(), acme)
		if err != nil || empty.Size != 0 {
			t.Fatalf("of nothing: %+v, %v", empty, err)
		}
		var taken []audit.Checkpoint
		for range 9 {
			f.add(t, acme, 3)
			c, err := f.Checkpoint(t.Context(), acme)
			if err != nil {
				t.Fatal(err)
			}
			taken = append(taken, c)
			again, err := f.Checkpoint(t.Context(), acme)
			if err != nil || again != c {
				t.Errorf("a second one of the same size: %+v, %v", again, err)
			}
			n, err := note.Open([]byte(c.Note), note.VerifierList(verifier(t)))
			if err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("botimum/audit/wsp_acme\n%d\n%s\ntime %d\n", c.Size, c.Root, f.clock.Now().UnixMicro())
			if n.Text != want {
				t.Errorf("text = %q, want %q", n.Text, want)
			}
		}
		for i, a := range taken {
			for _, b := range taken[i:] {
				proof, err := f.Prove(t.Context(), acme, a.Size, b.Size)
				if err != nil {
					t.Fatal(err)
				}
				if err := tlog.CheckTree(proof, b.Size, b.Root, a.Size, a.Root); err != nil {
					t.Errorf("from %d to %d: %v", a.Size, b.Size, err)
				}
			}
		}
		mustVerify(t, db)
	})
}
