package storage_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// TestLogStaysBounded writes several times what the log may hold, while readers
// come and go, and looks at the log's size.
func TestLogStaysBounded(t *testing.T) {
	dir := t.TempDir()
	db := openNotebook(t, "sqlite://"+dir+"/notes.db")
	defer db.Close()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.MoveLogAt(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("x", 3000) // about a page
	var all sync.WaitGroup
	for g := range 16 {
		all.Go(func() {
			for i := range 250 {
				err := db.Write(context.Background(), func(tx *storage.Tx) error { return put(tx, fmt.Sprintf("%d-%d", g, i), body) })
				if err != nil {
					t.Error(err)
					return
				}
				if i%10 == 0 {
					err := db.Read(context.Background(), func(tx *storage.Tx) error {
						var n int
						return tx.QueryRow("SELECT count(*) FROM journal").Scan(&n)
					})
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	info, err := os.Stat(dir + "/notes.db-wal")
	if err != nil {
		t.Fatal(err)
	}
	const most = 6 << 20 // 4,000 rows of a page make 16 MB and more
	if info.Size() > most {
		t.Errorf("the log has grown to %d KB", info.Size()>>10)
	}
}

// TestScrubLeavesNoTrace deletes a secret and looks for it in every file.
func TestScrubLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	opts := notebookAt("sqlite://" + dir + "/notes.db")
	opts.SecureDelete = true
	db, err := storage.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	const canary = "canary-7f3a9c"
	for i := range 20 {
		body := strings.Repeat(canary, 200) // several pages
		if err := db.Write(t.Context(), func(tx *storage.Tx) error { return put(tx, fmt.Sprint(i), body) }); err != nil {
			t.Fatal(err)
		}
	}
	if !found(t, dir, canary) {
		t.Fatal("the canary is in no file while it is kept: the test looks in the wrong place")
	}
	err = db.Write(t.Context(), func(tx *storage.Tx) error { _, err := tx.Exec("DELETE FROM notes"); return err })
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found(t, dir, canary) {
		t.Error("the canary is still in a file")
	}
}

// What is deleted inside of a page is overwritten without being asked for; pages
// that become free are when a transaction asks for it.
func TestDeletedIsOverwritten(t *testing.T) {
	const canary = "canary-51d0b8"
	for name, tt := range map[string]struct {
		times int // of the canary in its note
		asked bool
		left  bool
	}{
		"inside of a page":                     {times: 3},
		"pages that become free":               {times: 3000, left: true},
		"pages that become free, as asked":     {times: 3000, asked: true},
		"inside of a page, asked all the same": {times: 3, asked: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			db := openNotebook(t, "sqlite://"+dir+"/notes.db")
			defer db.Close()
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			write := func(fn func(tx *storage.Tx) error) {
				t.Helper()
				if err := db.Write(t.Context(), fn); err != nil {
					t.Fatal(err)
				}
			}
			write(func(tx *storage.Tx) error { return put(tx, "a", "stays") })
			write(func(tx *storage.Tx) error { return put(tx, "b", strings.Repeat(canary, tt.times)) })
			write(func(tx *storage.Tx) error { return put(tx, "c", "stays") })
			if err := db.Scrub(t.Context()); err != nil || !found(t, dir, canary) {
				t.Fatalf("the canary is in no file while it is kept: %v", err)
			}
			write(func(tx *storage.Tx) error {
				if tt.asked {
					restore, err := tx.OverwriteDeleted()
					if err != nil {
						return err
					}
					defer restore()
				}
				_, err := tx.Exec("DELETE FROM notes WHERE id = 'b'")
				return err
			})
			if err := db.Scrub(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := found(t, dir, canary); got != tt.left {
				t.Errorf("the canary is in the file: %v, want %v", got, tt.left)
			}
		})
	}
}

func TestScrubWaitsForReadersInVain(t *testing.T) {
	db := openNotebook(t, "sqlite://"+t.TempDir()+"/notes.db")
	defer db.Close()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := db.Read(t.Context(), func(tx *storage.Tx) error {
		if _, err := columnIn(tx, "SELECT id FROM notes"); err != nil {
			return err
		}
		return db.ScrubWithin(context.Background(), 2*time.Millisecond)
	})
	isFault(t, err, storage.CodeBusy)
	if err := db.Scrub(t.Context()); err != nil {
		t.Errorf("after the reader has gone: %v", err)
	}
}

func TestScrubOnPostgresIsNothing(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		if err := db.Scrub(t.Context()); err != nil {
			t.Error(fault.Wrap(string(db.Engine()), err))
		}
	})
}

// found tells whether any file in dir holds the text.
func found(t *testing.T, dir, text string) bool {
	t.Helper()
	files, err := filepath.Glob(dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(text)) {
			return true
		}
	}
	return false
}
