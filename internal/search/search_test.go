package search

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

var start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// kindOf and ofContact are what whoever has the documents tells of a person's.
const (
	kindOf    = "message"
	ofContact = `SELECT ref_id FROM search_docs WHERE workspace_id = $1 AND contact_id = $2`
)

func newStore(db *storage.DB) *Store {
	return New(Deps{DB: db, Clock: clock.NewFake(start), Logger: slog.New(slog.DiscardHandler)})
}

// tok stands for what vault.Index makes of a word in a workspace.
func tok(workspace string, words ...int) [][]byte {
	var all [][]byte
	for _, w := range words {
		all = append(all, binary.BigEndian.AppendUint64(nil, uint64(w)*0x9e3779b97f4a7c15^uint64(workspace[len(workspace)-1])<<56))
	}
	return all
}

func doc(workspace, id, contact string, second int, words ...int) Document {
	return Document{
		WorkspaceID: workspace, Kind: "message", ID: id, ParentID: "cnv_" + id, ContactID: contact,
		Tokens: tok(workspace, words...), At: start.Add(time.Duration(second) * time.Second),
	}
}

func write(t testing.TB, s *Store, fn func(tx *storage.Tx) error) {
	t.Helper()
	if err := s.db.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func add(t testing.TB, s *Store, docs ...Document) {
	t.Helper()
	write(t, s, func(tx *storage.Tx) error {
		for _, d := range docs {
			if err := s.Add(tx, d); err != nil {
				return err
			}
		}
		return nil
	})
}

func settle(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Settle(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func hits(t testing.TB, s *Store, workspace string, tokens [][]byte, kinds []string, before int64, limit int) []Hit {
	t.Helper()
	var found []Hit
	err := s.db.Read(context.Background(), func(tx *storage.Tx) error {
		var err error
		found, err = s.Query(tx, workspace, tokens, kinds, before, limit)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func ids(found []Hit) []string {
	all := []string{}
	for _, h := range found {
		all = append(all, h.ID)
	}
	return all
}

func want(t testing.TB, what string, found []Hit, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), ids(found)); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

// rows counts the rows of a table of the store.
func rows(t testing.TB, s *Store, table string) (n int) {
	t.Helper()
	if err := s.db.SQL().QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestQuery(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		s := newStore(db)
		contact := doc("wsp_1", "con_9", "con_9", 2, 1, 2)
		contact.Kind = "contact"
		add(t, s, doc("wsp_1", "a", "con_1", 1, 1, 2, 3), contact, doc("wsp_2", "x", "con_3", 9, 1, 2))
		settle(t, s)
		add(t, s, doc("wsp_1", "b", "con_1", 3, 1, 3), doc("wsp_1", "late", "con_2", 0, 2, 1))
		check := func(t *testing.T) {
			q := func(kinds []string, before int64, limit int, words ...int) []Hit {
				return hits(t, s, "wsp_1", tok("wsp_1", words...), kinds, before, limit)
			}
			want(t, "one word", q(nil, 0, 10, 1), "b", "con_9", "a", "late")
			want(t, "two words", q(nil, 0, 10, 2, 1), "con_9", "a", "late")
			want(t, "a word twice", q(nil, 0, 10, 3, 3), "b", "a")
			want(t, "no such word", q(nil, 0, 10, 1, 4))
			want(t, "no word", q(nil, 0, 10))
			want(t, "limited", q(nil, 0, 2, 1), "b", "con_9")
			want(t, "none wanted", q(nil, 0, 0, 1))
			want(t, "of a kind", q([]string{"contact"}, 0, 10, 1), "con_9")
			want(t, "of two kinds", q([]string{"contact", "message"}, 0, 3, 1), "b", "con_9", "a")
			want(t, "of another kind", q([]string{"post"}, 0, 10, 1))
			first := q(nil, 0, 2, 1)
			want(t, "next page", q(nil, first[1].Doc, 10, 1), "a", "late")
			got := q(nil, 0, 1, 1)[0]
			got.Doc = 0
			if diff := cmp.Diff(Hit{Kind: "message", ID: "b", ParentID: "cnv_b", ContactID: "con_1", At: start.Add(3 * time.Second)}, got); diff != "" {
				t.Error(diff)
			}
			want(t, "the other workspace", hits(t, s, "wsp_2", tok("wsp_2", 1), nil, 0, 10), "x")
			want(t, "with foreign tokens", hits(t, s, "wsp_1", tok("wsp_2", 1), nil, 0, 10))
			want(t, "with one's own tokens elsewhere", hits(t, s, "wsp_2", tok("wsp_1", 1), nil, 0, 10))
		}
		check(t) // part in the index, part pending
		settle(t, s)
		check(t)
	})
}

func TestWrongTokensAreRefused(t *testing.T) {
	s := newStore(storagetest.SQLite(t))
	bad := doc("wsp_1", "a", "", 0)
	bad.Tokens = [][]byte{{1, 2, 3}}
	err := s.db.Write(t.Context(), func(tx *storage.Tx) error { return s.Add(tx, bad) })
	if !errors.Is(err, errToken) {
		t.Errorf("Add: %v", err)
	}
	err = s.db.Read(t.Context(), func(tx *storage.Tx) error {
		_, err := s.Query(tx, "wsp_1", bad.Tokens, nil, 0, 1)
		return err
	})
	if !errors.Is(err, errToken) {
		t.Errorf("Query: %v", err)
	}
}

func TestErasureLeavesNoRow(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		s := newStore(db)
		add(t, s, doc("wsp_1", "a", "con_1", 1, 1), doc("wsp_1", "b", "con_2", 2, 1), doc("wsp_2", "c", "con_1", 3, 1))
		settle(t, s)
		add(t, s, doc("wsp_1", "d", "con_1", 4, 1), doc("wsp_1", "e", "con_2", 5, 1))
		write(t, s, func(tx *storage.Tx) error {
			n, err := s.RemoveContact(tx, "wsp_1", "con_1", kindOf, ofContact)
			if n != 2 {
				t.Errorf("%d documents removed", n)
			}
			return err
		})
		check := func() {
			want(t, "what is left", hits(t, s, "wsp_1", tok("wsp_1", 1), nil, 0, 10), "e", "b")
			want(t, "the other workspace", hits(t, s, "wsp_2", tok("wsp_2", 1), nil, 0, 10), "c")
			if n := rows(t, s, "search_docs"); n != 3 {
				t.Errorf("%d rows", n)
			}
		}
		check()
		settle(t, s)
		check()
		write(t, s, func(tx *storage.Tx) error { // of nobody is not of everybody
			n, err := s.RemoveContact(tx, "wsp_1", "", kindOf, ofContact)
			if n != 0 {
				t.Errorf("%d documents of nobody removed", n)
			}
			return err
		})
	})
}

func TestRemovalReachesWhatIsAddedInTheSameCommit(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		s := newStore(db)
		write(t, s, func(tx *storage.Tx) error {
			for _, d := range []Document{doc("wsp_1", "a", "con_1", 1, 1), doc("wsp_1", "b", "con_2", 2, 1)} {
				if err := s.Add(tx, d); err != nil {
					return err
				}
			}
			if _, err := s.RemoveContact(tx, "wsp_1", "con_1", kindOf, ofContact); err != nil {
				return err
			}
			return s.Replace(tx, doc("wsp_1", "b", "con_2", 3, 2))
		})
		want(t, "word 1", hits(t, s, "wsp_1", tok("wsp_1", 1), nil, 0, 10))
		want(t, "word 2", hits(t, s, "wsp_1", tok("wsp_1", 2), nil, 0, 10), "b")
		if n := rows(t, s, "search_docs"); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestTakenNumbersAreReplaced(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		one, two := newStore(db), newStore(db)
		two.counter.Store(one.counter.Load())
		some := func(n int, prefix string) (docs []Document) {
			for i := range n {
				docs = append(docs, doc("wsp_1", fmt.Sprint(prefix, i), "", 0, 1))
			}
			return docs
		}
		add(t, one, some(3, "a")...)
		add(t, two, some(5, "b")...)
		if found := hits(t, one, "wsp_1", tok("wsp_1", 1), nil, 0, 100); len(found) != 8 {
			t.Errorf("%d of 8 documents found", len(found))
		}
	})
}

func TestNumbersAreInTheOrderOfTime(t *testing.T) {
	s := newStore(nil)
	last := int64(-1)
	for _, at := range []time.Time{{}, start, start.Add(time.Millisecond), start.AddDate(100, 0, 0), start.AddDate(5000, 0, 0)} {
		n := s.number(at)
		if n < 0 || n>>counterBits <= last>>counterBits {
			t.Errorf("%v has the number %d, after %d", at, n, last)
		}
		last = n
	}
}

// TestPendingSurvivesACrash leaves documents between commit and index.
func TestPendingSurvivesACrash(t *testing.T) {
	open := func(path string) (*storage.DB, *Store) {
		db, err := storage.Open(t.Context(), storage.Options{URL: "sqlite://" + path, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return db, newStore(db)
	}
	path := filepath.Join(t.TempDir(), "crash.db")
	db, s := open(path)
	for i := range batchDocs + 10 {
		add(t, s, doc("wsp_1", fmt.Sprint(i), "con_1", i, 1))
	}
	if n := rows(t, s, "search_pending"); n != batchDocs+10 {
		t.Fatalf("%d pending before the indexer ran", n)
	}
	db.Close()

	db, s = open(path)
	defer db.Close()
	idle := make(chan struct{}, 1)
	s.indexer.idle = func() {
		select {
		case idle <- struct{}{}:
		default:
		}
	}
	s.Start()
	<-idle
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, s, "search_pending"); n != 0 {
		t.Errorf("%d pending after the indexer ran", n)
	}
	if found := hits(t, s, "wsp_1", tok("wsp_1", 1), nil, 0, 1000); len(found) != batchDocs+10 {
		t.Errorf("%d found", len(found))
	}
}

func TestIndexerRunsBehindTheCommits(t *testing.T) {
	s := newStore(storagetest.SQLite(t))
	idle := make(chan struct{}, 100)
	s.indexer.idle = func() { idle <- struct{}{} }
	s.Start()
	s.Start() // one is enough
	<-idle
	var docs []Document
	for i := range batchDocs {
		docs = append(docs, doc("wsp_1", fmt.Sprint(i), "con_1", i, 1))
	}
	add(t, s, docs...)
	for rows(t, s, "search_pending") > 0 {
		<-idle
	}
	s.Close()
	if found := hits(t, s, "wsp_1", tok("wsp_1", 1), nil, 0, 1000); len(found) != batchDocs {
		t.Errorf("%d found", len(found))
	}
}

// TestCompactDropsTheTokensOfTheErased reads the terms that FTS5 holds.
func TestCompactDropsTheTokensOfTheErased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "compact.db")
	db, err := storage.Open(t.Context(), storage.Options{URL: "sqlite://" + path, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := newStore(db)
	for i := range 2000 {
		add(t, s, doc("wsp_1", fmt.Sprint(i), fmt.Sprint("con_", i%10), i, 1, 1000+i))
		if i%100 == 0 {
			settle(t, s)
		}
	}
	settle(t, s)
	write(t, s, func(tx *storage.Tx) error {
		_, err := s.RemoveContact(tx, "wsp_1", "con_7", kindOf, ofContact)
		return err
	})
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	side, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer side.Close()
	side.SetMaxOpenConns(1)
	if _, err := side.Exec(`CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', 'search_words', 'row')`); err != nil {
		t.Fatal(err)
	}
	terms := make(map[string]bool)
	found, err := side.Query(`SELECT term FROM temp.terms`)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var term string
		if err := found.Scan(&term); err != nil {
			t.Fatal(err)
		}
		terms[term] = true
	}
	for i := range 2000 {
		term := string(appendToken(nil, tok("wsp_1", 1000+i)[0]))
		if terms[term] != (i%10 != 7) {
			t.Fatalf("document %d: its token is in the index: %v", i, terms[term])
		}
	}
}
