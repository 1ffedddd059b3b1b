package storagetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
// URL, for tests that open it more than once. It is dropped when the test ends.
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
	name := "t_" + randomHex()
	if err := s.admin("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.admin("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	return s.urlOf(name)
}

// server is a PostgreSQL server on which this process may make databases.
type server struct {
	url       *url.URL // of its maintenance database
	held      any      // keeps the cluster's lock from being collected, which would let it stop
	lock      string   // file that is locked while a template is made
	mu        sync.Mutex
	templates map[string]bool
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

// admin runs one statement on a connection of its own, so that no connection
// is left open when a test checks for leaks.
func (s *server) admin(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

func (s *server) has(database string) (there bool, err error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	const find = "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)"
	return there, conn.QueryRow(ctx, find, database).Scan(&there)
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
	there, err := s.has(name)
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
	draft := "t_" + randomHex()
	if err := s.admin("CREATE DATABASE " + draft + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return err
	}
	if err := migrate(s.urlOf(draft), schema); err != nil {
		return err
	}
	return s.admin("ALTER DATABASE " + draft + " RENAME TO " + name)
}

func randomHex() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
