package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

const (
	aCard    = "4242 4242 4242 4242"
	anIBAN   = "DE89370400440532013000"
	aSecret  = "Tr0ub4dor&3"
	wroteAll = "Card " + aCard + ", my password is " + aSecret
)

// toldMessage is what the tests read of a message.
type toldMessage struct {
	ID         string
	Body       string
	RedactedAt *time.Time `json:"redacted_at"`
	Redaction  *struct {
		By    struct{ Type, ID, Name string }
		Kinds []string
		Whole bool
	}
	Sensitive *struct {
		Masked []string
		Found  []struct {
			Kind, Country, Confidence string
			Start, End                int
		}
	}
}

func (w *world) thread(t *testing.T, conversationID string) []toldMessage {
	t.Helper()
	var page struct{ Data []toldMessage }
	w.api(t, "GET", "/conversations/"+conversationID+"/messages", "", http.StatusOK).json(t, &page)
	return page.Data
}

// What is masked on arrival is nowhere: whoever wrote it, and whichever way it is
// asked for.
func TestMaskedTextIsStoredNowhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		id, contactID := v.write(t, wroteAll)
		var answers []string
		answers = append(answers, v.call(t, "POST", "/conversations/"+id+"/messages", quoted("again "+aCard), http.StatusCreated).body)
		answers = append(answers, w.api(t, "POST", "/conversations/"+id+"/messages", quoted("I noted "+aCard), http.StatusCreated).body)
		first := w.once(t, "masked", "/conversations/"+id+"/messages", quoted("once more "+aCard))
		again := w.once(t, "masked", "/conversations/"+id+"/messages", quoted("once more "+aCard))
		if again.header.Get("Idempotency-Replayed") != "true" || first.body != again.body {
			t.Errorf("repeated: %d %s", again.status, again.body)
		}
		subject := w.api(t, "POST", "/conversations", fmt.Sprintf(`{"contact_id":%q,"subject":"Card %s","body":"see the subject"}`, contactID, aCard), http.StatusCreated)
		frames := w.follow(t, "/api/v1/stream", w.made.APIKey, "0")
		answers = append(answers, first.body, again.body, subject.body,
			w.api(t, "GET", "/conversations", "", http.StatusOK).body,
			w.api(t, "GET", "/conversations/"+id+"/messages", "", http.StatusOK).body,
			v.call(t, "GET", "/conversations", "", http.StatusOK).body,
			v.call(t, "GET", "/conversations/"+id+"/messages", "", http.StatusOK).body,
			w.export(t, subjectOf(w, contactID)), told(t, frames, 5, "message.created"))
		for i, a := range answers {
			if strings.Contains(a, aCard) || strings.Contains(a, aSecret) {
				t.Errorf("answer %d shows what was masked: %s", i, a)
			}
			if !strings.Contains(a, "•••• 4242") {
				t.Errorf("answer %d does not show the mask: %s", i, a)
			}
		}
		for _, q := range []string{"4242424242424242", "Tr0ub4dor"} {
			if a := w.api(t, "POST", "/search", `{"q":"`+q+`"}`, http.StatusOK); strings.Contains(a.body, "msg_") {
				t.Errorf("what was masked is found: %s", a.body)
			}
		}
		m := w.thread(t, id)[3]
		if m.Sensitive == nil || !slices.Equal(m.Sensitive.Masked, []string{"card", "password"}) || len(m.Sensitive.Found) > 0 {
			t.Errorf("the message tells %+v", m.Sensitive)
		}
		w.settle(t)
		for path, b := range w.raw(t) {
			if bytes.Contains(b, []byte(aCard)) || bytes.Contains(b, []byte(aSecret)) {
				t.Errorf("what was masked is in %s", path)
			}
		}
	})
}

func quoted(body string) string {
	raw, _ := json.Marshal(map[string]string{"body": body})
	return string(raw)
}

func subjectOf(w *world, contactID string) privacy.Subject {
	return privacy.Subject{WorkspaceID: w.made.Workspace.ID, ContactID: contactID}
}

// told gives so many frames of an event, as one text.
func told(t *testing.T, frames <-chan frame, n int, event string) string {
	t.Helper()
	var out strings.Builder
	for n > 0 {
		if f := next(t, frames); f.event == event {
			raw, err := json.Marshal(f.data)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(raw)
			n--
		}
	}
	return out.String()
}

func TestAWorkspaceDecidesWhatIsMasked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, bad := range []string{`{"settings":{"sensitive":{"shoe_size":"mask"}}}`, `{"settings":{"sensitive":{"card":"burn"}}}`} {
			w.api(t, "PATCH", "/workspace", bad, http.StatusUnprocessableEntity)
		}
		w.api(t, "PATCH", "/workspace", `{"settings":{"sensitive":{"card":"flag","iban":"mask","password":"off"}}}`, http.StatusOK)
		id, _ := w.visit(t, w.made.Workspace.Key).write(t, wroteAll+" "+anIBAN)
		m := w.thread(t, id)[0]
		if m.Body != wroteAll+" DE•• ••••" || len(m.Sensitive.Found) != 1 || m.Sensitive.Found[0].Kind != "card" || m.Sensitive.Masked[0] != "iban" {
			t.Errorf("stored %q, telling %+v", m.Body, m.Sensitive)
		}
		w.api(t, "PATCH", "/workspace", `{"settings":{"greeting":"Hi"}}`, http.StatusOK)
		var ws struct {
			Settings struct{ Sensitive map[string]string }
		}
		w.api(t, "GET", "/workspace", "", http.StatusOK).json(t, &ws)
		if got := ws.Settings.Sensitive; got["card"] != "flag" || got["key"] != "mask" || got["national_id"] != "flag" {
			t.Errorf("settings %v", got)
		}
	})
}

// What is flagged can be redacted, and is then in no answer, no stream, no index and,
// sealed or not, in no file.
func TestARedactedTextIsGone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		_, contactID := v.write(t, "hello")
		pad := strings.Repeat("an ordinary sentence, ", 60)
		for i := range 40 { // so that pages split, and leave copies behind if they are let
			w.api(t, "POST", "/conversations", fmt.Sprintf(`{"contact_id":%q,"subject":"number %d","body":%q}`, contactID, i, pad), http.StatusCreated)
		}
		// Long enough for pages of its own, which become free when it goes.
		text := "Überweisung bitte an " + anIBAN + " zebrafish" + strings.Repeat(" and so on", 1500)
		operator, visitor := w.follow(t, "/api/v1/stream", w.made.APIKey, ""), w.follow(t, "/widget/v1/stream", v.token, "")
		hello := next(t, operator)
		next(t, visitor)
		started := w.once(t, "k", "/conversations", fmt.Sprintf(`{"contact_id":%q,"subject":"To %s","body":%q}`, contactID, anIBAN, text))
		var c struct{ ID string }
		started.json(t, &c)
		w.Search.Settle(t.Context())
		told(t, operator, 1, "message.created")
		m := w.thread(t, c.ID)[0]
		if m.Sensitive == nil || len(m.Sensitive.Found) != 1 || m.Sensitive.Found[0].Country != "de" || string([]rune(m.Body)[m.Sensitive.Found[0].Start:m.Sensitive.Found[0].End]) != anIBAN {
			t.Fatalf("not flagged: %+v", m)
		}
		if a := w.api(t, "POST", "/search", `{"q":"`+anIBAN+`"}`, http.StatusOK); strings.Contains(a.body, "msg_") {
			t.Error("what is flagged is in the index")
		}
		old := w.sealedOf(t, c.ID, m.ID)
		if found := whereIs(t, w, old); w.DB.Engine() == storage.SQLite && len(found) == 0 {
			t.Fatal("the search for sealed bytes finds nothing")
		}
		path := "/conversations/" + c.ID + "/messages/" + m.ID + "/redact"
		var after toldMessage
		w.api(t, "POST", path, `{}`, http.StatusOK).json(t, &after)
		want := "Überweisung bitte an █████ zebrafish and"
		if !strings.HasPrefix(after.Body, want) || after.RedactedAt == nil || after.Redaction == nil || after.Redaction.Whole || !slices.Equal(after.Redaction.Kinds, []string{"iban"}) ||
			after.Redaction.By.Type != "api_key" || after.Sensitive != nil {
			t.Errorf("redacted to %+v", after)
		}
		answers := []string{told(t, operator, 1, "message.redacted"), told(t, visitor, 1, "message.redacted"),
			w.api(t, "GET", "/conversations/"+c.ID, "", http.StatusOK).body, w.api(t, "GET", "/conversations/"+c.ID+"/messages", "", http.StatusOK).body,
			told(t, w.follow(t, "/widget/v1/stream", v.token, "0"), 42, "message.created"), told(t, w.follow(t, "/api/v1/stream", w.made.APIKey, hello.id), 1, "message.redacted"), w.export(t, subjectOf(w, contactID))}
		// A stream that comes back in the next seconds is told from memory.
		if f := w.again(t, hello.id, "message.created"); strings.Contains(f, anIBAN) {
			t.Errorf("a stream that came back was told %s", f)
		}
		for i, a := range answers {
			if strings.Contains(a, anIBAN) || !strings.Contains(a, "█████ zebrafish") {
				t.Errorf("answer %d after the redaction: %s", i, a)
			}
		}
		if a := w.once(t, "k", "/conversations", fmt.Sprintf(`{"contact_id":%q,"subject":"To %s","body":%q}`, contactID, anIBAN, text)); a.status != http.StatusConflict || strings.Contains(a.body, anIBAN) {
			t.Errorf("the kept answer: %d %s", a.status, a.body)
		}
		if a := w.api(t, "POST", "/search", `{"q":"zebrafish"}`, http.StatusOK); !strings.Contains(a.body, m.ID) {
			t.Errorf("the rest is not found: %s", a.body)
		}
		if a := w.api(t, "GET", "/audit-events", "", http.StatusOK); !strings.Contains(a.body, "message.redacted") {
			t.Error("the audit log does not tell")
		}
		if w.DB.Engine() == storage.SQLite { // on PostgreSQL VACUUM decides: docs/privacy.md
			for _, where := range whereIs(t, w, old) {
				t.Errorf("redacted, but still in %s", where)
			}
		}
		w.api(t, "POST", path, `{"whole":true}`, http.StatusOK).json(t, &after)
		if after.Body != "" || !after.Redaction.Whole {
			t.Errorf("redacted whole: %+v", after)
		}
		if a := w.api(t, "POST", "/search", `{"q":"zebrafish"}`, http.StatusOK); strings.Contains(a.body, "msg_") {
			t.Errorf("the words are still found: %s", a.body)
		}
		if a := w.api(t, "POST", "/search", `{"q":"number 7"}`, http.StatusOK); !strings.Contains(a.body, "msg_") {
			t.Errorf("other conversations are not found by their subject: %s", a.body)
		}
		w.api(t, "POST", path, `{"whole":true}`, http.StatusOK) // again changes nothing
	})
}

// again gives the first frame of an event after a place, as a stream that comes
// back is told it.
func (w *world) again(t *testing.T, lastEventID, event string) string {
	t.Helper()
	return told(t, w.follow(t, "/api/v1/stream", w.made.APIKey, lastEventID), 1, event)
}

// sealedOf gives the sealed bytes of what shows a message.
func (w *world) sealedOf(t *testing.T, conversationID, messageID string) map[string][]byte {
	t.Helper()
	var body, found, preview, subject []byte
	err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
		if err := tx.QueryRow(`SELECT body_sealed, sensitive_sealed FROM messages WHERE conversation_id = $1 AND id = $2`, conversationID, messageID).Scan(&body, &found); err != nil {
			return err
		}
		return tx.QueryRow(`SELECT preview_sealed, subject_sealed FROM conversations WHERE id = $1`, conversationID).Scan(&preview, &subject)
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{"body": body, "findings": found, "preview": preview, "subject": subject}
	for name, b := range out {
		if len(b) <= vault.Overhead {
			t.Fatalf("there is no sealed %s", name)
		}
		out[name] = bytes.Clone(b[vault.Overhead/2:]) // any part of it says that it was left
	}
	return out
}

func whereIs(t *testing.T, w *world, sealed map[string][]byte) []string {
	t.Helper()
	var found []string
	for path, b := range w.raw(t) {
		for what, s := range sealed {
			if bytes.Contains(b, s) {
				found = append(found, what+" in "+path)
			}
		}
	}
	return found
}

func TestRedactionsThatCannotBe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		id, contactID := v.write(t, "pay to "+anIBAN)
		other, _ := w.visit(t, w.made.Workspace.Key).write(t, "somebody else, nothing flagged")
		m, theirs := w.thread(t, id)[0].ID, w.thread(t, other)[0].ID
		path := func(conversation, message string) string {
			return "/conversations/" + conversation + "/messages/" + message + "/redact"
		}
		for _, bad := range []string{`{"ranges":[{"start":0,"end":999}]}`, `{"ranges":[{"start":5,"end":5}]}`, `{"ranges":[{"start":-1,"end":2}]}`,
			`{"ranges":[{"start":3,"end":6},{"start":5,"end":8}]}`, `{"ranges":[{"start":0,"end":2}],"whole":true}`, `{"whole":"yes"}`} {
			w.api(t, "POST", path(id, m), bad, http.StatusUnprocessableEntity)
		}
		w.api(t, "POST", path(other, theirs), `{}`, http.StatusUnprocessableEntity)
		for _, p := range []string{path(id, theirs), path(other, m), path("cnv_01jdb2k8q5e6r7s8t9v0w1x2y3", m), path(id, "msg_01jdb2k8q5e6r7s8t9v0w1x2y3")} {
			w.api(t, "POST", p, `{"whole":true}`, http.StatusNotFound)
		}
		w.api(t, "PUT", "/contacts/"+contactID+"/legal-hold", `{"reason":"a court asks","ends_at":"`+time.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`"}`, http.StatusOK)
		if a := w.api(t, "POST", path(id, m), `{}`, http.StatusConflict); a.code() != "legal_hold" {
			t.Errorf("under a legal hold: %s", a.body)
		}
		disputed := w.visit(t, w.made.Workspace.Key)
		held, disputer := disputed.write(t, "pay to "+anIBAN)
		restricted := w.thread(t, held)[0].ID
		restrict := func(on string) {
			w.api(t, "PUT", "/contacts/"+disputer+"/restriction", `{"restricted":`+on+`,"reason":"They dispute it."}`, http.StatusOK)
		}
		restrict("true")
		for _, what := range []string{`{}`, `{"whole":true}`, `{"ranges":[{"start":0,"end":3}]}`} {
			if a := w.api(t, "POST", path(held, restricted), what, http.StatusConflict); a.code() != "processing_restricted" || strings.Contains(a.body, anIBAN) {
				t.Errorf("under a restriction: %s", a.body)
			}
		}
		if own := disputed.call(t, "GET", "/conversations/"+held+"/messages", "", http.StatusOK).body; !strings.Contains(own, anIBAN) {
			t.Errorf("refused, but the person reads %s", own)
		}
		restrict("false")
		w.api(t, "POST", path(held, restricted), `{}`, http.StatusOK)
		if got := w.thread(t, id)[0]; got.Body != "pay to "+anIBAN || got.RedactedAt != nil {
			t.Errorf("a refused redaction left %+v", got)
		}
	})
}
