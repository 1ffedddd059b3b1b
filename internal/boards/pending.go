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
	"github.com/botimum/botimum/internal/vault"
)

// PendingItem is a post or a comment that waits for an operator.
type PendingItem struct {
	ID         string    `json:"id" doc:"Of the post or the comment."`
	Kind       string    `json:"kind" enum:"post,comment"`
	BoardID    string    `json:"board_id"`
	PostID     string    `json:"post_id" doc:"The post, or that which the comment is under."`
	Number     int64     `json:"number" doc:"Of the post."`
	Title      string    `json:"title" doc:"Of the post; empty where its author had the use of their data restricted."`
	Body       string    `json:"body" doc:"What waits, as Markdown."`
	ParentID   *string   `json:"parent_id" doc:"The comment that a comment answers."`
	HeldFor    string    `json:"held_for" enum:",approval,words,links,first,challenge" doc:"Why it waits; empty where an operator made it wait."`
	Author     Author    `json:"author"`
	Restricted bool      `json:"restricted" doc:"Whether its author had the use of their data restricted (GDPR article 18): the words are veiled, and nothing can be decided."`
	CreatedAt  time.Time `json:"created_at"`
}

// Sorts of what waits.
const (
	kindOfPost    = "post"
	kindOfComment = "comment"
)

// PendingAt is a place in the queue: what came after it is asked for.
type PendingAt struct {
	CreatedAt int64
	ID        string
}

const (
	waitingPosts = `
	SELECT * FROM (SELECT 'post' AS kind, w.id, w.id AS post_id, CAST(NULL AS TEXT) AS parent_id, w.contact_id, w.author_type, w.author_id, w.held_for, w.body_sealed AS words, w.created_at
		FROM posts w WHERE w.workspace_id = $1 AND w.state = 'pending' AND w.merged_into IS NULL AND (w.created_at, w.id) > ($2, $3)`
	waitingComments = `
	SELECT * FROM (SELECT 'comment', k.id, k.post_id, k.parent_id, k.contact_id, k.author_type, k.author_id, k.held_for, k.body_sealed, k.created_at
		FROM post_comments k WHERE k.workspace_id = $1 AND k.state = 'pending' AND k.body_sealed IS NOT NULL AND (k.created_at, k.id) > ($2, $3)`
	// Each of the two walks its own index for as much as a page needs.
	selectPending = `
	SELECT q.kind, q.id, q.post_id, q.parent_id, COALESCE(q.contact_id, ''), q.author_type, q.author_id, q.held_for, q.words, q.created_at,
		p.board_id, p.number, p.title_sealed, COALESCE(p.contact_id, ''), COALESCE(a.restricted_at, 0), ` + contacts.SummaryColumns + `
	FROM (` + waitingPosts + ` ORDER BY w.created_at, w.id LIMIT $4) x
		UNION ALL ` + waitingComments + ` ORDER BY k.created_at, k.id LIMIT $4) y
	) q
	JOIN posts p ON p.workspace_id = $1 AND p.id = q.post_id
	LEFT JOIN contacts a ON a.workspace_id = $1 AND a.id = p.contact_id
	LEFT JOIN contacts c ON c.workspace_id = $1 AND c.id = q.contact_id
	ORDER BY q.created_at, q.id LIMIT $4`
	selectPendingOfBoard = `
	SELECT q.kind, q.id, q.post_id, q.parent_id, COALESCE(q.contact_id, ''), q.author_type, q.author_id, q.held_for, q.words, q.created_at,
		p.board_id, p.number, p.title_sealed, COALESCE(p.contact_id, ''), COALESCE(a.restricted_at, 0), ` + contacts.SummaryColumns + `
	FROM (` + waitingPosts + ` AND w.board_id = $4 ORDER BY w.created_at, w.id LIMIT $5) x
		UNION ALL ` + waitingComments + ` AND EXISTS (SELECT 1 FROM posts u WHERE u.workspace_id = $1 AND u.id = k.post_id AND u.board_id = $4)
			ORDER BY k.created_at, k.id LIMIT $5) y
	) q
	JOIN posts p ON p.workspace_id = $1 AND p.id = q.post_id
	LEFT JOIN contacts a ON a.workspace_id = $1 AND a.id = p.contact_id
	LEFT JOIN contacts c ON c.workspace_id = $1 AND c.id = q.contact_id
	ORDER BY q.created_at, q.id LIMIT $5`
)

// pendingRow is what waits, as it is stored.
type pendingRow struct {
	item            PendingItem
	contactID       string
	contact         contacts.Sealed
	words           []byte
	created         int64
	title           []byte
	titleOf         string // whose key seals the post's title
	titleRestricted int64
}

func scanPending(rows *sql.Rows) (r pendingRow, err error) {
	i := &r.item
	err = rows.Scan(append([]any{&i.Kind, &i.ID, &i.PostID, &i.ParentID, &r.contactID, &i.Author.Type, &i.Author.ID, &i.HeldFor, &r.words, &r.created,
		&i.BoardID, &i.Number, &r.title, &r.titleOf, &r.titleRestricted}, r.contact.Dest()...)...)
	i.CreatedAt = clock.FromMicros(r.created)
	return r, err
}

// PendingItems gives what waits for an operator on a board, or on all of the workspace
// ("" for the board), oldest first: what came after a place (nil: from the first), at
// most limit. The places are those of the items.
func (s *Service) PendingItems(ctx context.Context, boardID string, after *PendingAt, limit int) ([]PendingItem, []PendingAt, error) {
	const op = "boards.PendingItems"
	a := actor.From(ctx)
	if after == nil {
		after = &PendingAt{}
	}
	var rows []pendingRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if boardID == "" {
			rows, err = queryAll(tx, scanPending, selectPending, a.WorkspaceID, after.CreatedAt, after.ID, limit)
			return err
		}
		if _, err := loadBoard(tx, a.WorkspaceID, boardID); err != nil {
			return err
		}
		rows, err = queryAll(tx, scanPending, selectPendingOfBoard, a.WorkspaceID, after.CreatedAt, after.ID, boardID, limit)
		return err
	})
	if err != nil {
		return nil, nil, fault.Wrap(op, err)
	}
	items, places, err := s.openPending(ctx, rows)
	return items, places, fault.Wrap(op, err)
}

// openPending opens what waits; what nobody can open any more is left out.
func (s *Service) openPending(ctx context.Context, rows []pendingRow) ([]PendingItem, []PendingAt, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	things, authors := make([]sealed, len(rows)), make([]vault.Subject, len(rows))
	for i := range rows {
		r := &rows[i]
		things[i] = sealed{r.contactID, r.contact, &r.item.Author}
		authors[i] = vault.Subject{Workspace: workspaceID, ID: r.titleOf}
	}
	titles, err := s.Vault.Keys(ctx, authors)
	if err != nil {
		return nil, nil, err
	}
	ok, err := s.open(ctx, things, func(i int, key *vault.Key, restricted bool) error {
		return rows[i].open(key, titles[authors[i]], restricted)
	})
	if err != nil {
		return nil, nil, err
	}
	items, places := []PendingItem{}, []PendingAt{}
	for i, r := range rows {
		if ok[i] {
			items, places = append(items, r.item), append(places, PendingAt{r.created, r.item.ID})
		}
	}
	return items, places, nil
}

func (r *pendingRow) open(key, titleKey *vault.Key, restricted bool) error {
	i := &r.item
	if i.Restricted = restricted; restricted {
		return nil
	}
	place := commentPlace(i.ID)
	if i.Kind == kindOfPost {
		place = bodyPlace(i.ID)
	}
	body, err := key.Open(place, r.words)
	if err != nil {
		return fault.Wrap("open "+i.ID, err)
	}
	i.Body = string(body)
	if titleKey == nil || r.titleRestricted != 0 {
		return nil
	}
	title, err := titleKey.Open(titlePlace(i.PostID), r.title)
	i.Title = string(title)
	return fault.Wrap("open "+i.PostID, err)
}
