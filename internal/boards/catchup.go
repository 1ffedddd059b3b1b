package boards

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// mostOnBoard bounds how many titles of one board are looked at, the newest.
const mostOnBoard = 100_000

// mostNews bounds how many posts and people are looked at anew before all is.
const mostNews = 200

// search lends the lexicon of a board, as it is this moment.
func (s *Service) search(ctx context.Context, workspaceID, boardID string, use func(l *lexicon)) error {
	l := s.lexicons.of(boardID, s.Clock.Now())
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.settle()
	if err := s.catchUp(ctx, workspaceID, boardID, l); err != nil {
		return err
	}
	s.lexicons.note(l, len(l.posts))
	use(l)
	return nil
}

// titleRow is what a lexicon needs of a post.
type titleRow struct {
	id, contactID string
	title         []byte
	restricted    int64
}

const selectTitles = `
	SELECT p.id, COALESCE(p.contact_id, ''), p.title_sealed, COALESCE(c.restricted_at, 0)
	FROM posts p LEFT JOIN contacts c ON c.workspace_id = p.workspace_id AND c.id = p.contact_id
	WHERE p.workspace_id = $1 AND p.board_id = $2 AND p.merged_into IS NULL`

const selectAllTitles = selectTitles + ` ORDER BY p.id DESC LIMIT $3`

func scanTitle(rows *sql.Rows) (r titleRow, err error) {
	return r, rows.Scan(&r.id, &r.contactID, &r.title, &r.restricted)
}

// catchUp has a lexicon know what its board's posts are called now: what happened since
// it was used last is looked at, or all where that would be more.
func (s *Service) catchUp(ctx context.Context, workspaceID, boardID string, l *lexicon) error {
	var at mark
	var n news
	var rows []titleRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		err = tx.QueryRow(selectMark, workspaceID, boardID).Scan(&at.updated, &at.sequence)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.NotFound("board")
		}
		if err != nil {
			return err
		}
		if n, err = newsSince(tx, workspaceID, l, at); err != nil {
			return err
		}
		if n.all {
			rows, err = queryAll(tx, scanTitle, selectAllTitles, workspaceID, boardID, mostOnBoard)
			return err
		}
		rows, err = n.rows(tx, workspaceID, boardID)
		return err
	})
	if err != nil {
		return err
	}
	if n.all {
		l.clear()
	}
	for _, id := range n.posts {
		l.remove(id)
	}
	l.removeOf(n.people)
	for some := range slices.Chunk(rows, 500) {
		if err := s.openTitles(ctx, workspaceID, l, some); err != nil {
			l.clear()
			return err
		}
	}
	l.made, l.at = true, at
	return nil
}

func (s *Service) openTitles(ctx context.Context, workspaceID string, l *lexicon, rows []titleRow) error {
	subjects := make([]vault.Subject, len(rows))
	for i, r := range rows {
		subjects[i] = vault.Subject{Workspace: workspaceID, ID: r.contactID}
	}
	keys, err := s.Vault.Keys(ctx, subjects)
	if err != nil {
		return err
	}
	for i, r := range rows {
		key := keys[subjects[i]]
		if key == nil || r.restricted != 0 {
			continue
		}
		title, err := key.Open(titlePlace(r.id), r.title)
		if fault.Is(err, fault.KindGone) {
			continue // erased this moment
		}
		if err != nil {
			return fault.Wrap("open "+r.id, err)
		}
		l.put(r.id, r.contactID, string(title))
	}
	return nil
}

// news are the posts and people whose titles may be others since a lexicon was used.
type news struct {
	all           bool
	posts, people []string
}

// newsSince reads the workspace's events. What is not known to leave titles alone has
// all be looked at.
func newsSince(tx *storage.Tx, workspaceID string, l *lexicon, at mark) (n news, err error) {
	since := at.sequence - l.at.sequence
	if !l.made || since < 0 || since > mostEvents {
		return news{all: true}, nil
	}
	if since == 0 {
		return n, nil
	}
	events, err := live.After(tx, workspaceID, l.at.sequence, int(since))
	if err != nil || int64(len(events)) != since {
		return news{all: true}, err
	}
	for i := range events {
		if !n.note(&events[i]) {
			return news{all: true}, nil
		}
	}
	if len(n.posts)+len(n.people) > mostNews {
		return news{all: true}, nil
	}
	return n, nil
}

// note notes what an event may change; false if that is not known.
func (n *news) note(e *live.Event) bool {
	switch e.Type {
	case live.PostCreated, live.PostUpdated, live.PostMerged:
		n.posts = append(n.posts, e.ObjectID)
	case live.ContactUpdated, live.ContactErased:
		n.people = append(n.people, e.ContactID)
	case live.ContactMerged, live.ChangelogPublished, live.ImportUpdated, live.BulkProgress, live.SecurityAlert:
	default:
		return slices.Contains(moveNoPost, e.Type)
	}
	return true
}

func (n *news) rows(tx *storage.Tx, workspaceID, boardID string) (out []titleRow, err error) {
	for column, ids := range map[string][]string{"p.id": n.posts, "p.contact_id": n.people} {
		if len(ids) == 0 {
			continue
		}
		args := []any{workspaceID, boardID}
		for _, id := range ids {
			args = append(args, id)
		}
		rows, err := queryAll(tx, scanTitle, selectTitles+` AND `+column+` IN (`+marks(3, len(ids))+`)`, args...)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}
