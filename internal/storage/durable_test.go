package storage_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/botimum/botimum/internal/storage"
)

// TestKilledProcessLosesNothingAcknowledged kills a process that writes with
// many goroutines and looks for every row whose Write had returned.
func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	url := "sqlite://" + t.TempDir() + "/notes.db"
	db := openNotebook(t, url)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	acknowledged := make(map[string]bool)
	for round := range 3 {
		for _, id := range killAfter(t, url, 300*(round+1)) {
			acknowledged[id] = true
		}
	}
	db = openNotebook(t, url)
	defer db.Close()
	kept := make(map[string]bool)
	for _, id := range notes(t, db) {
		kept[id] = true
	}
	for id := range acknowledged {
		if !kept[id] {
			t.Errorf("the note %s was acknowledged and is gone", id)
		}
	}
	if len(acknowledged) < 600 {
		t.Errorf("only %d notes were acknowledged: the test says little", len(acknowledged))
	}
	expect(t, "integrity", column(t, db, "PRAGMA integrity_check"), "ok")
}

// killAfter starts a writing process, reads so many acknowledgements, kills it
// and gives all that it had acknowledged.
func killAfter(t *testing.T, url string, n int) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "BOTIMUM_TEST_CHILD=writes", "BOTIMUM_TEST_URL="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []string
	reader := bufio.NewReader(out)
	for {
		line, err := reader.ReadString('\n')
		if err != nil { // a line that was cut off does not count
			break
		}
		ids = append(ids, strings.TrimSpace(line))
		if len(ids) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	_ = cmd.Wait() // says that it was killed
	return ids
}

// writeUntilKilled is the process that is killed: it prints each id once its
// Write has returned.
func writeUntilKilled(url string) {
	db, err := storage.Open(context.Background(), notebookAt(url))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var all sync.WaitGroup
	for g := range 16 {
		all.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), g, i)
				if err := db.Write(context.Background(), putting(id)); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				fmt.Println(id)
			}
		})
	}
	all.Wait()
}

// TestDurabilitySettings looks at what the engines themselves say, on the
// connections that write.
func TestDurabilitySettings(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		settings := map[string]string{"PRAGMA synchronous": "2", "PRAGMA journal_mode": "wal", "PRAGMA foreign_keys": "1", "PRAGMA wal_autocheckpoint": "0"}
		if db.Engine() == storage.Postgres {
			settings = map[string]string{"SHOW synchronous_commit": "on"}
		}
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			for query, want := range settings {
				var got string
				if err := tx.QueryRow(query).Scan(&got); err != nil {
					return err
				}
				if got != want {
					t.Errorf("%s says %s, want %s", query, got, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
