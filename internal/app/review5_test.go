package app_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/botimum/botimum/internal/storage"
)

// What an answer showed of two people while they were one is not kept with the key
// of one of them once they are apart.
func TestKeptAnswersDoNotOutliveAMerge(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one := w.add(t, `"name":"Ada"`)
		other := w.add(t, `"email":"theirs@secret.example"`)
		m := w.merge(t, one, other, "")
		w.api(t, "DELETE", "/contacts/"+one, "", http.StatusNoContent)
		header := bearer(w.made.APIKey)
		header.Set("Idempotency-Key", "restore-1")
		restore := call{method: "POST", path: "/api/v1/contacts/" + one + "/restore", header: header}
		if a := w.do(t, restore); a.status != http.StatusOK || !strings.Contains(a.body, "theirs@secret.example") {
			t.Fatalf("restore: %d %s", a.status, a.body)
		}
		w.api(t, "POST", "/merges/"+m.Merge.ID+"/undo", "", http.StatusOK)
		w.api(t, "DELETE", "/contacts/"+other+"?erase=true", "", http.StatusOK)
		if a := w.do(t, restore); strings.Contains(a.body, "theirs@secret.example") {
			t.Errorf("the kept answer still shows who was erased: %d %s", a.status, a.body)
		}
	})
}

// From whom addresses are hidden does not read them in the file of an import.
func TestMaskedRolesDoNotReadTheFilesOfImports(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		imp := w.upload(t, "name,phone,email\nAda,030 5566778,ada@secret\nBo,030 1122334,Bo <bo@secret.example>\n")
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"masked","scopes":["contacts:read","contacts:write","contacts:masked"]}`, http.StatusCreated).json(t, &key)
		for _, c := range []call{{method: "GET", path: "/api/v1/imports/" + imp.ID}, {method: "PATCH", path: "/api/v1/imports/" + imp.ID, body: `{"header":false}`},
			{method: "GET", path: "/api/v1/imports"}, {method: "PATCH", path: "/api/v1/imports/" + imp.ID, body: `{"header":true}`},
			{method: "GET", path: "/api/v1/imports/" + imp.ID + "/errors"}} {
			c.header = bearer(key.Secret)
			a := w.do(t, c)
			for _, planted := range []string{"5566778", "1122334", "ada@secret", "bo@secret"} {
				if strings.Contains(a.body, planted) {
					t.Errorf("%s %s %s shows %s: %s", c.method, c.path, c.body, planted, a.body)
				}
			}
		}
		if a := w.api(t, "GET", "/imports/"+imp.ID, "", http.StatusOK); !strings.Contains(a.body, "5566778") {
			t.Errorf("who sees addresses sees the rows: %s", a.body)
		}
	})
}

// Votes are copied when posts are merged: somebody who is erased at that moment
// leaves none behind, and is erased.
func TestErasingWhilePostsAreMergedLeavesNoVote(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, `{"name":"Wishes"}`)
		for range 12 {
			into, from := w.wish(t, board, `{"title":"one"}`).ID, w.wish(t, board, `{"title":"two"}`).ID
			voter := w.add(t, `"name":"Ada"`)
			w.api(t, "PUT", "/posts/"+from+"/votes/"+voter, "", http.StatusOK)
			var both sync.WaitGroup
			start := make(chan struct{})
			for _, c := range []call{{method: "POST", path: "/api/v1/posts/" + from + "/merge", body: `{"post_id":"` + into + `"}`},
				{method: "DELETE", path: "/api/v1/contacts/" + voter + "?erase=true"}} {
				c.header = bearer(w.made.APIKey)
				both.Go(func() {
					<-start
					if a := w.do(t, c); a.status != http.StatusOK {
						t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
					}
				})
			}
			close(start)
			both.Wait()
			left := 0
			err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
				return tx.QueryRow(`SELECT COUNT(*) FROM post_votes WHERE contact_id = $1`, voter).Scan(&left)
			})
			if err != nil || left != 0 {
				t.Fatalf("%d votes of who was erased are left (%v)", left, err)
			}
		}
	})
}
