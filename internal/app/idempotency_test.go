package app_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/api"
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
