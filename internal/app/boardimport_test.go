package app_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/storage"
)

type takeover struct {
	ID, State string
	Report    struct {
		Format                                                              string
		Total, Looked, Posts, Again, Comments, Votes, Merged, People, Known int
		Removed, Kept                                                       int
		Problems                                                            []struct{ Where, Detail string }
	}
}

// takeOver imports a file into a board and waits for its end.
func (w *world) takeOver(t *testing.T, board, query string, file string) takeover {
	t.Helper()
	a := w.do(t, call{method: "POST", path: "/api/v1/boards/" + board + "/imports" + query, body: file, header: bearer(w.made.APIKey)})
	if a.status != http.StatusAccepted {
		t.Fatalf("importing: %d %s", a.status, a.body)
	}
	var m takeover
	a.json(t, &m)
	return w.ended(t, m.ID)
}

// ended waits until the work on an import is over.
func (w *world) ended(t *testing.T, id string) (m takeover) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		w.api(t, "GET", "/board-imports/"+id, "", http.StatusOK).json(t, &m)
		if m.State != "running" && m.State != "undoing" || time.Now().After(deadline) {
			return m
		}
	}
}

func fiderBackup(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const supportBasis = "?purpose=support&lawful_basis=contract"

func TestTakingABoardOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, publicBoard)
		var known struct{ ID string }
		w.api(t, "POST", "/contacts", `{"email":"bob@x.example","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusCreated).json(t, &known)
		var kept struct{ ID string }
		w.api(t, "POST", "/contacts", `{"email":"rita@x.example","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusCreated).json(t, &kept)
		w.api(t, "PUT", "/contacts/"+kept.ID+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		people := w.count(t, `SELECT COUNT(*) FROM contacts`)
		file := fiderBackup(t, map[string]string{
			"posts.json": `[{"id":1,"number":1,"title":"Dark mode","description":"At night","created_at":"2024-01-02T03:04:05Z","user_id":3,"status":2,"response":"It is there","response_date":"2024-02-02T00:00:00Z"},
				{"id":2,"number":2,"title":"Night theme","description":"","created_at":"2024-01-03T00:00:00Z","user_id":4,"status":5,"original_id":1},
				{"id":3,"number":3,"title":"Rita wishes","description":"","created_at":"2024-01-04T00:00:00Z","user_id":6,"status":0}]`,
			"post_votes.json": `[{"post_id":1,"user_id":3,"created_at":"2024-01-02T00:00:00Z"},{"post_id":1,"user_id":4,"created_at":"2024-01-02T00:00:00Z"},
				{"post_id":2,"user_id":4,"created_at":"2024-01-03T00:00:00Z"},{"post_id":1,"user_id":5,"created_at":"2024-01-03T00:00:00Z"},{"post_id":1,"user_id":6,"created_at":"2024-01-03T00:00:00Z"}]`,
			"comments.json": `[{"id":1,"post_id":1,"user_id":4,"content":"Yes please","created_at":"2024-01-05T00:00:00Z"}]`,
			"users.json": `[{"id":3,"name":"Ada","email":"Ada@x.example","role":1},{"id":4,"name":"Bob","email":"bob@x.example","role":1},
				{"id":5,"name":"Nobody","email":"","role":1},{"id":6,"name":"Rita","email":"rita@x.example","role":1}]`,
		})
		m := w.takeOver(t, board, supportBasis, file)
		r := m.Report
		if m.State != "done" || r.Format != "fider_backup" || r.Posts != 2 || r.Votes != 4 || r.Comments != 2 || r.Merged != 1 || r.People != 1 || r.Known != 1 || len(r.Problems) != 1 {
			t.Fatalf("imported: %+v", m)
		}
		var list struct{ Data []wish }
		w.api(t, "GET", "/boards/"+board+"/posts", "", http.StatusOK).json(t, &list)
		if len(list.Data) != 1 {
			t.Fatalf("the list: %+v", list.Data)
		}
		p := list.Data[0] // Ada, Bob once though he voted for both, and somebody without an address
		if p.Title != "Dark mode" || p.Votes != 3 || p.Comments != 2 || p.Status != "done" || p.Author.Name != "Ada" || p.Author.Type != "contact" {
			t.Errorf("the post: %+v", p)
		}
		if got := w.titles(t, board, "q=night"); !slices.Equal(got, []string{"Dark mode"}) {
			t.Errorf("found by its words: %v", got)
		}
		again := w.takeOver(t, board, supportBasis, file)
		if again.Report.Posts != 0 || again.Report.Again != 2 || again.Report.People != 0 || w.count(t, `SELECT COUNT(*) FROM contacts`) != people+1 {
			t.Errorf("the same file again: %+v", again)
		}
		w.api(t, "POST", "/board-imports/"+m.ID+"/undo", "", http.StatusAccepted)
		undone := w.ended(t, m.ID)
		if undone.State != "undone" || undone.Report.Removed != 2 || w.count(t, `SELECT COUNT(*) FROM posts`) != 0 || w.count(t, `SELECT COUNT(*) FROM contacts`) != people ||
			w.count(t, `SELECT COUNT(*) FROM post_votes`) != 0 {
			t.Errorf("undone: %+v, %d contacts, want %d", undone, w.count(t, `SELECT COUNT(*) FROM contacts`), people)
		}
		if a := w.api(t, "POST", "/board-imports/"+m.ID+"/undo", "", http.StatusConflict); a.code() != "undo_over" {
			t.Errorf("undone twice: %s", a.body)
		}
	})
}

// What others did since stays, with who did it.
func TestUndoingLeavesWhatOthersDid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, publicBoard)
		m := w.takeOver(t, board, supportBasis, "title,author email,votes,created_at\nSwans,ada@x.example,7,2024-01-01\nDucks,,2,2024-01-02\n")
		if m.State != "done" || m.Report.Posts != 2 || m.Report.Votes != 9 {
			t.Fatalf("%+v", m)
		}
		var list struct{ Data []wish }
		w.api(t, "GET", "/boards/"+board+"/posts?sort=top", "", http.StatusOK).json(t, &list)
		w.api(t, "POST", "/posts/"+list.Data[0].ID+"/comments", `{"body":"We look at it"}`, http.StatusCreated)
		w.api(t, "POST", "/board-imports/"+m.ID+"/undo", "", http.StatusAccepted)
		undone := w.ended(t, m.ID)
		if undone.Report.Kept != 1 || undone.Report.Removed != 1 || w.count(t, `SELECT COUNT(*) FROM contacts`) != 1 {
			t.Errorf("%+v", undone)
		}
		if got := w.titles(t, board, ""); !slices.Equal(got, []string{"Swans"}) {
			t.Errorf("left: %v", got)
		}
	})
}

func TestFilesThatCannotBeTakenOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, publicBoard)
		send := func(query, file string) answer {
			return w.do(t, call{method: "POST", path: "/api/v1/boards/" + board + "/imports" + query, body: file, header: bearer(w.made.APIKey)})
		}
		for name, file := range map[string]string{"nothing": "", "a picture": "\x89PNG\r\n", "a torn ZIP file": "PK\x03\x04", "no title": "a,b\n1,2\n"} {
			if a := send(supportBasis, file); a.status != http.StatusUnprocessableEntity || a.code() != "takeout_unreadable" {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		if a := send("?purpose=nothing&lawful_basis=contract", "title\nx\n"); a.status != http.StatusUnprocessableEntity {
			t.Errorf("a purpose that is not there: %d %s", a.status, a.body)
		}
		if n := w.count(t, `SELECT COUNT(*) FROM board_imports`); n != 0 {
			t.Errorf("%d imports were begun", n)
		}
		var made struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"boards","scopes":["boards:write","boards:read"]}`, http.StatusCreated).json(t, &made)
		a := w.do(t, call{method: "POST", path: "/api/v1/boards/" + board + "/imports", body: "title\nx\n", header: bearer(made.Secret)})
		if a.status != http.StatusForbidden {
			t.Errorf("without contacts:write: %d %s", a.status, a.body)
		}
	})
}

func TestABoardIsTakenOutAndIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, publicBoard)
		w.wish(t, board, `{"title":"=1+1","body":"a \"quoted\"\nline","status":"planned"}`)
		p := w.wish(t, board, `{"title":"Swans"}`)
		w.api(t, "POST", "/posts/"+p.ID+"/comments", `{"body":"Yes"}`, http.StatusCreated)
		table := w.api(t, "GET", "/boards/"+board+"/export", "", http.StatusOK)
		if !strings.Contains(table.body, "'=1+1") || strings.Contains(table.body, ",=1+1") {
			t.Errorf("a formula stands in %s", table.body)
		}
		var all []struct {
			Title      string
			CommentsOf []struct{ Body string } `json:"comments_of"`
			VotesOf    []struct{}              `json:"votes_of"`
		}
		w.api(t, "GET", "/boards/"+board+"/export?format=json", "", http.StatusOK).json(t, &all)
		if len(all) != 2 || all[0].Title != "Swans" || len(all[0].CommentsOf) != 1 {
			t.Errorf("as JSON: %+v", all)
		}
		w.api(t, "GET", "/boards/"+board+"/export?format=xml", "", http.StatusUnprocessableEntity)
		other := w.board(t, `{"name":"Copy"}`)
		if m := w.takeOver(t, other, supportBasis, table.body); m.Report.Posts != 2 {
			t.Errorf("taken in again: %+v", m)
		}
		empty := w.board(t, `{"name":"Empty"}`)
		if a := w.api(t, "GET", "/boards/"+empty+"/export?format=json", "", http.StatusOK); strings.TrimSpace(a.body) != "[]" {
			t.Errorf("of an empty board: %q", a.body)
		}
	})
}

// What is kept of an import names rows by number: a file's keys may be addresses.
func TestReportsOfImportsNameNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, publicBoard)
		long := strings.Repeat("x", 201)
		var kept struct{ ID string }
		w.api(t, "POST", "/contacts", `{"email":"rita@secret.example","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusCreated).json(t, &kept)
		w.api(t, "PUT", "/contacts/"+kept.ID+"/restriction", `{"restricted":true,"reason":"asked"}`, http.StatusOK)
		m := w.takeOver(t, board, supportBasis, "id,title,author email\nmax@secret.example,"+long+",ida@secret.example\nmax@secret.example,Twice,\n,Hers,rita@secret.example\n,Odd,not@@secret.example\n")
		if m.State != "done" || len(m.Report.Problems) < 4 {
			t.Fatalf("%+v", m)
		}
		var stored string
		err := w.DB.Read(t.Context(), func(tx *storage.Tx) error { return tx.QueryRow(`SELECT report FROM board_imports`).Scan(&stored) })
		if err != nil || strings.Contains(stored, "secret.example") {
			t.Errorf("the report names people: %s, %v", stored, err)
		}
	})
}
