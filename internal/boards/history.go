package boards

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// PostEdit is one change of a post: who made it, and what stood there before.
type PostEdit struct {
	ID        string               `json:"id" example:"rev_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Author    Author               `json:"author" doc:"Who changed it."`
	Fields    map[string]FieldEdit `json:"fields" doc:"What was changed but the words: status, state, category, tags, owner_id and estimated_on."`
	Words     *FormerWords         `json:"words" doc:"The words as they were before; null where they stayed, where their author was erased, or has the use of their data restricted."`
	CreatedAt time.Time            `json:"created_at"`
}

// FieldEdit is what a field was and what it became.
type FieldEdit struct {
	Was string `json:"was"`
	Now string `json:"now"`
}

// FormerWords are what a post said before.
type FormerWords struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

// fieldsOf gives what a change of a post is noted of, by name; none of it is
// anybody's words.
func (p *Post) fieldsOf() map[string]string {
	return map[string]string{"status": p.Status, "state": p.State, "category": p.Category, "tags": strings.Join(p.Tags, ", "), "owner_id": deref(p.OwnerID),
		"estimated_on": deref(p.EstimatedOn)}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// editsBetween gives the fields in which two versions of a post differ.
func editsBetween(was, now *Post) map[string]FieldEdit {
	out, after := map[string]FieldEdit{}, now.fieldsOf()
	for name, before := range was.fieldsOf() {
		if before != after[name] {
			out[name] = FieldEdit{before, after[name]}
		}
	}
	return out
}

// former is the version of a post's words that is about to go, sealed.
type former struct {
	id        string
	contactID string
	sealed    []byte // nil: the words stay
}

// sealFormer seals the words that a change replaces, with the key that sealed them.
func (s *Service) sealFormer(ctx context.Context, r *postRow) (former, error) {
	f := former{id: s.IDs.New(id.Revision), contactID: r.contactID}
	key, err := s.key(ctx, actor.From(ctx).WorkspaceID, r.contactID)
	if err != nil {
		return f, err
	}
	raw, err := json.Marshal(FormerWords{r.p.Title, r.p.Body})
	if err == nil {
		f.sealed = key.Seal(formerPlace(f.id), raw)
	}
	return f, err
}

const insertEdit = `
	INSERT INTO post_changes (workspace_id, post_id, id, contact_id, actor_type, actor_id, fields, words_sealed, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// noteEdit adds a change to a post's history, if anything changed.
func (s *Service) noteEdit(tx *storage.Tx, a actor.Actor, was, now *Post, f former) error {
	fields := editsBetween(was, now)
	if len(fields) == 0 && f.sealed == nil {
		return nil
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	if f.id == "" {
		f.id = s.IDs.New(id.Revision)
	}
	contactID := f.contactID
	if a.Type == actor.Contact { // it is about them even where the words stay
		contactID = or(contactID, a.ID)
	}
	_, err = tx.Exec(insertEdit, a.WorkspaceID, was.ID, f.id, null(contactID), string(a.Type), a.ID, string(raw), f.sealed, clock.Micros(now.UpdatedAt))
	return err
}

const selectEdits = `
	SELECT id, actor_type, actor_id, fields, words_sealed, created_at FROM post_changes WHERE workspace_id = $1 AND post_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4`

type editRow struct {
	e      PostEdit
	fields string
	words  []byte
}

func scanEdit(rows *sql.Rows) (r editRow, err error) {
	var created int64
	err = rows.Scan(&r.e.ID, &r.e.Author.Type, &r.e.Author.ID, &r.fields, &r.words, &created)
	r.e.CreatedAt = clock.FromMicros(created)
	if err == nil {
		err = json.Unmarshal([]byte(r.fields), &r.e.Fields)
	}
	return r, err
}

// History gives what was changed of a post, newest first: changes before an id ("" for
// the first page), at most limit.
func (s *Service) History(ctx context.Context, postID, before string, limit int) ([]PostEdit, error) {
	a := actor.From(ctx)
	p, err := s.row(ctx, postID) // who reads whose words is noted there
	if err != nil {
		return nil, fault.Wrap("boards.History", err)
	}
	var rows []editRow
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = queryAll(tx, scanEdit, selectEdits, a.WorkspaceID, postID, or(before, "rev_~"), limit)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("boards.History", err)
	}
	out, err := s.openEdits(ctx, &p, rows)
	return out, fault.Wrap("boards.History", err)
}

func (s *Service) openEdits(ctx context.Context, p *postRow, rows []editRow) ([]PostEdit, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	key, err := s.key(ctx, workspaceID, p.contactID)
	if err != nil {
		return nil, err
	}
	out, operators := make([]PostEdit, len(rows)), []string{}
	for i, r := range rows {
		out[i] = r.e
		if r.words != nil && !p.p.Restricted {
			if out[i].Words, err = openFormer(key, r.e.ID, r.words); err != nil {
				return nil, err
			}
		}
		switch r.e.Author.Type {
		case string(actor.Operator):
			operators = append(operators, r.e.Author.ID)
		case string(actor.Contact):
			out[i].Author = p.p.Author
		}
	}
	if len(operators) == 0 {
		return out, nil
	}
	names, err := s.Names(ctx, workspaceID, operators)
	for i := range out {
		if out[i].Author.Type == string(actor.Operator) {
			out[i].Author.Name = names[out[i].Author.ID]
		}
	}
	return out, err
}

func openFormer(key *vault.Key, editID string, sealed []byte) (*FormerWords, error) {
	raw, err := key.Open(formerPlace(editID), sealed)
	if err != nil {
		return nil, fault.Wrap("open "+editID, err)
	}
	var w FormerWords
	return &w, json.Unmarshal(raw, &w)
}

func formerPlace(row string) vault.Place {
	return vault.Place{Table: "post_changes", Column: "words_sealed", Row: row}
}

// FormerPostExport is what a wish of a contact said before, as it is handed to them.
type FormerPostExport struct {
	PostID   string    `json:"post_id"`
	Title    string    `json:"title"`
	Body     string    `json:"body"`
	EditedAt time.Time `json:"edited_at"`
}

// Provided keeps all of it: the contact wished it.
func (f FormerPostExport) Provided() (any, bool) { return f, true }

const selectTheirEdits = `
	SELECT id, post_id, words_sealed, created_at FROM post_changes WHERE workspace_id = $1 AND contact_id = $2 AND words_sealed IS NOT NULL ORDER BY id`

type theirEdit struct {
	FormerPostExport
	id     string
	sealed []byte
}

// theirFormer gives what a person's posts said before, opened with their key.
func theirFormer(tx *storage.Tx, workspaceID, contactID string, key func() (*vault.Key, error)) ([]FormerPostExport, error) {
	rows, err := queryAll(tx, func(rows *sql.Rows) (e theirEdit, err error) {
		var at int64
		err = rows.Scan(&e.id, &e.PostID, &e.sealed, &at)
		e.EditedAt = clock.FromMicros(at)
		return e, err
	}, selectTheirEdits, workspaceID, contactID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	own, err := key()
	if err != nil {
		return nil, err
	}
	out := make([]FormerPostExport, len(rows))
	for i, r := range rows {
		w, err := openFormer(own, r.id, r.sealed)
		if err != nil {
			return nil, err
		}
		out[i] = r.FormerPostExport
		out[i].Title, out[i].Body = w.Title, w.Body
	}
	return out, nil
}

const eraseEdits = `
	UPDATE post_changes SET words_sealed = NULL, contact_id = NULL,
		actor_type = CASE actor_type WHEN 'contact' THEN 'anonymous' ELSE actor_type END, actor_id = CASE actor_type WHEN 'contact' THEN '' ELSE actor_id END
	WHERE workspace_id = $1 AND contact_id = $2`
