package segment

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// crowd writes rows of contacts and their attributes as whoever keeps them does, many
// at a time, for runs that are full, split and emptied.
type crowd struct {
	db        *storage.DB
	workspace string
	rng       *rand.Rand
	ids       []string
	last      int // of those who came behind all others
}

func newCrowd(db *storage.DB, workspace string, seed uint64) *crowd {
	return &crowd{db: db, workspace: workspace, rng: rand.New(rand.NewPCG(seed, 7))} //nolint:gosec // a test's choices
}

func (c *crowd) write(t testing.TB, fn func(tx *storage.Tx) error) {
	t.Helper()
	if err := c.db.Write(context.Background(), fn); err != nil {
		t.Error(err)
	}
}

// join adds people with ids from all over, or behind all others.
func (c *crowd) join(t testing.TB, n int, behind bool) {
	t.Helper()
	var ids []string
	for range n {
		id := fmt.Sprintf("con_%08x", c.rng.Uint32())
		if behind {
			c.last++
			id = fmt.Sprintf("con_x%08d", c.last)
		}
		ids = append(ids, id)
	}
	var people []any
	for _, id := range ids {
		people = append(people, c.workspace, id, []byte{1}, "api", 1, 1)
	}
	c.write(t, func(tx *storage.Tx) error {
		_, err := storage.InsertRows(tx, `INSERT INTO contacts (workspace_id, id, profile_sealed, source, created_at, updated_at) VALUES `, 6, people, "")
		if err != nil {
			return err
		}
		return c.give(tx, ids, false)
	})
	c.ids = append(c.ids, ids...)
}

// give writes anew what people have, who have something already or not.
func (c *crowd) give(tx *storage.Tx, ids []string, already bool) error {
	var values []any
	for _, id := range ids {
		if !already {
		} else if _, err := tx.Exec(`DELETE FROM contact_attributes WHERE workspace_id = $1 AND contact_id = $2`, c.workspace, id); err != nil {
			return err
		}
		if c.rng.IntN(3) > 0 {
			values = append(values, c.workspace, "plan", id, 0, []string{"free", "pro", "team"}[c.rng.IntN(3)], nil)
		}
		if c.rng.IntN(3) > 0 {
			values = append(values, c.workspace, "seats", id, 0, nil, float64(c.rng.IntN(40)))
		}
		if c.rng.IntN(5) == 0 {
			values = append(values, c.workspace, "bio", id, 0, strings.Repeat("so ", c.rng.IntN(40)), nil)
		}
		for item := range c.rng.IntN(3) {
			values = append(values, c.workspace, "teams", id, item, []string{"red", "blue"}[c.rng.IntN(2)], nil)
		}
		Changed(tx, c.workspace, id, "plan", "seats", "bio", "teams")
	}
	_, err := storage.InsertRows(tx, `INSERT INTO contact_attributes (workspace_id, key, contact_id, item, text_value, number_value) VALUES `, 6, values, "")
	return err
}

func (c *crowd) some(n int) []string {
	out := make([]string, 0, n)
	for range min(n, len(c.ids)) {
		out = append(out, c.ids[c.rng.IntN(len(c.ids))])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// change does one thing to some people.
func (c *crowd) change(t testing.TB) {
	t.Helper()
	some := c.some(1 + c.rng.IntN(30))
	switch c.rng.IntN(8) {
	case 0:
		c.join(t, 1+c.rng.IntN(600), false)
	case 1:
		c.join(t, 1+c.rng.IntN(1300), true)
	case 2:
		c.leave(t, some)
	case 3:
		slices.Sort(c.ids)
		from := c.rng.IntN(len(c.ids))
		c.leave(t, slices.Clone(c.ids[from:min(len(c.ids), from+1500)]))
	case 4:
		c.mark(t, some, []string{"deleted_at", "restricted_at", "merged_at"}[c.rng.IntN(3)])
	default:
		c.write(t, func(tx *storage.Tx) error { return c.give(tx, some, true) })
	}
}

func (c *crowd) leave(t testing.TB, ids []string) {
	t.Helper()
	c.write(t, func(tx *storage.Tx) error {
		for _, id := range ids {
			for table, column := range map[string]string{"contacts": "id", "contact_attributes": "contact_id"} {
				if _, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND `+column+` = $2`, c.workspace, id); err != nil {
					return err
				}
			}
			Changed(tx, c.workspace, id)
		}
		return nil
	})
	c.ids = slices.DeleteFunc(c.ids, func(id string) bool { return slices.Contains(ids, id) })
}

// mark hides people, or shows those who were hidden.
func (c *crowd) mark(t testing.TB, ids []string, column string) {
	t.Helper()
	set, value := column, "1"
	if column == "merged_at" {
		set, value = "merged_into", "'con_survivor'"
	}
	c.write(t, func(tx *storage.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec(`UPDATE contacts SET `+set+` = CASE WHEN `+set+` IS NULL THEN `+value+` END WHERE workspace_id = $1 AND id = $2`, c.workspace, id); err != nil {
				return err
			}
			Changed(tx, c.workspace, id)
		}
		return nil
	})
}

// ask draws a tree of conditions, and gives it with its SQL.
func (c *crowd) ask() *Predicate {
	p := &Predicate{Args: []any{c.workspace}}
	p.tree = c.tree(3)
	var b strings.Builder
	b.WriteString(Visible + " AND ")
	p.write(&b, p.tree)
	p.SQL = b.String()
	return p
}

func (c *crowd) tree(depth int) tree {
	if depth > 0 && c.rng.IntN(2) == 0 {
		group := make([]tree, 1+c.rng.IntN(3))
		for i := range group {
			group[i] = c.tree(depth - 1)
		}
		return tree{all: c.rng.IntN(2) == 0, group: group}
	}
	some := []Plain{{Key: "plan", Test: TextEqual, Text: "pro"}, {Key: "plan", Test: TextPrefix, Text: "t"}, {Key: "plan", Test: TextPart, Text: "r"}, {Key: "plan"},
		{Key: "seats", Test: NumberAbove, Number: 20}, {Key: "seats", Test: NumberAtMost, Number: 3}, {Key: "seats", Test: NumberEqual, Number: 7}, {Key: "teams", Test: TextEqual, Text: "red"},
		{Key: "teams"}, {Key: "bio", Test: TextPrefix, Text: "so so"}, {Key: "bio", Test: TextPart, Text: "o s"}, {Key: "bio", Test: TextEqual, Text: strings.Repeat("so ", 30)},
		{Key: "bio", Test: TextPart, Text: "nowhere"}, {Key: "nothing"}}
	one := some[c.rng.IntN(len(some))]
	q := Query{WorkspaceID: c.workspace, args: []any{c.workspace}}
	clause := one.Clause(&q)
	return tree{clause: clause, query: q, not: c.rng.IntN(3) == 0}
}

// everybody reads all rows, newest first.
func (c *crowd) everybody(t testing.TB) (ids []string, people map[string]*fullPerson) {
	t.Helper()
	people = map[string]*fullPerson{}
	err := c.db.Read(context.Background(), func(tx *storage.Tx) error {
		var err error
		if ids, err = scanIDs(tx.Query(`SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND `+Visible+` ORDER BY c.id DESC`, c.workspace)); err != nil {
			return err
		}
		rows, err := tx.Query(`SELECT contact_id, key, text_value, number_value FROM contact_attributes WHERE workspace_id = $1`, c.workspace)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, key string
			var text *string
			var number *float64
			if err := rows.Scan(&id, &key, &text, &number); err != nil {
				return err
			}
			p := people[id]
			if p == nil {
				p = &fullPerson{map[string][]string{}, map[string][]float64{}}
				people[id] = p
			}
			if text != nil {
				p.texts[key] = append(p.texts[key], *text)
			} else {
				p.numbers[key] = append(p.numbers[key], *number)
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids, people
}

type fullPerson struct {
	texts   map[string][]string
	numbers map[string][]float64
}

// meets says what a tree means, as plainly as can be.
func (p *fullPerson) meets(t tree) bool {
	if t.group == nil {
		c := t.clause.Plain
		return t.not != (p != nil && (slices.ContainsFunc(p.texts[c.Key], func(s string) bool { return meetsText(c, s) }) ||
			slices.ContainsFunc(p.numbers[c.Key], func(n float64) bool { return meetsNumber(c, n) })))
	}
	for _, sub := range t.group {
		if p.meets(sub) != t.all {
			return !t.all
		}
	}
	return t.all
}

// compare asks the runs, and looks at everybody.
func (c *crowd) compare(t testing.TB, s *Service, questions int) {
	t.Helper()
	all, people := c.everybody(t)
	for range questions {
		p := c.ask()
		want := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return !people[id].meets(p.tree) })
		err := c.db.Read(context.Background(), func(tx *storage.Tx) error {
			n, err := s.count(tx, p)
			if err != nil || int(n) != len(want) {
				t.Fatalf("counted %d, want %d (%v): %s %v", n, len(want), err, p.SQL, p.Args)
			}
			before, limit := "con_~", 1+c.rng.IntN(2000)
			if len(want) > 0 && c.rng.IntN(2) == 0 {
				at := c.rng.IntN(len(want))
				before, want = want[at], want[at+1:]
			}
			got, err := s.Members(tx, p, before, limit)
			if err != nil || !slices.Equal(got, want[:min(limit, len(want))]) {
				t.Fatalf("%d people, want %d (%v): %s %v", len(got), min(limit, len(want)), err, p.SQL, p.Args)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (c *crowd) verify(t testing.TB) {
	t.Helper()
	if err := c.db.Read(context.Background(), func(tx *storage.Tx) error { return Verify(tx, c.workspace) }); err != nil {
		t.Fatal(err)
	}
}

// Thousands of people in two workspaces come, change and go; runs fill, split and
// empty, and are made anew in between. They always say what the rows say.
func TestRunsSayWhatTheRowsSay(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		s := New(Deps{DB: db, Clock: clock.System{}})
		for seed := range uint64(2) {
			crowds := []*crowd{newCrowd(db, fmt.Sprintf("wsp_%d", seed), seed), newCrowd(db, fmt.Sprintf("wsp_%d_other", seed), seed)}
			for _, c := range crowds {
				c.join(t, 1200, seed == 0)
			}
			for round := range 10 {
				c := crowds[round%2]
				if round%7 == 5 {
					c.write(t, func(tx *storage.Tx) error { return MakeAnew(tx, c.workspace) })
				}
				c.change(t)
				if round%3 == 0 {
					if _, err := s.MakeRuns(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				c.compare(t, s, 8)
				c.verify(t)
			}
		}
	})
}

var errStop = errors.New("the transaction ends here")

// What a transaction changed and took back is in no run, whoever committed with it.
func TestRunsGoWithTheirTransaction(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		c := newCrowd(db, "wsp_1", 1)
		c.join(t, 50, false)
		var all sync.WaitGroup
		for i := range 20 {
			some := c.ids[i : i+1]
			all.Go(func() {
				err := db.Write(context.Background(), func(tx *storage.Tx) error {
					if _, err := tx.Exec(`DELETE FROM contact_attributes WHERE workspace_id = $1 AND contact_id = $2`, c.workspace, some[0]); err != nil {
						return err
					}
					Changed(tx, c.workspace, some[0], "plan", "seats", "bio", "teams")
					if i%2 == 0 {
						return errStop
					}
					return nil
				})
				if (err != nil) != (i%2 == 0) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		c.verify(t)
	})
}

// Runs that cannot be read stop nobody: the rows answer, and the runs are made anew.
func TestBrokenRunsAreMadeAnew(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		s := New(Deps{DB: db, Clock: clock.System{}})
		c := newCrowd(db, "wsp_1", 1)
		for _, breaks := range []string{`UPDATE contact_columns SET data = $1`, `UPDATE contact_runs SET ids = $1`, `UPDATE contact_runs SET visible = $1`} {
			c.join(t, 100, false)
			for _, notice := range map[string]func(){
				"counting": func() {
					c.compare(t, s, 20)
				},
				"writing": func() { c.write(t, func(tx *storage.Tx) error { return c.give(tx, c.ids, true) }) },
			} {
				c.write(t, func(tx *storage.Tx) error { _, err := tx.Exec(breaks, slices.Repeat([]byte{255}, 300)); return err })
				notice()
				for more := true; more; {
					var err error
					if more, err = s.MakeRuns(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				c.verify(t)
			}
		}
	})
}

// Many write at once, while the runs are made.
func TestRunsAreMadeWhileManyWrite(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		s := New(Deps{DB: db, Clock: clock.System{}})
		c := newCrowd(db, "wsp_1", 1)
		c.join(t, 3000, false)
		c.write(t, func(tx *storage.Tx) error { return MakeAnew(tx, c.workspace) })
		var all sync.WaitGroup
		for i := range 8 {
			mine := newCrowd(db, c.workspace, uint64(i)+10)
			mine.ids = slices.Clone(c.ids[i*300 : (i+1)*300])
			all.Go(func() {
				for range 6 {
					mine.join(t, 3, false)
					mine.mark(t, mine.some(3), "deleted_at")
					mine.leave(t, mine.some(2))
					mine.write(t, func(tx *storage.Tx) error { return mine.give(tx, mine.some(5), true) })
				}
			})
		}
		all.Go(func() {
			for more := true; more; {
				var err error
				if more, err = s.MakeRuns(context.Background()); err != nil {
					t.Error(err)
					return
				}
			}
		})
		all.Wait()
		c.verify(t)
		var n int
		err := db.Read(t.Context(), func(tx *storage.Tx) error {
			return tx.QueryRow(`SELECT COUNT(*) FROM contact_runs`).Scan(&n)
		})
		if err != nil || n < 3 {
			t.Fatalf("%d runs (%v)", n, err)
		}
	})
}
