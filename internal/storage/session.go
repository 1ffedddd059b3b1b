package storage

import (
	"context"
	"database/sql"
)

// maxStatements bounds a connection's cache of prepared statements. Past it
// all are dropped and the busy ones come back by themselves.
const maxStatements = 1024

// session is one SQLite connection with the statements prepared on it. It
// belongs to one goroutine at a time. Statements run without a cancellable
// context: the driver would start a goroutine to watch it for each of them.
type session struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func newSession(ctx context.Context, pool *sql.DB) (*session, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &session{conn: conn, stmts: make(map[string]*sql.Stmt)}, nil
}

func (s *session) prepare(query string) (*sql.Stmt, error) {
	if stmt := s.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	if len(s.stmts) >= maxStatements {
		s.forget()
	}
	s.stmts[query] = stmt
	return stmt, nil
}

func (s *session) forget() {
	for _, stmt := range s.stmts {
		stmt.Close()
	}
	clear(s.stmts)
}

func (s *session) exec(query string, args []any) (int64, error) {
	stmt, err := s.prepare(query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *session) query(query string, args []any) (*sql.Rows, error) {
	stmt, err := s.prepare(query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(context.Background(), args...)
}

func (s *session) queryRow(query string, args []any) *sql.Row {
	stmt, err := s.prepare(query)
	if err != nil {
		// A Row that carries the error can only be had by asking again.
		return s.conn.QueryRowContext(context.Background(), query, args...)
	}
	return stmt.QueryRowContext(context.Background(), args...)
}

// control runs BEGIN, COMMIT and their kin.
func (s *session) control(statement string) error {
	_, err := s.exec(statement, nil)
	return err
}

func (s *session) close() error {
	s.forget()
	return s.conn.Close()
}
