package storagetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
)

// Postgres gives a fresh PostgreSQL database with the product's schema. Where
// PostgreSQL is missing the test is skipped, but under CI=true it fails.
func Postgres(t *testing.T) *storage.DB {
	t.Helper()
	return PostgresWith(t, migrations.Migrations)
}

// PostgresWith gives a fresh PostgreSQL database with another schema.
func PostgresWith(t *testing.T, schema fs.FS) *storage.DB {
	t.Helper()
	return open(t, PostgresURL(t, schema), schema)
}

// PostgresURL makes a fresh PostgreSQL database with a schema and gives its
// URL, for tests that open it more than once. It is dropped some time after the test: dropping
// at once would wait for the server to notice that the connections are closed.
func PostgresURL(t *testing.T, schema fs.FS) string {
	t.Helper()
	s, err := sharedServer()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	template, err := s.template(schema)
	if err != nil {
		t.Fatal(err)
	}
	name := newName()
	if err := s.admin(append(s.drops(), s.copyOf(template, name))...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.finished = append(s.finished, name)
	})
	return s.urlOf(name)
}

// server is a PostgreSQL server on which this process may make databases.
type server struct {
	url       *url.URL // of its maintenance database
	held      any      // keeps the cluster's lock from being collected, which would let it stop
	version   int      // as in 150018
	lock      string   // file that is locked while a template is made
	mu        sync.Mutex
	templates map[string]bool
	finished  []string // databases that no test needs any more
}

// sharedServer finds or starts the server once per process. The cluster itself
// is shared by all test processes of this user.
var sharedServer = sync.OnceValues(func() (*server, error) {
	raw, lock := os.Getenv("BOTIMUM_TEST_POSTGRES"), ""
	var held any
	if raw == "" {
		c, err := joinCluster()
		if err != nil {
			return nil, fmt.Errorf("storagetest: no PostgreSQL to test on (set BOTIMUM_TEST_POSTGRES, or install the server's package): %w", err)
		}
		raw, lock, held = c.url(), c.templateLock(), c
	} else {
		lock = os.TempDir() + "/botimum-templates.lock"
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("storagetest: BOTIMUM_TEST_POSTGRES is not a URL")
	}
	return &server{url: u, held: held, lock: lock, templates: make(map[string]bool)}, nil
})

func (s *server) urlOf(database string) string {
	u := *s.url
	u.Path = "/" + database
	return u.String()
}

// copyOf gives the statement that copies a template. Copying files is faster
// than writing them through the log, which newer servers do unless told.
func (s *server) copyOf(template, name string) string {
	statement := "CREATE DATABASE " + name + " TEMPLATE " + template
	if s.version >= 150000 {
		statement += " STRATEGY FILE_COPY"
	}
	return statement
}

// drops gives the statements that drop what finished tests have left.
func (s *server) drops() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var statements []string
	for _, name := range s.finished {
		statements = append(statements, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	}
	s.finished = nil
	return statements
}

// admin runs statements on a connection of its own, so that no connection is
// left open when a test checks for leaks.
func (s *server) admin(statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// ask runs a query that gives one value.
func (s *server) ask(query string, answer any, args ...any) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.QueryRow(ctx, query, args...).Scan(answer)
}

// template gives the name of a migrated database, making it if no process of
// this user has done so yet.
func (s *server) template(schema fs.FS) (string, error) {
	sum, err := sumOf(schema, storage.Postgres)
	if err != nil {
		return "", err
	}
	name := templatePrefix + sum
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.templates[name] {
		return name, nil
	}
	unlock, err := lockFile(s.lock)
	if err != nil {
		return "", err
	}
	defer unlock()
	there := false
	err = s.ask("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", &there, name)
	if err == nil && !there {
		err = s.build(name, schema)
	}
	s.templates[name] = err == nil
	return name, err
}

const templatePrefix = "template_"

// build migrates a database under another name first, so that a template is
// complete whenever it can be seen.
func (s *server) build(name string, schema fs.FS) error {
	draft := newName()
	if err := s.admin("CREATE DATABASE " + draft + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return err
	}
	if err := migrate(s.urlOf(draft), schema); err != nil {
		return err
	}
	return s.admin("ALTER DATABASE " + draft + " RENAME TO " + name)
}

// newName gives a database name that tells which process it belongs to.
func newName() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("t_%d_%x", os.Getpid(), b)
}

func pgCode(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}
