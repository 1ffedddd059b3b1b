package api

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// KeepAnswers is for how long an answer is kept for Idempotency-Key.
const KeepAnswers = 24 * time.Hour

const maxIdempotencyKey = 200

// kept is a stored answer.
type kept struct {
	request []byte
	status  int64 // 0 until the answer is known
	about   []string
	sealed  []byte
}

// answer is what is sealed of a response.
type answer struct {
	ContentType string `json:"content_type"`
	ETag        string `json:"etag,omitempty"`
	Body        []byte `json:"body"`
}

// idempotent makes a repeated POST harmless. The key is stored in the transaction
// of the change itself, so that the change never happens twice; the answer is
// stored after it, sealed with the key of the person that it is about; where it is
// about several, with the key of each in turn, so that it cannot be read any more
// once one of them is erased.
func (g *Guard) idempotent(rt httpx.Route, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		if key == "" {
			next.ServeHTTP(w, r)
			return
		}
		if err := g.once(w, r, rt, key, next); err != nil {
			httpx.WriteProblem(w, r, g.Logger, err)
		}
	})
}

func (g *Guard) once(w http.ResponseWriter, r *http.Request, rt httpx.Route, key string, next http.Handler) error {
	if len(key) > maxIdempotencyKey || !isPrintable(key) {
		return fault.Invalid("Idempotency-Key", "must be 1 to 200 printable characters")
	}
	body, err := readBody(w, r, rt)
	if err != nil {
		return err
	}
	a := actor.From(r.Context())
	keyHash := g.keyed(string(a.Type), a.ID, key)
	requestHash := g.keyed(r.Method, r.URL.RequestURI(), string(body))
	k, err := g.keptAnswer(r.Context(), a.WorkspaceID, keyHash)
	if err != nil {
		return err
	}
	if k != nil {
		return g.replay(w, r, a.WorkspaceID, keyHash, requestHash, k)
	}
	stored := false
	ctx := storage.WithFirstWrite(r.Context(), g.DB, func(tx *storage.Tx) error {
		stored = false
		_, err := tx.Exec(`INSERT INTO idempotency_keys (workspace_id, key_hash, request_hash, created_at) VALUES ($1, $2, $3, $4)`,
			a.WorkspaceID, keyHash, requestHash, clock.Micros(g.Clock.Now()))
		if storage.IsUnique(err) {
			return inProgress()
		}
		stored = err == nil
		return err
	})
	ctx, note := httpx.WithNote(ctx)
	rec := &recorder{ResponseWriter: w}
	next.ServeHTTP(rec, r.WithContext(ctx))
	if stored && rec.status < http.StatusInternalServerError {
		g.keep(r.Context(), a.WorkspaceID, keyHash, aboutWhom(rt, r, note), rec)
	}
	return nil
}

// keyed gives a keyed hash of the parts: what was asked may be personal, and a bare
// hash of it could be guessed.
func (g *Guard) keyed(parts ...string) []byte {
	mac := hmac.New(sha256.New, g.Secret)
	for _, part := range parts {
		_ = binary.Write(mac, binary.BigEndian, uint64(len(part))) // a hash takes everything
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

// aboutWhom gives the people that an answer is about: whom the handler named, or
// else whom the route's path names.
func aboutWhom(rt httpx.Route, r *http.Request, note *httpx.Note) []string {
	if len(note.About) == 0 && strings.HasPrefix(rt.Path, "/api/v1/contacts/{id}") {
		return []string{r.PathValue("id")}
	}
	slices.Sort(note.About)
	return note.About
}

func inProgress() error {
	e := fault.Conflict("idempotency_in_progress", "A request with this Idempotency-Key is being served, or its answer was lost. Look whether it took effect.")
	e.RetryAfter = time.Second
	return e
}

func isPrintable(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// readBody reads the body, so that it can be compared, and puts it back.
func readBody(w http.ResponseWriter, r *http.Request, rt httpx.Route) ([]byte, error) {
	limit := rt.MaxBody
	if limit == 0 {
		limit = httpx.DefaultMaxBody
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, fault.TooLarge("The body is too large. Send less at once.")
	}
	if err != nil {
		return nil, fault.Malformed("The body ended before its end. Send it again.")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

const selectAnswer = `
	SELECT request_hash, COALESCE(status, 0), COALESCE(contact_id, ''), response_sealed
	FROM idempotency_keys WHERE workspace_id = $1 AND key_hash = $2 AND created_at > $3`

func (g *Guard) keptAnswer(ctx context.Context, workspaceID string, keyHash []byte) (*kept, error) {
	var k kept
	err := g.DB.Read(ctx, func(tx *storage.Tx) error {
		k = kept{}
		var contactID string
		err := tx.QueryRow(selectAnswer, workspaceID, keyHash, clock.Micros(g.Clock.Now().Add(-KeepAnswers))).
			Scan(&k.request, &k.status, &contactID, &k.sealed)
		switch {
		case err != nil:
			return err
		case contactID != "":
			k.about = []string{contactID}
			return nil
		}
		return k.addPeople(tx, workspaceID, keyHash)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // there is none: the request is new
	}
	return &k, err
}

const selectPeople = `SELECT contact_id FROM idempotency_people WHERE workspace_id = $1 AND key_hash = $2 ORDER BY contact_id`

func (k *kept) addPeople(tx *storage.Tx, workspaceID string, keyHash []byte) error {
	rows, err := tx.Query(selectPeople, workspaceID, keyHash)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var contactID string
		if err := rows.Scan(&contactID); err != nil {
			return err
		}
		k.about = append(k.about, contactID)
	}
	return rows.Err()
}

func (g *Guard) replay(w http.ResponseWriter, r *http.Request, workspaceID string, keyHash, requestHash []byte, k *kept) error {
	if !bytes.Equal(k.request, requestHash) {
		return fault.Conflict("idempotency_mismatch", "This Idempotency-Key came with another request. Use a new key for a new request.")
	}
	if k.status == 0 {
		return inProgress()
	}
	keys, err := g.keysOf(r.Context(), workspaceID, k.about)
	if err != nil {
		return err
	}
	plain := k.sealed
	for _, key := range slices.Backward(keys) {
		if plain, err = key.Open(answerPlace(keyHash), plain); err != nil {
			return fault.Wrap("api.replay", err)
		}
	}
	var ans answer
	if err := json.Unmarshal(plain, &ans); err != nil {
		return fault.Wrap("api.replay", err)
	}
	if len(k.about) > 0 && id.Valid(id.Contact, k.about[0]) {
		g.Accessed(r.Context(), k.about, "kept_answer")
	}
	h := w.Header()
	h.Set("Idempotency-Replayed", "true")
	if ans.ContentType != "" {
		h.Set("Content-Type", ans.ContentType)
	}
	if ans.ETag != "" {
		h.Set("ETag", ans.ETag)
	}
	w.WriteHeader(int(k.status))
	_, _ = w.Write(ans.Body)
	return nil
}

// whose gives the person with whose key an answer is sealed: a contact, an operator,
// or nobody, which is the workspace itself.
func whose(workspaceID, subjectID string) vault.Subject {
	if id.Valid(id.Operator, subjectID) {
		return vault.Subject{ID: subjectID}
	}
	return vault.Subject{Workspace: workspaceID, ID: subjectID}
}

// keysOf gives the keys with which an answer is sealed, one in the other: of each
// person that it is about, or of the workspace.
func (g *Guard) keysOf(ctx context.Context, workspaceID string, about []string) ([]*vault.Key, error) {
	subjects := []vault.Subject{whose(workspaceID, "")}
	if len(about) > 0 {
		subjects = subjects[:0]
	}
	for _, one := range about {
		subjects = append(subjects, whose(workspaceID, one))
	}
	if len(subjects) == 1 {
		key, err := g.Vault.Key(ctx, subjects[0])
		return []*vault.Key{key}, err
	}
	all, err := g.Vault.Keys(ctx, subjects)
	if err != nil {
		return nil, err
	}
	keys := make([]*vault.Key, len(subjects))
	for i, one := range subjects {
		if keys[i] = all[one]; keys[i] == nil {
			return nil, inProgress() // somebody was erased: what was sealed so is gone
		}
	}
	return keys, nil
}

func answerPlace(keyHash []byte) vault.Place {
	return vault.Place{Table: "idempotency_keys", Column: "response_sealed", Row: hex.EncodeToString(keyHash)}
}

const updateAnswer = `
	UPDATE idempotency_keys SET status = $1, contact_id = $2, response_sealed = $3 WHERE workspace_id = $4 AND key_hash = $5 AND status IS NULL`

// keep stores the answer, unless a redaction meanwhile has said that it is not to
// be kept: see [privacy.DropAnswers]. Should it fail, a repeated request is told that the
// first took effect; it never takes effect twice.
func (g *Guard) keep(ctx context.Context, workspaceID string, keyHash []byte, about []string, rec *recorder) {
	ctx = context.WithoutCancel(ctx)
	plain, err := json.Marshal(answer{ContentType: rec.Header().Get("Content-Type"), ETag: rec.Header().Get("ETag"), Body: rec.body.Bytes()})
	if err == nil {
		err = g.seal(ctx, workspaceID, keyHash, about, rec.status, plain)
	}
	if err != nil {
		g.Logger.WarnContext(ctx, "an answer for Idempotency-Key was not kept", "error", err)
	}
}

func (g *Guard) seal(ctx context.Context, workspaceID string, keyHash []byte, about []string, status int, sealed []byte) error {
	keys, err := g.keysOf(ctx, workspaceID, about)
	if err != nil {
		return err
	}
	for _, key := range keys {
		sealed = key.Seal(answerPlace(keyHash), sealed)
	}
	var contact any
	var people []any
	if len(about) == 1 {
		contact = about[0]
	}
	for _, one := range about {
		people = append(people, workspaceID, keyHash, one)
	}
	return g.DB.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(updateAnswer, status, contact, sealed, workspaceID, keyHash)
		if err != nil || n == 0 || len(about) < 2 {
			return err
		}
		_, err = storage.InsertRows(tx, insertPeople, 3, people, "")
		return err
	})
}

const insertPeople = `INSERT INTO idempotency_people (workspace_id, key_hash, contact_id) VALUES `

// recorder passes an answer on and keeps a copy.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.body.Write(b)
	return w.ResponseWriter.Write(b)
}
