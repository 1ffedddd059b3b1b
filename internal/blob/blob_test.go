package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
)

// each runs fn on a fresh store of both sorts.
func each(t *testing.T, fn func(t *testing.T, s Store)) {
	t.Run("directory", func(t *testing.T) { fn(t, inDir(t, t.TempDir())) })
	t.Run("bucket", func(t *testing.T) { fn(t, startS3(t).store(t, "")) })
}

func inDir(t *testing.T, at string) Store {
	t.Helper()
	s, err := Open(Deps{Dir: at, Clock: clock.System{}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s Store, name, text string) {
	t.Helper()
	if err := s.Put(t.Context(), name, strings.NewReader(text)); err != nil {
		t.Fatal(name, err)
	}
}

func get(t *testing.T, s Store, name string) string {
	t.Helper()
	body, err := s.Get(t.Context(), name)
	if err != nil {
		t.Fatal(name, err)
	}
	got, err := io.ReadAll(body)
	if err := errors.Join(err, body.Close()); err != nil {
		t.Fatal(name, err)
	}
	return string(got)
}

func list(t *testing.T, s Store) (names []string) {
	t.Helper()
	err := s.List(t.Context(), func(e Entry) error {
		if since := time.Since(e.At); since > time.Hour || since < -time.Hour {
			t.Errorf("%s is from %v", e.Name, e.At)
		}
		names = append(names, e.Name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func TestFilesAreKept(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		big := strings.Repeat("0123456789abcdef", 70_000)
		put(t, s, "wsp_1/fil_1", "hello")
		put(t, s, "wsp_1/fil_2", big)
		put(t, s, "wsp_2/fil_1", "")
		put(t, s, "wsp_1/fil_1", "hello again")
		if got := get(t, s, "wsp_1/fil_1"); got != "hello again" {
			t.Errorf("got %q", got)
		}
		if got := get(t, s, "wsp_1/fil_2"); got != big {
			t.Errorf("%d bytes came back of %d", len(got), len(big))
		}
		if got := get(t, s, "wsp_2/fil_1"); got != "" {
			t.Errorf("got %q", got)
		}
		if got, want := list(t, s), []string{"wsp_1/fil_1", "wsp_1/fil_2", "wsp_2/fil_1"}; !slices.Equal(got, want) {
			t.Errorf("there are %v, not %v", got, want)
		}
		for range 2 {
			if err := s.Delete(t.Context(), "wsp_1/fil_1"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Get(t.Context(), "wsp_1/fil_1"); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a removed file: %v", err)
		}
		if got, want := list(t, s), []string{"wsp_1/fil_2", "wsp_2/fil_1"}; !slices.Equal(got, want) {
			t.Errorf("there are %v, not %v", got, want)
		}
		enough := errors.New("enough")
		if err := s.List(t.Context(), func(Entry) error { return enough }); !errors.Is(err, enough) {
			t.Errorf("the listing went on: %v", err)
		}
		if err := Check(t.Context(), s); err != nil {
			t.Error(err)
		}
	})
}

func TestNamesLeadNowhereElse(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		for _, name := range []string{"", ".", "..", "../x", "a/../../x", "/etc/passwd", "a//b", "a/", "/a", `a\b`, "a.png", ".hidden", "a/.upload-1", "a\x00b", "a b", "ä",
			"a/b/c/d/e", strings.Repeat("a", 65)} {
			if err := s.Put(t.Context(), name, strings.NewReader("x")); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("Put %q: %v", name, err)
			}
			if _, err := s.Get(t.Context(), name); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("Get %q: %v", name, err)
			}
			if err := s.Delete(t.Context(), name); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("Delete %q: %v", name, err)
			}
		}
		if got := list(t, s); len(got) > 0 {
			t.Errorf("there is %v", got)
		}
	})
}

// What breaks off while it comes leaves nothing, and what was there stays.
func TestBrokenOffUploadsLeaveNothing(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		put(t, s, "wsp_1/fil_1", "as it was")
		cut := errors.New("the connection is gone")
		err := s.Put(t.Context(), "wsp_1/fil_1", io.MultiReader(strings.NewReader(strings.Repeat("x", 200_000)), iotest.ErrReader(cut)))
		if !errors.Is(err, cut) {
			t.Errorf("got %v", err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Put(ended, "wsp_1/fil_2", strings.NewReader("x")); !errors.Is(err, context.Canceled) {
			t.Errorf("a request that ended: %v", err)
		}
		if got := get(t, s, "wsp_1/fil_1"); got != "as it was" {
			t.Errorf("it became %q", got)
		}
		if got := list(t, s); !slices.Equal(got, []string{"wsp_1/fil_1"}) {
			t.Errorf("there is %v", got)
		}
	})
}

func TestDirectoryKeepsNothingHalf(t *testing.T) {
	at, c := t.TempDir(), clock.NewFake(time.Now())
	s, err := Open(Deps{Dir: at, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "wsp_1/fil_1", "x")
	info, err := os.Stat(filepath.Join(at, "wsp_1/fil_1"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	half := filepath.Join(at, "wsp_1", partial+"1")
	if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/hosts", filepath.Join(at, "wsp_1/fil_2")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "wsp_1/fil_2"); err == nil {
		t.Error("a link led out of the directory")
	}
	if got := list(t, s); !slices.Equal(got, []string{"wsp_1/fil_1"}) {
		t.Errorf("there is %v", got)
	}
	if _, err := os.Stat(half); err != nil {
		t.Error("an upload that may be under way was removed")
	}
	c.Advance(keepPartial + time.Minute)
	list(t, s)
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an upload of yesterday: %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		sealed, key := Sealed{s}, NewKey()
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				text := strings.Repeat(string(rune('a'+i)), 100_000)
				for range 3 {
					if _, err := sealed.Put(t.Context(), "wsp_1/fil", key, strings.NewReader(text)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		got, err := io.ReadAll(sealed.Open(t.Context(), "wsp_1/fil", key, 100_000))
		if err != nil || len(bytes.Trim(got, string(got[:1]))) > 0 {
			t.Errorf("two files in one: %v", err)
		}
	})
}
