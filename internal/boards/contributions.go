package boards

import (
	"context"
	"database/sql"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Contribution is something that a person did on a board.
type Contribution struct {
	ID         string     `json:"id" doc:"Of the post or the comment; of a vote, the post's after vote_."`
	Kind       string     `json:"kind" enum:"post,vote,comment"`
	Post       Post       `json:"post" doc:"The post that they wrote, voted for or commented on."`
	Comment    *Comment   `json:"comment" doc:"What they said; null if it is no comment."`
	Importance string     `json:"importance" enum:",nice,important,essential" doc:"Of a vote: how much it matters to them."`
	OnBehalf   *Author    `json:"on_behalf" doc:"Of a vote: who voted for them; null if they did."`
	Agreement  *Agreement `json:"agreement" doc:"The note that they agreed to what others wrote down for them."`
	CreatedAt  time.Time  `json:"created_at"`
}

// selectContributions walks what a person did, newest first: an index each of posts,
// votes and comments by contact. Votes that were copied by a merge count where they are
// now, those that they were copied from are left out.
const selectContributions = `
	SELECT x.kind, x.id, x.post_id, x.at, x.importance, x.behalf_type, x.behalf_id FROM (
		SELECT 'post' AS kind, p.id AS id, p.id AS post_id, p.created_at AS at, '' AS importance, '' AS behalf_type, '' AS behalf_id
		FROM posts p WHERE p.workspace_id = $1 AND p.contact_id` + ofPerson + `
		UNION ALL
		SELECT 'vote', 'vote_' || v.post_id, v.post_id, v.created_at, v.importance, COALESCE(v.behalf_type, ''), COALESCE(v.behalf_id, '')
		FROM post_votes v JOIN posts q ON q.workspace_id = v.workspace_id AND q.id = v.post_id AND q.merged_into IS NULL
		WHERE v.workspace_id = $1 AND v.contact_id` + ofPerson + `
		UNION ALL
		SELECT 'comment', k.id, k.post_id, k.created_at, '', '', ''
		FROM post_comments k WHERE k.workspace_id = $1 AND k.contact_id` + ofPerson + ` AND k.body_sealed IS NOT NULL
	) x WHERE x.at < $3 OR (x.at = $3 AND x.id < $4) ORDER BY x.at DESC, x.id DESC LIMIT $5`

// selectTheirAgreements gives the notes about a person.
const selectTheirAgreements = `SELECT ` + agreementColumns + ` FROM board_agreements g WHERE g.workspace_id = $1 AND g.contact_id` + ofPerson

// Since is a place in a list of contributions.
type Since struct {
	At time.Time
	ID string
}

// contributed is what a person did, sealed.
type contributed struct {
	all      []Contribution
	postOf   []string
	posts    []postRow
	comments []commentRow
	notes    []Agreement
}

func scanContribution(rows *sql.Rows) (c Contribution, postID string, err error) {
	var at int64
	var by Author
	err = rows.Scan(&c.Kind, &c.ID, &postID, &at, &c.Importance, &by.Type, &by.ID)
	c.CreatedAt = clock.FromMicros(at)
	if by.Type != "" {
		c.OnBehalf = &by
	}
	return c, postID, err
}

func loadContributions(tx *storage.Tx, workspaceID, survivorID string, before Since, limit int) (out contributed, err error) {
	_, err = queryAll(tx, func(rows *sql.Rows) (struct{}, error) {
		c, postID, err := scanContribution(rows)
		out.all, out.postOf = append(out.all, c), append(out.postOf, postID)
		return struct{}{}, err
	}, selectContributions, workspaceID, survivorID, clock.Micros(before.At), before.ID, limit)
	if err != nil {
		return out, err
	}
	if out.posts, err = postsByID(tx, workspaceID, out.postOf); err != nil {
		return out, err
	}
	ids := []any{workspaceID}
	for _, c := range out.all {
		if c.Kind == "comment" {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) > 1 {
		out.comments, err = queryAll(tx, func(rows *sql.Rows) (commentRow, error) { return scanComment(rows) },
			`SELECT `+commentColumns+fromComments+` AND m.id IN (`+marks(2, len(ids)-1)+`)`, ids...)
		if err != nil {
			return out, err
		}
	}
	out.notes, err = queryAll(tx, scanAgreement, selectTheirAgreements, workspaceID, survivorID)
	return out, err
}

// Contributions gives what a person wrote on boards and voted for, as whichever of
// their contacts, newest first: those before a place (the zero Since for the first
// page), at most limit.
func (s *Service) Contributions(ctx context.Context, contactID string, before Since, limit int) ([]Contribution, error) {
	const op = "boards.Contributions"
	a := actor.From(ctx)
	if before == (Since{}) {
		before.At = s.Clock.Now().AddDate(1, 0, 0)
	}
	var found contributed
	var survivor string
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if survivor, err = contacts.Survivor(tx, a.WorkspaceID, contactID); err != nil {
			return err
		}
		found, err = loadContributions(tx, a.WorkspaceID, survivor, before, limit)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	posts, _, err := s.openPosts(ctx, found.posts)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	comments, err := s.openComments(ctx, found.comments)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	s.Audit.Access(ctx, []string{survivor}, "board") // what somebody voted for tells of them, too
	return found.joined(posts, comments), nil
}

// joined puts posts, comments and notes beside what they belong to. What cannot be
// opened any more is left out.
func (f *contributed) joined(posts []Post, comments []Comment) []Contribution {
	post, comment, note := map[string]Post{}, map[string]*Comment{}, map[[2]string]*Agreement{}
	for _, p := range posts {
		post[p.ID] = p
	}
	for i := range comments {
		comment[comments[i].ID] = &comments[i]
	}
	for i := range f.notes {
		note[[2]string{f.notes[i].Kind, f.notes[i].PostID}] = &f.notes[i]
	}
	out := make([]Contribution, 0, len(f.all))
	for i, c := range f.all {
		p, ok := post[f.postOf[i]]
		c.Post, c.Comment, c.Agreement = p, comment[c.ID], note[[2]string{c.Kind, f.postOf[i]}]
		if ok && (c.Kind != "comment" || c.Comment != nil) {
			out = append(out, c)
		}
	}
	return out
}
