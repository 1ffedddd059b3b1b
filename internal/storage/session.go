package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strconv"
	"strings"
)

// maxStatements bounds a connection's cache of prepared statements. Past it
// all are dropped and the busy ones come back by themselves.
const maxStatements = 1024

// session is one SQLite connection with the statements prepared on it. It
// belongs to one goroutine at a time.
//
// Queries go through database/sql, for its Rows. Everything else is handed to
// the driver's own statements, which halves what a small write costs. No
// statement runs with a cancellable context: the driver would start a goroutine
// to watch it.
type session struct {
	conn    *sql.Conn
	queries map[string]*sql.Stmt
	execs   map[string]driver.StmtExecContext
	values  []driver.NamedValue // arguments of the statement being run
}

func newSession(ctx context.Context, pool *sql.DB) (*session, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &session{
		conn:    conn,
		queries: make(map[string]*sql.Stmt),
		execs:   make(map[string]driver.StmtExecContext),
	}, nil
}

// exec runs a statement and gives the number of changed rows.
func (s *session) exec(query string, args []any) (n int64, err error) {
	s.values = s.values[:0]
	for i, arg := range args {
		v, err := toDriver(arg)
		if err != nil {
			return 0, err
		}
		s.values = append(s.values, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	err = s.conn.Raw(func(raw any) error {
		stmt, err := s.prepareExec(raw.(driver.ConnPrepareContext), query)
		if err != nil {
			return err
		}
		result, err := stmt.ExecContext(context.Background(), s.values)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n, err
}

// toDriver converts an argument as database/sql does, the usual types first.
func toDriver(arg any) (driver.Value, error) {
	switch v := arg.(type) {
	case nil, string, int64, []byte:
		return v, nil
	case int:
		return int64(v), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(arg)
}

func (s *session) prepareExec(raw driver.ConnPrepareContext, query string) (driver.StmtExecContext, error) {
	if stmt := s.execs[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := raw.PrepareContext(context.Background(), positional(query))
	if err != nil {
		return nil, err
	}
	if len(s.execs) >= maxStatements {
		s.closeExecs()
	}
	s.execs[query] = stmt.(driver.StmtExecContext)
	return s.execs[query], nil
}

// positional writes ? for each $N, where $1, $2, … stand in a text once each and in
// this order: SQLite then gives them the same numbers. It keeps a list of names
// for others, which is read from its start for each argument that is bound, and
// that is slow for an INSERT of many rows. Any other text is given as it is.
func positional(query string) string {
	var b strings.Builder
	quoted, next, rest := false, 1, query
	for {
		i := strings.IndexAny(rest, "'$")
		if i < 0 {
			return b.String() + rest
		}
		if rest[i] == '\'' {
			quoted = !quoted
			b.WriteString(rest[:i+1])
			rest = rest[i+1:]
			continue
		}
		number := strconv.Itoa(next)
		after, found := strings.CutPrefix(rest[i+1:], number)
		if !found || quoted || after != "" && '0' <= after[0] && after[0] <= '9' {
			return query
		}
		b.WriteString(rest[:i])
		b.WriteByte('?')
		rest = after
		next++
	}
}

func (s *session) prepareQuery(query string) (*sql.Stmt, error) {
	if stmt := s.queries[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(context.Background(), positional(query))
	if err != nil {
		return nil, err
	}
	if len(s.queries) >= maxStatements {
		s.forgetQueries()
	}
	s.queries[query] = stmt
	return stmt, nil
}

func (s *session) query(query string, args []any) (*sql.Rows, error) {
	stmt, err := s.prepareQuery(query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(context.Background(), args...)
}

func (s *session) queryRow(query string, args []any) *sql.Row {
	stmt, err := s.prepareQuery(query)
	if err != nil {
		// A Row that carries the error can only be had by asking again.
		return s.conn.QueryRowContext(context.Background(), query, args...)
	}
	return stmt.QueryRowContext(context.Background(), args...)
}

func (s *session) refuse() *sql.Row {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return s.conn.QueryRowContext(ctx, "SELECT 1")
}

// control runs BEGIN, COMMIT and their kin.
func (s *session) control(statement string) error {
	_, err := s.exec(statement, nil)
	return err
}

// closeExecs runs inside Raw, which holds the connection.
func (s *session) closeExecs() {
	for _, stmt := range s.execs {
		_ = stmt.(driver.Stmt).Close() // it reports how the last run went
	}
	clear(s.execs)
}

func (s *session) forgetQueries() {
	for _, stmt := range s.queries {
		stmt.Close()
	}
	clear(s.queries)
}

func (s *session) close() error {
	_ = s.conn.Raw(func(any) error { s.closeExecs(); return nil })
	s.forgetQueries()
	return s.conn.Close()
}
