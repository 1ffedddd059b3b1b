package backup

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/botimum/botimum/internal/storage"
)

// withConn lends a connection of PostgreSQL's own driver, which knows COPY.
func withConn(ctx context.Context, db *storage.DB, fn func(*pgx.Conn) error) error {
	conn, err := db.SQL().Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(raw any) error {
		own, ok := raw.(*stdlib.Conn)
		if !ok {
			return errors.New("the database is not behind the driver that knows COPY")
		}
		return fn(own.Conn())
	})
}

// postgres adds all tables, as they are at one moment.
func (s *stage) postgres(ctx context.Context, db *storage.DB, m *Manifest) error {
	return withConn(ctx, db, func(conn *pgx.Conn) error {
		tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // it only read
		if m.Tables, err = tablesOf(ctx, tx, m.Kind); err != nil {
			return err
		}
		if m.Sequences, err = sequencesOf(ctx, tx, m.Kind); err != nil {
			return err
		}
		for i := range m.Tables {
			if err := s.copyOut(ctx, conn, &m.Tables[i]); err != nil {
				return fmt.Errorf("table %s: %w", m.Tables[i].Name, err)
			}
		}
		return nil
	})
}

func (s *stage) copyOut(ctx context.Context, conn *pgx.Conn, t *Table) error {
	f, err := s.scratch()
	if err != nil {
		return err
	}
	sum := sha256.New()
	tag, err := conn.PgConn().CopyTo(ctx, io.MultiWriter(f, sum), "COPY "+t.sql()+" TO STDOUT")
	if err != nil {
		return err
	}
	t.Rows = tag.RowsAffected()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	s.pieces = append(s.pieces, held(t.entry(), f, size, sum))
	return nil
}

// sql names the table and its columns.
func (t Table) sql() string {
	columns := make([]string, 0, len(t.Columns))
	for _, c := range t.Columns {
		columns = append(columns, pgx.Identifier{c}.Sanitize())
	}
	return pgx.Identifier{t.Name}.Sanitize() + " (" + strings.Join(columns, ", ") + ")"
}

const (
	findTables = `SELECT c.relname, array_agg(a.attname ORDER BY a.attnum)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
			AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
			AND c.relname <> $1 AND c.relname <> $1 || '_lock'
		GROUP BY c.relname ORDER BY c.relname`
	findReferences = `SELECT f.relname, t.relname FROM pg_constraint k JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
		WHERE k.contype = 'f' AND f.relnamespace = current_schema()::regnamespace AND f.oid <> t.oid`
	findSequences = `SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences
		WHERE schemaname = current_schema() AND NOT starts_with(sequencename, $1)`
)

// tablesOf gives the tables, each after those that it refers to. The migrations'
// own are left out: whoever restores runs the migrations.
func tablesOf(ctx context.Context, tx pgx.Tx, kind Kind) ([]Table, error) {
	_, migrated := kind.schemaOf()
	rows, err := tx.Query(ctx, findTables, migrated)
	if err != nil {
		return nil, err
	}
	tables, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Table, err error) {
		return t, row.Scan(&t.Name, &t.Columns)
	})
	if err != nil {
		return nil, err
	}
	if rows, err = tx.Query(ctx, findReferences); err != nil {
		return nil, err
	}
	references, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r [2]string, err error) {
		return r, row.Scan(&r[0], &r[1])
	})
	if err != nil {
		return nil, err
	}
	return inOrder(tables, references)
}

// inOrder sorts tables so that each comes after those it refers to. A reference
// is the name of one table and of the one it refers to.
func inOrder(tables []Table, references [][2]string) ([]Table, error) {
	var sorted []Table
	for len(tables) > 0 {
		free := slices.IndexFunc(tables, func(t Table) bool {
			return !slices.ContainsFunc(references, func(r [2]string) bool {
				return r[0] == t.Name && slices.ContainsFunc(tables, func(left Table) bool { return left.Name == r[1] })
			})
		})
		if free < 0 {
			return nil, errors.New("tables refer to each other in a circle, which a backup cannot put in order")
		}
		sorted = append(sorted, tables[free])
		tables = slices.Delete(tables, free, free+1)
	}
	return sorted, nil
}

func sequencesOf(ctx context.Context, tx pgx.Tx, kind Kind) (map[string]int64, error) {
	_, migrated := kind.schemaOf()
	rows, err := tx.Query(ctx, findSequences, migrated)
	if err != nil {
		return nil, err
	}
	last := make(map[string]int64)
	var name string
	var value int64
	_, err = pgx.ForEachRow(rows, []any{&name, &value}, func() error {
		last[name] = value
		return nil
	})
	return last, err
}

// fill copies the tables of a backup, unpacked in dir, into a database that is
// migrated and empty, and calls last before it commits.
func fill(ctx context.Context, db *storage.DB, m *Manifest, dir string, last func() error) error {
	return withConn(ctx, db, func(conn *pgx.Conn) error {
		tx, err := conn.Begin(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // does nothing after Commit
		if err := refuseRows(ctx, tx, m.Kind); err != nil {
			return err
		}
		for _, t := range m.Tables {
			if err := copyIn(ctx, conn, t, dir); err != nil {
				return fmt.Errorf("table %s: %w", t.Name, err)
			}
		}
		for name, value := range m.Sequences {
			if value == 0 {
				continue // never used
			}
			if _, err := tx.Exec(ctx, "SELECT setval($1::regclass, $2)", pgx.Identifier{name}.Sanitize(), value); err != nil {
				return err
			}
		}
		if err := last(); err != nil {
			return err
		}
		if err := tx.Commit(ctx); err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "ANALYZE")
		return err
	})
}

// refuseRows fails if any table holds anything.
func refuseRows(ctx context.Context, tx pgx.Tx, kind Kind) error {
	tables, err := tablesOf(ctx, tx, kind)
	if err != nil {
		return err
	}
	for _, t := range tables {
		name := pgx.Identifier{t.Name}.Sanitize()
		// No other server may begin to write between this look and the commit.
		if _, err := tx.Exec(ctx, "LOCK TABLE "+name+" IN EXCLUSIVE MODE"); err != nil {
			return err
		}
		var filled bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM "+name+")").Scan(&filled); err != nil {
			return err
		}
		if filled {
			return errFilled
		}
	}
	return nil
}

// refuseFilled fails if any table of the database holds anything.
func refuseFilled(ctx context.Context, db *storage.DB, kind Kind) error {
	return withConn(ctx, db, func(conn *pgx.Conn) error {
		tx, err := conn.Begin(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // it only read
		return refuseRows(ctx, tx, kind)
	})
}

var errFilled = errors.New("the PostgreSQL database already holds data; make an empty one, and name that")

func copyIn(ctx context.Context, conn *pgx.Conn, t Table, dir string) error {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(t.entry())))
	if err != nil {
		return err
	}
	defer f.Close()
	tag, err := conn.PgConn().CopyFrom(ctx, f, "COPY "+t.sql()+" FROM STDIN")
	if err != nil {
		return err
	}
	if tag.RowsAffected() != t.Rows {
		return fmt.Errorf("%d of %d rows arrived", tag.RowsAffected(), t.Rows)
	}
	return nil
}
