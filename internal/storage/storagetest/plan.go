package storagetest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/storage"
)

// Plan gives the engine's own description of how it would run a query, one
// step a line. PostgreSQL is told to avoid reading whole tables, which it
// otherwise prefers while they are small.
func Plan(t testing.TB, db *storage.DB, query string, args ...any) string {
	t.Helper()
	var lines []string
	onPlanner(t, db, func(ctx context.Context, conn *sql.Conn) error {
		if db.Engine() == storage.SQLite {
			steps, err := sqliteSteps(ctx, conn, query, args)
			lines = steps
			return err
		}
		rows, err := conn.QueryContext(ctx, "EXPLAIN (COSTS OFF) "+query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return rows.Err()
	})
	return strings.Join(lines, "\n")
}

// UsesIndex fails the test if a query would read a whole table, or a whole
// index from end to end, on db's engine.
func UsesIndex(t testing.TB, db *storage.DB, query string, args ...any) {
	t.Helper()
	var scans []string
	onPlanner(t, db, func(ctx context.Context, conn *sql.Conn) error {
		if db.Engine() == storage.SQLite {
			steps, err := sqliteSteps(ctx, conn, query, args)
			if err != nil {
				return err
			}
			scans, err = sqliteScans(ctx, conn, query, steps)
			return err
		}
		var err error
		scans, err = postgresScans(ctx, conn, query, args)
		return err
	})
	if len(scans) > 0 {
		t.Errorf("the query reads all of %s on %s:\n%s\nplan:\n%s",
			strings.Join(scans, ", "), db.Engine(), query, Plan(t, db, query, args...))
	}
}

// onPlanner lends a connection whose planner settings are its own.
func onPlanner(t testing.TB, db *storage.DB, fn func(context.Context, *sql.Conn) error) {
	t.Helper()
	ctx := context.Background()
	conn, err := db.SQL().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if db.Engine() == storage.Postgres {
		if _, err := conn.ExecContext(ctx, "SET enable_seqscan = off"); err != nil {
			t.Fatal(err)
		}
		defer conn.ExecContext(ctx, "RESET enable_seqscan")
	}
	if err := fn(ctx, conn); err != nil {
		t.Fatalf("explaining a query: %v", err)
	}
}

func sqliteSteps(ctx context.Context, conn *sql.Conn, query string, args []any) ([]string, error) {
	rows, err := conn.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		steps = append(steps, detail)
	}
	return steps, rows.Err()
}

var (
	sqliteScan = regexp.MustCompile(`^SCAN (\S+)`)
	// A scan of a virtual table that was given a condition.
	sqliteVirtual = regexp.MustCompile(`VIRTUAL TABLE INDEX \d+:.`)
)

// sqliteScans gives the tables that are read from end to end. What a query
// makes itself, such as a common table expression, may be.
func sqliteScans(ctx context.Context, conn *sql.Conn, query string, steps []string) ([]string, error) {
	var scans []string
	for _, step := range steps {
		m := sqliteScan.FindStringSubmatch(step)
		if m == nil || sqliteVirtual.MatchString(step) {
			continue
		}
		table, err := tableCalled(ctx, conn, query, m[1])
		if err != nil {
			return nil, err
		}
		if table != "" {
			scans = append(scans, table)
		}
	}
	return scans, nil
}

// tableCalled gives the table that a query calls by a name, or "" if the name
// is not that of a stored table.
func tableCalled(ctx context.Context, conn *sql.Conn, query, name string) (string, error) {
	rows, err := conn.QueryContext(ctx, "SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return "", err
		}
		alias := `(?i)\b` + regexp.QuoteMeta(table) + `\s+(AS\s+)?` + regexp.QuoteMeta(name) + `\b`
		if table == name || regexp.MustCompile(alias).MatchString(query) {
			return table, nil
		}
	}
	return "", rows.Err()
}

// node is what we read of a step in PostgreSQL's plan.
type node struct {
	Type     string `json:"Node Type"`
	Relation string `json:"Relation Name"`
	Index    string `json:"Index Name"`
	Cond     string `json:"Index Cond"`
	Plans    []node `json:"Plans"`
}

func postgresScans(ctx context.Context, conn *sql.Conn, query string, args []any) ([]string, error) {
	var raw []byte
	if err := conn.QueryRowContext(ctx, "EXPLAIN (FORMAT JSON) "+query, args...).Scan(&raw); err != nil {
		return nil, err
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal(raw, &plans); err != nil {
		return nil, err
	}
	leading := func(index string) (column string, err error) {
		err = conn.QueryRowContext(ctx, leadingColumn, index).Scan(&column)
		if errors.Is(err, sql.ErrNoRows) { // it begins with an expression
			err = nil
		}
		return column, err
	}
	var scans []string
	for _, p := range plans {
		found, err := p.Plan.scans(leading)
		if err != nil {
			return nil, err
		}
		scans = append(scans, found...)
	}
	return scans, nil
}

const leadingColumn = `SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
	WHERE i.indexrelid = $1::regclass`

// scans gives the tables and indexes that are read from end to end. A condition
// that says nothing about an index's first column does not shorten the walk.
func (n node) scans(leading func(index string) (string, error)) ([]string, error) {
	var scans []string
	switch n.Type {
	case "Seq Scan", "Parallel Seq Scan":
		scans = append(scans, n.Relation)
	case "Index Scan", "Index Only Scan", "Bitmap Index Scan":
		column, err := leading(n.Index)
		if err != nil {
			return nil, err
		}
		if n.Cond == "" || !strings.Contains(n.Cond, column) {
			scans = append(scans, n.Index)
		}
	}
	for _, child := range n.Plans {
		more, err := child.scans(leading)
		if err != nil {
			return nil, err
		}
		scans = append(scans, more...)
	}
	return scans, nil
}

// Narrow is UsesIndex for what is done with every write: on SQLite, where an index
// that leads with the workspace counts as used, the query must not read all that a
// workspace has in a table either.
func Narrow(t testing.TB, db *storage.DB, query string, args ...any) {
	t.Helper()
	UsesIndex(t, db, query, args...)
	if db.Engine() != storage.SQLite {
		return
	}
	for step := range strings.Lines(Plan(t, db, query, args...)) {
		if strings.Contains(step, "(workspace_id=?)") {
			t.Errorf("the query reads all of a workspace:\n%s\nplan: %s", query, step)
		}
	}
}
