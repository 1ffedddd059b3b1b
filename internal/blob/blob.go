package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
)

// Store keeps files' bytes by name. It is safe for concurrent use.
type Store interface {
	// Put keeps what comes from a reader until its end. A file of that name is
	// replaced.
	Put(ctx context.Context, name string, from io.Reader) error
	// Get gives a file's bytes; close them. One that is not there is
	// fault.NotFound("file").
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// Delete removes a file. One that is not there is no error.
	Delete(ctx context.Context, name string) error
	// List calls each with every file, in no particular order, until it fails.
	List(ctx context.Context, each func(Entry) error) error
}

// Entry is a file in a store.
type Entry struct {
	Name string
	At   time.Time // when it was put there
}

// Deps is what a store is made of.
type Deps struct {
	// URL says where files go: "" or file:///directory for Dir, else
	// s3://KEY:SECRET@bucket/prefix?endpoint=https://host&region=name.
	URL    string
	Dir    string // the directory, for files on disk
	Temp   string // a directory for what is on its way to a bucket; "" the machine's
	Clock  clock.Clock
	Logger *slog.Logger
}

// Open gives the store that a URL names. It makes the directory, and does not talk to
// a bucket yet: see [Check].
func Open(d Deps) (Store, error) {
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	if d.Dir != "" {
		return openDir(d.Dir, d.Clock)
	}
	u, err := url.Parse(d.URL)
	if err != nil || u.Scheme != "s3" {
		return nil, errors.New("blob: the URL must be file:///directory or s3://bucket")
	}
	return newBucket(u, d)
}

// Check proves that files can be put, read and removed.
func Check(ctx context.Context, s Store) error {
	const name, text = "botimum/check", "botimum was here"
	if err := s.Put(ctx, name, strings.NewReader(text)); err != nil {
		return fmt.Errorf("a file cannot be stored: %w", err)
	}
	body, err := s.Get(ctx, name)
	if err != nil {
		return fmt.Errorf("a file cannot be read back: %w", err)
	}
	got, err := io.ReadAll(io.LimitReader(body, 100))
	if err = errors.Join(err, body.Close()); err == nil && string(got) != text {
		err = errors.New("it reads otherwise than it was written")
	}
	if err != nil {
		return fmt.Errorf("a file cannot be read back: %w", err)
	}
	if err := s.Delete(ctx, name); err != nil {
		return fmt.Errorf("a file cannot be removed: %w", err)
	}
	return nil
}

// CodeUnavailable says that the files cannot be reached.
const CodeUnavailable = "files_unavailable"

// unavailable is what everybody is told whose file cannot be reached; the cause is for
// the log.
func unavailable(cause error) error {
	f := fault.Unavailable(CodeUnavailable, "Files cannot be stored or read just now. Try again in a minute.")
	f.Op, f.Err = "blob", cause
	return f
}

var names = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}(/[A-Za-z0-9_]{1,64}){0,3}$`)

// checkName refuses every name that this program would not make.
func checkName(name string) error {
	if !names.MatchString(name) {
		return fault.NotFound("file")
	}
	return nil
}
