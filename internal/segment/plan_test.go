package segment_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// explain gives a statement's plan, with rows enough that PostgreSQL prefers an
// index wherever one fits.
func explain(t *testing.T, db *storage.DB, query string, args ...any) string {
	t.Helper()
	how := "EXPLAIN QUERY PLAN "
	if db.Engine() == storage.Postgres {
		how = "EXPLAIN "
	}
	var plan strings.Builder
	err := db.Read(t.Context(), func(tx *storage.Tx) error {
		if db.Engine() == storage.Postgres {
			if _, err := tx.Exec("SET LOCAL enable_seqscan = off"); err != nil {
				return err
			}
		}
		rows, err := tx.Query(how+query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		for rows.Next() {
			if err := rows.Scan(values...); err != nil {
				return err
			}
			fmt.Fprintln(&plan, *values[len(values)-1].(*any))
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan.String()
}

// No statement that finds people walks a table from one end to the other.
func TestNothingIsScanned(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		m := newModel(t, db)
		var parts []segment.Filter
		for _, f := range []segment.Filter{
			{Field: "attributes.plan", Op: "is", Value: "pro"}, {Field: "attributes.seats", Op: "above", Value: 50.0}, {Field: "attributes.teams", Op: "not_contains", Value: "red"},
			{Field: "attributes.nick", Op: "starts_with", Value: "pr"}, {Field: "profile.email", Op: "is", Value: "ada@x.example"}, {Field: "profile.name", Op: "starts_with", Value: "ada by"},
			{Field: "profile.external_id", Op: "is", Value: "7"},
		} {
			parts = append(parts, f)
			p, err := m.Segments.Compile(m.Ctx(t), m.Workspace.ID, f)
			if err != nil {
				t.Fatal(err)
			}
			if query, args := segment.SetOf(p); query != "" {
				notScanned(t, explain(t, db, query, args...), f.Field)
			}
		}
		p, err := m.Segments.Compile(m.Ctx(t), m.Workspace.ID, segment.Filter{All: parts})
		if err != nil {
			t.Fatal(err)
		}
		n := len(p.Args)
		notScanned(t, explain(t, db, fmt.Sprintf(`SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND %s AND c.id IN ($%d, $%d) ORDER BY c.id DESC`, p.SQL, n+1, n+2),
			append(p.Args, "con_1", "con_2")...), "a page of candidates")
		notScanned(t, explain(t, db, fmt.Sprintf(`SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND %s AND c.id < $%d ORDER BY c.id DESC LIMIT 5`, p.SQL, n+1),
			append(p.Args, "con_2")...), "a page of a walk")
		for what, one := range segment.RunQueries(db.Engine()) {
			plan := explain(t, db, one.Query, one.Args...)
			notScanned(t, plan, what)
			if !strings.Contains(plan, one.By) {
				t.Errorf("%s does not go by its index:\n%s", what, plan)
			}
		}
	})
}

func notScanned(t *testing.T, plan, what string) {
	t.Helper()
	for line := range strings.Lines(plan) {
		if strings.Contains(line, "Seq Scan") || strings.Contains(line, "SCAN") && !strings.Contains(line, "CONSTANT") {
			t.Errorf("%s scans:\n%s", what, plan)
			return
		}
	}
}
