package storage_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// isFault checks an error's kind and code, and that it keeps its cause.
func isFault(t *testing.T, err error, code string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != fault.KindUnavailable || f.Code != code || f.Detail == "" {
		t.Errorf("got %v, want the unavailable fault %s", err, code)
	}
}

func TestFullDiskSaysSoAndRecovers(t *testing.T) {
	db := storagetest.SQLiteWith(t, notebook)
	limit := func(pages string) {
		t.Helper()
		if err := db.OnWriter(t.Context(), "PRAGMA max_page_count = "+pages); err != nil {
			t.Fatal(err)
		}
	}
	limit("40") // no less than the file has already
	var err error
	kept := 0
	for ; err == nil && kept < 100; kept++ {
		err = db.Write(t.Context(), func(tx *storage.Tx) error {
			return fault.Wrap("notes.Create", put(tx, fmt.Sprintf("%03d", kept), strings.Repeat("x", 4096)))
		})
	}
	isFault(t, err, storage.CodeFull)
	if got := len(notes(t, db)); got != kept-1 {
		t.Errorf("%d notes are there, %d were acknowledged", got, kept-1)
	}
	limit("1000000")
	if err := db.Write(t.Context(), putting("again")); err != nil {
		t.Errorf("a Write after room was made: %v", err)
	}
	expect(t, "integrity", column(t, db, "PRAGMA integrity_check"), "ok")
}

// TestFullTmpfs fills a real file system: only root can make one.
func TestFullTmpfs(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=512k"); err != nil {
		t.Logf("no file system can be made here (%v): TestFullDiskSaysSoAndRecovers covers it by a limit", err)
		return
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	db := openNotebook(t, "sqlite://"+dir+"/notes.db")
	defer db.Close()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	kept := 0
	for ; err == nil && kept < 200; kept++ {
		err = db.Write(t.Context(), func(tx *storage.Tx) error {
			return put(tx, fmt.Sprintf("%03d", kept), strings.Repeat("x", 4096))
		})
	}
	isFault(t, err, storage.CodeFull)
	if got := len(notes(t, db)); got != kept-1 {
		t.Errorf("%d notes are there, %d were acknowledged", got, kept-1)
	}
}

func TestOpenRefusesInOnePlainLine(t *testing.T) {
	dir := t.TempDir()
	notADatabase := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(notADatabase, []byte(strings.Repeat("Dear Ada, ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, url, want string }{
		{"no scheme", "notes.db", "must begin with sqlite:// or postgres://"},
		{"no path", "sqlite://", "sqlite:///path/to/file.db"},
		{"no directory", "sqlite://" + dir + "/nowhere/notes.db", "the directory " + dir + "/nowhere is not there"},
		{"a directory", "sqlite://" + dir, "cannot be opened as a database"},
		{"another file", "sqlite://" + notADatabase, "check that it is the right file"},
		{"no server", "postgres://somebody:s3cret@127.0.0.1:1/notes", "check that it runs"},
		{"no server's URL", "postgres://somebody:s3cret@[", "cannot be read"},
	}
	for _, c := range cases {
		db, err := storage.Open(t.Context(), notebookAt(c.url))
		if err == nil {
			db.Close()
			t.Errorf("%s: it was opened", c.name)
			continue
		}
		said := err.Error()
		if !strings.Contains(said, c.want) || strings.Contains(said, "\n") || strings.Contains(said, "s3cret") {
			t.Errorf("%s: the error is %q, want one line with %q", c.name, said, c.want)
		}
	}
}

func TestReadOnlyDirectory(t *testing.T) {
	for _, file := range []string{"missing.db", "notes.db"} {
		dir := t.TempDir()
		db := openNotebook(t, "sqlite://"+dir+"/notes.db")
		if err := errors.Join(db.Migrate(t.Context()), db.Close()); err != nil {
			t.Fatal(err)
		}
		said := openUnprivileged(t, dir, "sqlite://"+dir+"/"+file)
		if !strings.Contains(said, "give the user that runs botimum write permission on "+dir) || strings.Contains(said, "\n") {
			t.Errorf("opening %s said %q", file, said)
		}
	}
}

// openUnprivileged opens a database in a directory made read-only, in a process
// that permissions bind, and gives the error's text.
func openUnprivileged(t *testing.T, dir, url string) string {
	t.Helper()
	for path, mode := range map[string]os.FileMode{filepath.Dir(dir): 0o755, filepath.Join(dir, "notes.db"): 0o444, dir: 0o555} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	defer os.Chmod(dir, 0o700) //nolint:gosec // so that it can be removed
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "BOTIMUM_TEST_CHILD=opens", "BOTIMUM_TEST_URL="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// openAsNobody is that process.
func openAsNobody(url string) {
	if os.Getuid() == 0 {
		const nobody = 65534
		if err := errors.Join(syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	db, err := storage.Open(context.Background(), notebookAt(url))
	if err == nil {
		db.Close()
		fmt.Print("it was opened")
		os.Exit(0)
	}
	fmt.Print(err)
	os.Exit(0)
}

func TestLockDir(t *testing.T) {
	dir := t.TempDir()
	unlock, err := storage.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storage.LockDir(dir); err == nil || !strings.Contains(err.Error(), "another botimum is using "+dir) {
		t.Errorf("the second lock gave %v", err)
	}
	unlock()
	unlock() // harmless
	again, err := storage.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	again()
	if _, err := storage.LockDir(dir + "/nowhere"); err == nil || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("locking a missing directory gave %v", err)
	}
}
