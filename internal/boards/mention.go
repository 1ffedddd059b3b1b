package boards

import (
	"context"
	"database/sql"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Mention is somebody whom the team names in a comment or note: by their id, so that
// the name is that of today, and goes with its person.
type Mention struct {
	Type string `json:"type" enum:"contact,operator"`
	ID   string `json:"id" doc:"As it stands in the text."`
	Name string `json:"name" doc:"Empty where the person is gone, or had the use of their data restricted."`
}

// mentionForm is how a text names somebody.
var mentionForm = regexp.MustCompile(`@\[((?:con|opr)_[0-9a-z]{26})\]`)

const maxMentions = 20

func mentionsIn(body string) (out []Mention) {
	for _, found := range mentionForm.FindAllStringSubmatch(body, -1) {
		m := Mention{Type: string(actor.Operator), ID: found[1]}
		if strings.HasPrefix(m.ID, "con_") {
			m.Type = string(actor.Contact)
		}
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// checkMentions gives whom a text of the team names, if all of them may be: operators of
// the workspace, and people who took part in public under the post.
func (s *Service) checkMentions(ctx context.Context, postID, body string) ([]Mention, error) {
	a, all := actor.From(ctx), mentionsIn(body)
	if len(all) == 0 {
		return nil, nil
	}
	if len(all) > maxMentions {
		return nil, fault.Invalid("body", "may name at most 20 people")
	}
	var operators []string
	people := false
	for _, m := range all {
		if m.Type == string(actor.Operator) {
			operators = append(operators, m.ID)
		} else {
			people = true
		}
	}
	names, err := s.Names(ctx, a.WorkspaceID, operators)
	if err != nil {
		return nil, err
	}
	for _, id := range operators {
		if _, known := names[id]; !known {
			return nil, fault.Invalid("body", "names somebody who is no operator of this workspace")
		}
	}
	if !people {
		return all, nil
	}
	took := map[string]bool{}
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		_, err := queryAll(tx, func(rows *sql.Rows) (none struct{}, err error) {
			var id, stands string
			err = rows.Scan(&id, &stands)
			took[id], took[stands] = true, true
			return none, err
		}, selectTookPart, a.WorkspaceID, postID)
		return err
	})
	for _, m := range all {
		if err == nil && m.Type == string(actor.Contact) && !took[m.ID] {
			err = fault.Invalid("body", "names somebody who did not take part in public under this post")
		}
	}
	return all, err
}

const (
	tookPart = `
		SELECT p.contact_id FROM posts p WHERE p.workspace_id = $1 AND p.id = $2 AND p.contact_id IS NOT NULL
		UNION SELECT k.contact_id FROM post_comments k WHERE k.workspace_id = $1 AND k.post_id = $2 AND k.contact_id IS NOT NULL
			AND k.internal = 0 AND k.state = 'published' AND k.body_sealed IS NOT NULL`
	selectTookPart     = `SELECT o.id, COALESCE(o.merged_into, o.id) FROM contacts o WHERE o.workspace_id = $1 AND o.id IN (` + tookPart + `)`
	selectParticipants = `
	SELECT c.id, ` + contacts.SummaryColumns + ` FROM contacts c WHERE c.workspace_id = $1 AND c.id IN (
		SELECT COALESCE(o.merged_into, o.id) FROM contacts o WHERE o.workspace_id = $1 AND o.id IN (` + tookPart + `))
		AND c.restricted_at IS NULL AND c.id > $3 ORDER BY c.id LIMIT $4`
)

type participantRow struct {
	author  Author
	contact contacts.Sealed
}

// Participants gives the people who took part in public under a post: those after an id
// ("" for the first page), at most limit.
func (s *Service) Participants(ctx context.Context, postID, after string, limit int) ([]Author, error) {
	const op = "boards.Participants"
	a := actor.From(ctx)
	var rows []participantRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if _, err := loadPost(tx, a.WorkspaceID, postID); err != nil {
			return err
		}
		rows, err = queryAll(tx, func(rows *sql.Rows) (r participantRow, err error) {
			r.author.Type = string(actor.Contact)
			return r, rows.Scan(append([]any{&r.author.ID}, r.contact.Dest()...)...)
		}, selectParticipants, a.WorkspaceID, postID, after, limit)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	things := make([]sealed, len(rows))
	for i := range rows {
		things[i] = sealed{rows[i].author.ID, rows[i].contact, &rows[i].author}
	}
	ok, err := s.open(ctx, things, func(int, *vault.Key, bool) error { return nil })
	out := []Author{}
	for i, r := range rows {
		if err == nil && ok[i] && r.contact.Restricted == 0 {
			out = append(out, r.author)
		}
	}
	return out, fault.Wrap(op, err)
}

// storeMentions makes those whom a comment names those of a list.
func storeMentions(tx *storage.Tx, workspaceID string, c *Comment, all []Mention) error {
	if _, err := tx.Exec(`DELETE FROM comment_mentions WHERE workspace_id = $1 AND comment_id = $2`, workspaceID, c.ID); err != nil {
		return err
	}
	var rows []any
	for _, m := range all {
		rows = append(rows, workspaceID, c.ID, m.Type, m.ID, c.PostID)
	}
	_, err := storage.InsertRows(tx, `INSERT INTO comment_mentions (workspace_id, comment_id, person_type, person_id, post_id) VALUES `, 5, rows, "")
	return err
}

// operatorsIn gives the operators among some who are named, for an event.
func operatorsIn(all []Mention) string {
	var ids []string
	for _, m := range all {
		if m.Type == string(actor.Operator) {
			ids = append(ids, m.ID)
		}
	}
	return strings.Join(ids, ",")
}

const (
	selectMentions = `
	SELECT m.comment_id, m.person_type, m.person_id, COALESCE(c.id, ''), ` + contacts.SummaryColumns + `
	FROM comment_mentions m
	LEFT JOIN contacts o ON o.workspace_id = m.workspace_id AND o.id = m.person_id
	LEFT JOIN contacts c ON c.workspace_id = m.workspace_id AND c.id = COALESCE(o.merged_into, o.id)
	WHERE m.workspace_id = $1 AND m.comment_id IN (`
)

type mentionRow struct {
	Mention
	commentID string
	author    Author
	contactID string
	contact   contacts.Sealed
}

// dress adds to comments what stands beside them: who is named, and what people showed.
func (s *Service) dress(ctx context.Context, comments []Comment) error {
	if len(comments) == 0 {
		return nil
	}
	a := actor.From(ctx)
	var rows []mentionRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		for i := range comments {
			comments[i].Reactions = []ReactionCount{}
		}
		if err := tally(tx, a, comments); err != nil {
			return err
		}
		args := []any{a.WorkspaceID}
		for _, c := range comments {
			args = append(args, c.ID)
		}
		rows, err = queryAll(tx, func(rows *sql.Rows) (r mentionRow, err error) {
			err = rows.Scan(append([]any{&r.commentID, &r.Type, &r.ID, &r.contactID}, r.contact.Dest()...)...)
			r.author = Author{Type: r.Type, ID: r.ID}
			return r, err
		}, selectMentions+marks(2, len(comments))+`)`, args...)
		return err
	})
	if err != nil || len(rows) == 0 {
		return err
	}
	things, at := make([]sealed, len(rows)), map[string]*Comment{}
	for i := range rows {
		things[i] = sealed{rows[i].contactID, rows[i].contact, &rows[i].author}
	}
	for i := range comments {
		at[comments[i].ID] = &comments[i]
	}
	if _, err := s.open(ctx, things, func(int, *vault.Key, bool) error { return nil }); err != nil {
		return err
	}
	for _, r := range rows {
		if r.contact.Restricted == 0 {
			r.Name = r.author.Name
		}
		c := at[r.commentID]
		c.Mentions = append(c.Mentions, r.Mention)
	}
	return nil
}

// Say gives a comment's Markdown with those whom it names by a name, for a mail.
func (c *Comment) Say(name func(Mention) string) string {
	return c.named(c.Body, func(m Mention) string { return "@" + name(m) })
}

// HTML gives a comment for a page, with those whom it names by a name.
func (c *Comment) HTML(name func(Mention) string) string {
	return c.named(Render(c.Body), func(m Mention) string { return fmt.Sprintf(`<strong>@%s</strong>`, html.EscapeString(name(m))) })
}

// named puts names where a text names somebody. What looks so in the words of a contact
// names nobody and stays as it is.
func (c *Comment) named(text string, say func(Mention) string) string {
	if c.Author.Type == string(actor.Contact) || !strings.Contains(text, "@[") {
		return text
	}
	known := map[string]Mention{}
	for _, m := range c.Mentions {
		known[m.ID] = m
	}
	return mentionForm.ReplaceAllStringFunc(text, func(token string) string {
		id := token[2 : len(token)-1]
		if m, is := known[id]; is {
			return say(m)
		}
		return say(Mention{Type: string(actor.Contact), ID: id}) // who was erased
	})
}

const selectTheirMentions = `SELECT comment_id, post_id FROM comment_mentions WHERE workspace_id = $1 AND person_id = $2 ORDER BY comment_id`

// MentionExport is where the team named somebody, as it is handed to them.
type MentionExport struct {
	CommentID string `json:"comment_id"`
	PostID    string `json:"post_id"`
}

// Provided leaves it out: the team did it.
func (m MentionExport) Provided() (any, bool) { return nil, false }

func exportMentions(tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	found, err := queryAll(tx, func(rows *sql.Rows) (m MentionExport, err error) { return m, rows.Scan(&m.CommentID, &m.PostID) },
		selectTheirMentions, sub.WorkspaceID, sub.ContactID)
	for _, m := range found {
		if err == nil {
			err = out("comment_mentions", m)
		}
	}
	return err
}
