package app_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/storage"
)

// Invariant 2: no undeclared data.
func TestEveryColumnIsInTheCatalogue(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		schema := map[string][]string{}
		for table, columns := range columnsOf(t, w.DB) {
			if !strings.HasPrefix(table, "search_words") && !strings.Contains(table, "goose") && !strings.Contains(table, "migrations") {
				schema[table] = columns
			}
		}
		if len(schema) < 15 {
			t.Fatalf("only %d tables were looked at", len(schema))
		}
		for _, wrong := range w.Privacy.Catalogue().Undeclared(string(w.DB.Engine()), schema) {
			t.Error(wrong)
		}
	})
}

// columnsOf gives the columns of every table.
func columnsOf(t *testing.T, db *storage.DB) map[string][]string {
	t.Helper()
	query := `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`
	if db.Engine() == storage.Postgres {
		query = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()`
	}
	out := map[string][]string{}
	err := db.Read(t.Context(), func(tx *storage.Tx) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		clear(out)
		for rows.Next() {
			var table, column string
			if err := rows.Scan(&table, &column); err != nil {
				return err
			}
			out[table] = append(out[table], column)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// rowCounts counts the rows of every table.
func rowCounts(t *testing.T, db *storage.DB) map[string]int {
	t.Helper()
	out := map[string]int{}
	for table := range columnsOf(t, db) {
		if strings.HasPrefix(table, "search_words") {
			continue
		}
		err := db.Read(t.Context(), func(tx *storage.Tx) error {
			var n int
			err := tx.QueryRow(`SELECT COUNT(*) FROM ` + table).Scan(&n)
			out[table] = n
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// Invariant 9: nothing before need.
func TestLookingStoresNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := rowCounts(t, w.DB)
		keys, err := w.Vault.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		v := w.visit(t, w.made.Workspace.Key)
		v.call(t, "GET", "/conversations", "", http.StatusOK)
		v.call(t, "GET", "/consents", "", http.StatusOK)
		v.call(t, "POST", "/consents", `{"purpose":"marketing","action":"grant","version":1}`, http.StatusConflict)
		for _, page := range []string{"/", "/widget.js", "/docs", "/privacy/" + w.made.Workspace.Slug} {
			if a := w.do(t, call{method: "GET", path: page}); a.status != http.StatusOK {
				t.Errorf("%s: %d", page, a.status)
			}
		}
		if diff := cmp.Diff(before, rowCounts(t, w.DB)); diff != "" {
			t.Errorf("looking stored something (-before +after):\n%s", diff)
		}
		if now, err := w.Vault.Stats(t.Context()); err != nil || now.Keys != keys.Keys {
			t.Errorf("looking made keys: %d, before %d (%v)", now.Keys, keys.Keys, err)
		}
	})
}

var pathParameter = regexp.MustCompile(`\{[a-z_]+\}`)

// Invariant 1: workspace first. Every route that names a thing is called with a
// thing of another workspace, by that workspace's key and by a visitor of it.
func TestForeignIDsAreNotFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		conversationID, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello from Acme")
		other := w.setup(t, "Other", "owner@other.example")
		keyID := firstID(t, w, "/api-keys")
		var asked struct{ ID string }
		w.api(t, "POST", "/privacy/requests", `{"contact_id":"`+contactID+`","kind":"access"}`, http.StatusCreated).json(t, &asked)
		hook := w.hook(t, listen(t), "contact.updated")
		w.api(t, "PATCH", "/contacts/"+contactID, `{"name":"Ada","basis":{"purpose":"support","lawful_basis":"contract"}}`, http.StatusOK)
		w.tell(t)
		theirs := map[string]string{"conversations": conversationID, "contacts": contactID, "operators": w.made.OperatorID, "api-keys": keyID,
			"privacy/requests": asked.ID, "privacy-requests": asked.ID, "webhook-endpoints": hook, "webhook-deliveries": firstID(t, w, "/webhook-deliveries"),
			"merges": "mrg_01jdb2k8q5e6r7s8t9v0w1x2y3", "sessions": "ses_01jdb2k8q5e6r7s8t9v0w1x2y3",
			"mails": "mai_01jdb2k8q5e6r7s8t9v0w1x2y3"}
		theirs["segments"] = segmentID(t, w)
		theirs["companies"] = w.company(t, `"name":"Acme"`)
		var bulk struct{ ID string }
		w.api(t, "POST", "/contacts/bulk", `{"action":"tag","tag":"x","contact_ids":["`+contactID+`"]}`, http.StatusAccepted).json(t, &bulk)
		theirs["bulk-jobs"] = bulk.ID
		theirs["blocks"] = w.blockOf(t, `"domain":"spam.example","reason":"spam"`)
		theirs["enrichment/providers"], theirs["privacy/assessments"] = providerFor(t, w), assessmentFor(t, w)
		theirs["boards"], theirs["posts"], theirs["comments"] = boardIDs(t, w)
		theirs["files"] = w.attach(t, theirs["boards"], "a.txt", "a").ID
		theirs["changelog"] = entryID(t, w, theirs["boards"])
		theirs["board-imports"] = w.takeOver(t, theirs["boards"], "?purpose=support&lawful_basis=contract", "title\nx\n").ID
		theirs["imports"] = w.upload(t, "email\nada@x.example\n").ID
		before := rowCounts(t, w.DB)
		visitor := w.visit(t, other.Workspace.Key)
		visitor.write(t, "hello from Other")
		tried := 0
		for _, rt := range w.Router.Routes() {
			if !strings.Contains(rt.Path, "{id}") || rt.SignedIn {
				continue
			}
			area, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(rt.Path, "/api/v1/"), "/widget/v1/"), "/{id}")
			id, known := theirs[area]
			if !known {
				t.Errorf("%s %s: the matrix has no id for %s; add one", rt.Method, rt.Path, area)
				continue
			}
			token := other.APIKey
			if rt.Visitor {
				token = visitor.token
			}
			path := pathParameter.ReplaceAllString(strings.Replace(rt.Path, "{id}", id, 1), "email_replies")
			a := w.do(t, call{method: rt.Method, path: path, body: bodyFor(t, rt), header: bearer(token)})
			if a.status != http.StatusNotFound || a.code() != "not_found" {
				t.Errorf("%s %s with another workspace's id: %d %s, want 404 not_found", rt.Method, rt.Path, a.status, a.body)
			}
			tried++
		}
		if tried < 12 {
			t.Errorf("only %d routes were tried", tried)
		}
		if erase := w.do(t, call{method: "DELETE", path: "/api/v1/contacts/" + contactID + "?erase=true", header: bearer(other.APIKey)}); erase.status != http.StatusNotFound {
			t.Errorf("erasing another workspace's contact: %d", erase.status)
		}
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusOK)
		w.api(t, "GET", "/conversations/"+conversationID, "", http.StatusOK)
		after := rowCounts(t, w.DB)
		if after["operators"] != before["operators"] || after["api_keys"] != before["api_keys"] {
			t.Error("a foreign key changed operators or keys")
		}
	})
}

// bodyFor gives a body that the route would take, so that the refusal is about the id.
func bodyFor(t *testing.T, rt httpx.Route) string {
	t.Helper()
	bodies := map[string]string{
		"extendPrivacyRequest": `{"days":1,"reason":"x"}`,
		"updateContact":        `{}`, "updateConversation": `{"priority":"high"}`, "postMessage": `{"body":"x"}`, "grantConsent": `{"purpose":"marketing"}`,
		"widgetPostMessage": `{"body":"x"}`, "setBoardLogo": `{}`, "redactMessage": `{"whole":true}`,
		"objectToPurpose": `{"purpose":"marketing"}`, "setRestriction": `{"restricted":true,"reason":"x"}`,
		"setLegalHold": `{"reason":"x","ends_at":"` + time.Now().Add(time.Hour).UTC().Format(time.RFC3339) + `"}`, "updateOperator": `{"role":"viewer"}`,
		"updatePrivacyRequest": `{"state":"in_progress"}`, "setImport": `{}`,
		"updateWebhookEndpoint": `{"state":"off"}`, "rotateWebhookSecret": `{}`, "updateSegment": `{"name":"x"}`, "updateAssessment": `{"state":"draft"}`, "updateEnrichmentProvider": `{"state":"off"}`,
		"blockContact":      `{"reason":"spam"}`,
		"createContactNote": `{"body":"x"}`, "updateContactNote": `{"body":"x"}`,
		"updateCompany": `{"name":"x"}`, "updateBoard": `{"name":"x"}`, "updatePost": `{"title":"x"}`, "updateComment": `{"body":"x"}`,
		"updateChangelogEntry": `{"title":"x"}`, "changePosts": `{"post_ids":["pst_01jdb2k8q5e6r7s8t9v0w1x2y3"]}`, "setModeration": `{}`, "similarPosts": `{"title":"x"}`, "previewBoard": `{}`, "decidePending": `{"ids":["pst_01jdb2k8q5e6r7s8t9v0w1x2y3"],"decision":"approve"}`, "widgetVote": `{"voted":true}`, "createPost": `{"title":"x"}`, "createComment": `{"body":"x"}`, "mergePost": `{"post_id":"pst_01jdb2k8q5e6r7s8t9v0w1x2y3"}`,
		"mergeContact": `{"contact_id":"con_01jdb2k8q5e6r7s8t9v0w1x2y3"}`, "previewMerge": `{"contact_id":"con_01jdb2k8q5e6r7s8t9v0w1x2y3"}`,
		"mergeCompany": `{"company_id":"cmp_01jdb2k8q5e6r7s8t9v0w1x2y3"}`,
	}
	return bodies[rt.ID]
}

func firstID(t *testing.T, w *world, list string) string {
	t.Helper()
	var page struct{ Data []struct{ ID string } }
	w.api(t, "GET", list, "", http.StatusOK).json(t, &page)
	if len(page.Data) == 0 {
		t.Fatalf("%s is empty", list)
	}
	return page.Data[0].ID
}

// Each route refuses who is not known, and who lacks what the table names.
func TestEveryRouteIsGuarded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		weak := w.api(t, "POST", "/api-keys", `{"name":"weak","scopes":["workspace:read"]}`, http.StatusCreated)
		var key struct{ Secret string }
		weak.json(t, &key)
		for _, rt := range w.Router.Routes() {
			if rt.Public {
				continue
			}
			path := pathParameter.ReplaceAllString(rt.Path, "x")
			for name, tt := range map[string]struct {
				header http.Header
				status int
			}{
				"nobody":       {nil, http.StatusUnauthorized},
				"a wrong key":  {bearer("btm_wrong"), http.StatusUnauthorized},
				"not a bearer": {http.Header{"Authorization": {"Basic eDp5"}}, http.StatusUnauthorized},
				"a weak key":   {bearer(key.Secret), http.StatusForbidden},
			} {
				want := tt.status
				if rt.Visitor {
					want = http.StatusUnauthorized
				}
				if rt.Permission == "workspace:read" && name == "a weak key" {
					continue
				}
				a := w.do(t, call{method: rt.Method, path: path, body: bodyFor(t, rt), header: tt.header})
				if a.status != want || a.header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("%s %s as %s: %d %s, want %d", rt.Method, rt.Path, name, a.status, a.body, want)
				}
			}
		}
	})
}
