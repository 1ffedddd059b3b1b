package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/api"
	"github.com/botimum/botimum/internal/storage"
)

func (w *world) once(t *testing.T, key, path, body string) answer {
	t.Helper()
	h := bearer(w.made.APIKey)
	h.Set("Idempotency-Key", key)
	return w.do(t, call{method: "POST", path: "/api/v1" + path, body: body, header: h})
}

const newAda = `{"name":"Ada","basis":{"purpose":"support","lawful_basis":"contract"}}`

func TestARepeatedPostTakesEffectOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.once(t, "k1", "/contacts", newAda)
		again := w.once(t, "k1", "/contacts", newAda)
		if first.status != http.StatusCreated || again.status != first.status || again.body != first.body ||
			again.header.Get("Idempotency-Replayed") != "true" || again.header.Get("ETag") != first.header.Get("ETag") {
			t.Errorf("first %d %s\nagain %d %s %v", first.status, first.body, again.status, again.body, again.header)
		}
		other := w.once(t, "k1", "/contacts", `{"name":"Eve","basis":{"purpose":"support","lawful_basis":"contract"}}`)
		if other.status != http.StatusConflict || other.code() != "idempotency_mismatch" {
			t.Errorf("another body: %d %s", other.status, other.body)
		}
		// What was refused took no effect, so the key is still free.
		if a := w.once(t, "k2", "/contacts", `{"name":"Ada"}`); a.status != http.StatusUnprocessableEntity {
			t.Errorf("no basis: %d %s", a.status, a.body)
		}
		if a := w.once(t, "k2", "/contacts", newAda); a.status != http.StatusCreated {
			t.Errorf("mended: %d %s", a.status, a.body)
		}
		if n := rowCounts(t, w.DB)["contacts"]; n != 2 {
			t.Errorf("%d contacts, want 2", n)
		}
	})
}

func TestRacingRepeatsTakeEffectOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var wg sync.WaitGroup
		statuses := make([]int, 8)
		for i := range statuses {
			wg.Go(func() { statuses[i] = w.once(t, "race", "/contacts", newAda).status })
		}
		wg.Wait()
		for _, s := range statuses {
			if s != http.StatusCreated && s != http.StatusConflict {
				t.Errorf("statuses %v, want 201 or 409", statuses)
				break
			}
		}
		if n := rowCounts(t, w.DB)["contacts"]; n != 1 {
			t.Errorf("%d contacts, want 1", n)
		}
	})
}

func TestKeptAnswersGoWithThePerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var c struct{ ID string }
		w.once(t, "k1", "/contacts", newAda).json(t, &c)
		if n := rowCounts(t, w.DB)["idempotency_keys"]; n != 1 {
			t.Fatalf("%d answers kept, want 1", n)
		}
		w.api(t, "DELETE", "/contacts/"+c.ID+"?erase=true", "", http.StatusOK)
		if n := rowCounts(t, w.DB)["idempotency_keys"]; n != 0 {
			t.Errorf("%d answers about an erased person are left", n)
		}
		w.once(t, "k3", "/contacts", newAda)
		if err := w.ForgetAnswers(t.Context(), time.Now().Add(-api.KeepAnswers)); err != nil {
			t.Fatal(err)
		}
		if n := rowCounts(t, w.DB)["idempotency_keys"]; n != 1 {
			t.Errorf("a fresh answer was forgotten")
		}
		if err := w.ForgetAnswers(t.Context(), time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if n := rowCounts(t, w.DB)["idempotency_keys"]; n != 0 {
			t.Errorf("%d old answers are left", n)
		}
	})
}

// The answer to a batch about many goes with the first of them that is erased, and
// cannot be opened without the key of each; the batch does not take effect again.
func TestAKeptAnswerAboutManyGoesWithEachOfThem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var people []string
		var events []string
		for i := range 3 {
			people = append(people, w.someone(t, fmt.Sprintf(`"name":"P%d"`, i)))
		}
		for _, id := range append(people, people[0]) {
			events = append(events, `{"contact_id":"`+id+`","name":"order placed","basis":{"purpose":"support","lawful_basis":"contract"}}`)
		}
		batch := `{"events":[` + strings.Join(events, ",") + `]}`
		for i, erased := range people[:2] { // the first and one in the middle, of a batch each
			key := fmt.Sprintf("batch %d", i)
			sent := batch
			if i > 0 {
				sent = `{"events":[` + strings.Join(events[1:3], ",") + `]}`
			}
			first := w.once(t, key, "/events", sent)
			again := w.once(t, key, "/events", sent)
			if first.status != http.StatusCreated || again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" {
				t.Fatalf("%d %s, again %d %s", first.status, first.body, again.status, again.body)
			}
			if n := rowCounts(t, w.DB)["idempotency_people"]; n != 3-i {
				t.Errorf("%d people noted, want %d", n, 3-i)
			}
			before := rowCounts(t, w.DB)["contact_events"]
			w.api(t, "DELETE", "/contacts/"+erased+"?erase=true", "", http.StatusOK)
			counts := rowCounts(t, w.DB)
			if counts["idempotency_people"] != 0 || counts["contact_events"] >= before {
				t.Errorf("after the erasure %v", counts)
			}
			var kept int
			err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
				return tx.QueryRow(`SELECT COUNT(*) FROM idempotency_keys WHERE response_sealed IS NOT NULL`).Scan(&kept)
			})
			if err != nil || kept != 0 {
				t.Errorf("%d answers are kept (%v)", kept, err)
			}
			if a := w.once(t, key, "/events", sent); a.status != http.StatusConflict || a.code() != "idempotency_in_progress" {
				t.Errorf("repeated after the erasure: %d %s", a.status, a.body)
			}
			if after := rowCounts(t, w.DB)["contact_events"]; after != counts["contact_events"] {
				t.Errorf("the batch took effect again: %d events, want %d", after, counts["contact_events"])
			}
		}
		ids := `{"events":[` + strings.ReplaceAll(events[2], people[2], w.someone(t, `"name":"Q"`)) + "," + events[2] + `]}`
		if a := w.once(t, "last", "/events", ids); a.status != http.StatusCreated {
			t.Fatal(a.body)
		}
		if err := w.ForgetAnswers(t.Context(), time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if n := rowCounts(t, w.DB)["idempotency_people"]; n != 0 {
			t.Errorf("%d people of old answers are left", n)
		}
	})
}
