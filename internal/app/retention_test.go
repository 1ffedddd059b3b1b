package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/storage"
)

type retentionResults struct {
	Results []struct {
		Category string
		Version  int
		Counts   map[string]int
	}
}

// A workspace sets its terms, sees what they would remove, has it removed, and the
// notice and the catalogue tell the number of days.
func TestRetention(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		conversationID, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		w.api(t, "PATCH", "/conversations/"+conversationID, `{"state":"resolved"}`, http.StatusOK)
		other := w.setup(t, "Other", "owner@other.example")
		if a := w.api(t, "GET", "/privacy/retention", "", http.StatusOK); !strings.Contains(a.body, `"rules":[]`) || !strings.Contains(a.body, `"category":"messages"`) {
			t.Errorf("a new workspace has %s", a.body)
		}
		const rules = `{"rules":[{"category":"messages","days":30}]}`
		set := w.api(t, "PUT", "/privacy/retention", rules, http.StatusOK)
		if !strings.Contains(set.body, `"days":30,"version":1`) {
			t.Errorf("set: %s", set.body)
		}
		age := time.Now().Add(-31 * 24 * time.Hour).UnixMicro()
		err := w.DB.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec(`UPDATE conversations SET activity_at = $1 WHERE id = $2`, age, conversationID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var dry retentionResults
		w.api(t, "POST", "/privacy/retention/dry-run", `{}`, http.StatusOK).json(t, &dry)
		want := map[string]int{"conversations": 1, "messages": 1}
		if len(dry.Results) != 1 || dry.Results[0].Version != 1 || cmp.Diff(want, dry.Results[0].Counts) != "" {
			t.Errorf("the dry run says %+v", dry.Results)
		}
		w.api(t, "POST", "/privacy/retention/dry-run", `{"rules":[{"category":"messages","days":60}]}`, http.StatusOK).json(t, &dry)
		if dry.Results[0].Version != 0 || dry.Results[0].Counts["messages"] != 0 {
			t.Errorf("a proposed rule says %+v", dry.Results)
		}
		w.api(t, "GET", "/conversations/"+conversationID, "", http.StatusOK)
		w.api(t, "POST", "/privacy/retention/runs", "", http.StatusAccepted)
		if err := w.Retention.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		var runs struct {
			Data []struct {
				State string
				retentionResults
			}
		}
		w.api(t, "GET", "/privacy/retention/runs", "", http.StatusOK).json(t, &runs)
		if len(runs.Data) != 1 || runs.Data[0].State != "done" || cmp.Diff(want, runs.Data[0].Results[0].Counts) != "" {
			t.Errorf("the runs say %+v", runs.Data)
		}
		w.api(t, "GET", "/conversations/"+conversationID, "", http.StatusNotFound)
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK)
		for page, want := range map[string]bool{"/privacy/" + w.made.Workspace.Slug: true, "/privacy/" + other.Workspace.Slug: false} {
			if a := w.do(t, call{method: "GET", path: page}); strings.Contains(a.body, "30 days after the last message") != want {
				t.Errorf("%s tells the term: %v, want %v", page, !want, want)
			}
		}
		if a := w.api(t, "GET", "/privacy/catalogue", "", http.StatusOK); !strings.Contains(a.body, `"retention_rules":[{"category":"messages","scope":"resolved","days":30}]`) {
			t.Error("the catalogue does not tell the rule")
		}
		if a := w.do(t, call{method: "GET", path: "/api/v1/privacy/retention/runs", header: bearer(other.APIKey)}); !strings.Contains(a.body, `"data":[]`) {
			t.Errorf("another workspace sees %s", a.body)
		}
		stale := w.do(t, call{method: "PUT", path: "/api/v1/privacy/retention", body: `{"rules":[]}`,
			header: http.Header{"Authorization": {"Bearer " + w.made.APIKey}, "If-Match": {`"1"`}}})
		if stale.status != http.StatusPreconditionFailed {
			t.Errorf("a stale version: %d %s", stale.status, stale.body)
		}
	})
}

func TestRetentionRefuses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for body, status := range map[string]int{
			`{"rules":[{"category":"messages","days":0}]}`:                                    422,
			`{"rules":[{"category":"messages","days":-5}]}`:                                   422,
			`{"rules":[{"category":"messages","days":"90"}]}`:                                 422,
			`{"rules":[{"category":"messages","days":99999999999999999999}]}`:                 422,
			`{"rules":[{"category":"messages","days":90,"scope":"everything"}]}`:              422,
			`{"rules":[{"category":"audit","days":90}]}`:                                      422,
			`{"rules":[{"category":"events","days":1}]}`:                                      422,
			`{"rules":[{"category":"contacts","days":90,"purpose":"x' OR '1'='1"}]}`:          422,
			`{"rules":[{"category":"messages","days":90},{"category":"messages","days":30}]}`: 422,
			`{"rules":[{"category":"messages","days":90,"force":true}]}`:                      422,
			`{"rules":null}`: 422,
			`{}`:             422,
			`{"rules":[`:     400,
			`{"rules":[` + strings.Repeat(`{"category":"messages","days":90},`, 64) + `{"category":"messages","days":90}]}`: 422,
		} {
			a := w.do(t, call{method: "PUT", path: "/api/v1/privacy/retention", body: body, header: bearer(w.made.APIKey)})
			if a.status != status || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%.80s: %d %s, want %d", body, a.status, a.body, status)
			}
		}
		w.api(t, "GET", "/privacy/retention/runs?cursor=nonsense", "", http.StatusBadRequest)
		made := w.api(t, "POST", "/api-keys", `{"name":"reader","scopes":["privacy:read"]}`, http.StatusCreated)
		var reader struct{ Secret string }
		made.json(t, &reader)
		for _, c := range []call{{method: "PUT", path: "/api/v1/privacy/retention", body: `{"rules":[]}`}, {method: "POST", path: "/api/v1/privacy/retention/runs"}} {
			c.header = bearer(reader.Secret)
			if a := w.do(t, c); a.status != http.StatusForbidden {
				t.Errorf("%s by who may only read: %d", c.method, a.status)
			}
		}
		if n := rowCounts(t, w.DB)["retention_rules"]; n != 0 {
			t.Errorf("%d rules were kept of what was refused", n)
		}
	})
}
