package boards

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

const boardColumns = `id, slug, name, intro, color, visibility, segment_id, on_erasure, approval, posting, anonymous_votes, weight, weight_default, weight_importance, language, css, logo, domain, indexable,
	COALESCE(archived_at, 0), created_at, updated_at`

func scanBoard(row interface{ Scan(dest ...any) error }) (Board, error) {
	var b Board
	var approval, anonymous, indexable, archived, created, updated, bare, importance int64
	var weight string
	err := row.Scan(&b.ID, &b.Slug, &b.Name, &b.Intro, &b.Color, &b.Visibility, &b.SegmentID, &b.OnErasure, &approval, &b.Posting, &anonymous, &weight, &bare, &importance, &b.Language,
		&b.CSS, &b.Logo, &b.Domain, &indexable, &archived, &created, &updated)
	b.AnonymousVotes, b.Indexable = anonymous != 0, indexable != 0
	b.Weight.setWord(weight, bare)
	b.Weight.Importance, b.Weight.State = importance != 0, "ready"
	b.Approval, b.ArchivedAt, b.CreatedAt, b.UpdatedAt = approval != 0, pointer(archived), clock.FromMicros(created), clock.FromMicros(updated)
	return b, err
}

const selectBoards = `SELECT ` + boardColumns + ` FROM boards WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`

const selectBoard = `SELECT ` + boardColumns + ` FROM boards WHERE workspace_id = $1 AND id = $2`

// selectLists gives a board's statuses, and its categories as statuses of no kind.
const selectLists = `
	SELECT key, name, color, kind, position FROM board_statuses WHERE workspace_id = $1 AND board_id = $2
	UNION ALL SELECT key, name, color, '', position FROM board_categories WHERE workspace_id = $1 AND board_id = $2 ORDER BY position`

func loadBoards(tx *storage.Tx, workspaceID, before string, limit int) ([]Board, error) {
	out, err := queryAll(tx, func(rows *sql.Rows) (Board, error) { return scanBoard(rows) }, selectBoards, workspaceID, before, limit)
	for i := range out { // at most a page, each by primary key
		if err == nil {
			err = loadBeside(tx, workspaceID, &out[i])
		}
	}
	return out, err
}

func loadBoard(tx *storage.Tx, workspaceID, boardID string) (Board, error) {
	b, err := scanBoard(tx.QueryRow(selectBoard, workspaceID, boardID))
	if errors.Is(err, sql.ErrNoRows) {
		return Board{}, fault.NotFound("board")
	}
	if err != nil {
		return Board{}, err
	}
	return b, loadBeside(tx, workspaceID, &b)
}

// loadBeside reads what of a board stands in other tables.
func loadBeside(tx *storage.Tx, workspaceID string, b *Board) error {
	if err := loadLists(tx, workspaceID, b); err != nil || b.Weight.By != WeighSegments {
		return err
	}
	return loadWeights(tx, workspaceID, b)
}

// loadLists loads a board's statuses and categories, in their order.
func loadLists(tx *storage.Tx, workspaceID string, b *Board) error {
	b.Statuses, b.Categories = nil, []Category{}
	_, err := queryAll(tx, func(rows *sql.Rows) (none struct{}, err error) {
		var st Status
		var position int64
		err = rows.Scan(&st.Key, &st.Name, &st.Color, &st.Kind, &position)
		if st.Kind == "" {
			b.Categories = append(b.Categories, Category{st.Key, st.Name, st.Color})
		} else {
			b.Statuses = append(b.Statuses, st)
		}
		return none, err
	}, selectLists, workspaceID, b.ID)
	return err
}

const insertBoard = `
	INSERT INTO boards (workspace_id, id, created_at, post_count, slug, name, intro, color, visibility, segment_id, on_erasure, approval, posting, anonymous_votes, weight,
		weight_default, weight_importance, language, css, domain, indexable, archived_at, updated_at)
	VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`

const updateBoard = `
	UPDATE boards SET slug = $1, name = $2, intro = $3, color = $4, visibility = $5, segment_id = $6, on_erasure = $7, approval = $8, posting = $9, anonymous_votes = $10,
		weight = $11, weight_default = $12, weight_importance = $13, language = $14, css = $15, domain = $16, indexable = $17, archived_at = $18, updated_at = $19
	WHERE workspace_id = $20 AND id = $21`

// values are what both statements store, in their order.
func (b *Board) values() []any {
	return []any{b.Slug, b.Name, b.Intro, b.Color, b.Visibility, b.SegmentID, b.OnErasure, flag(b.Approval), b.Posting, flag(b.AnonymousVotes), b.Weight.word(), b.Weight.bare(),
		flag(b.Weight.Importance), b.Language,
		b.CSS, b.Domain, flag(b.Indexable), micros(b.ArchivedAt), clock.Micros(b.UpdatedAt)}
}

func storeStatuses(tx *storage.Tx, workspaceID string, b Board) error {
	if _, err := tx.Exec(`DELETE FROM board_statuses WHERE workspace_id = $1 AND board_id = $2`, workspaceID, b.ID); err != nil {
		return err
	}
	for from, to := range storage.Chunks(len(b.Statuses), 7) {
		var args []any
		for i, st := range b.Statuses[from:to] {
			args = append(args, workspaceID, b.ID, st.Key, st.Name, st.Color, st.Kind, from+i)
		}
		_, err := tx.Exec(`INSERT INTO board_statuses (workspace_id, board_id, key, name, color, kind, position) VALUES `+storage.Values(to-from, 7), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// statusInUse gives a status that posts are at and that the board is about to lose.
func statusInUse(tx *storage.Tx, workspaceID string, b Board) (string, error) {
	used, err := queryAll(tx, scanText, `SELECT DISTINCT status FROM posts WHERE workspace_id = $1 AND board_id = $2`, workspaceID, b.ID)
	for _, key := range used {
		if !b.hasStatus(key) {
			return key, nil
		}
	}
	return "", err
}

// postRow is a post as it is stored.
type postRow struct {
	p         Post
	contactID string // whose key seals it; "" the workspace's
	contact   contacts.Sealed
	title     []byte
	body      []byte
	trend     float64
	anonymous int64
	created   int64
	place     float64
	weight    sql.NullInt64 // of its votes together, in grains; not valid where all weigh the same
	rule      *BoardWeight  // what they weigh by, once it was asked for
}

const postColumns = `p.id, p.board_id, p.number, COALESCE(p.contact_id, ''), p.author_type, p.author_id, p.title_sealed, p.body_sealed, p.status, p.state, p.held_for, p.category,
	p.owner_id, p.estimated_on, p.votes, p.anonymous_votes, p.comments, p.trend, p.merged_into, COALESCE(p.edited_at, 0), p.created_at, p.updated_at, p.place, p.weight,
	COALESCE((SELECT string_agg(t.tag, ',') FROM post_tags t WHERE t.workspace_id = p.workspace_id AND t.post_id = p.id), ''), ` + contacts.SummaryColumns

const fromPosts = ` FROM posts p LEFT JOIN contacts c ON c.workspace_id = p.workspace_id AND c.id = p.contact_id WHERE p.workspace_id = $1`

func scanPost(row interface{ Scan(dest ...any) error }) (postRow, error) {
	var r postRow
	var edited, updated int64
	var tags string
	p := &r.p
	err := row.Scan(append([]any{&p.ID, &p.BoardID, &p.Number, &r.contactID, &p.Author.Type, &p.Author.ID, &r.title, &r.body, &p.Status, &p.State, &p.HeldFor, &p.Category, &p.OwnerID,
		&p.EstimatedOn, &p.Votes, &r.anonymous, &p.Comments, &r.trend, &p.MergedInto, &edited, &r.created, &updated, &r.place, &r.weight, &tags}, r.contact.Dest()...)...)
	p.Tags = splitTags(tags)
	p.EditedAt, p.CreatedAt, p.UpdatedAt = pointer(edited), clock.FromMicros(r.created), clock.FromMicros(updated)
	return r, err
}

const selectPost = `SELECT ` + postColumns + fromPosts + ` AND p.id = $2`

func loadPost(tx *storage.Tx, workspaceID, postID string) (postRow, error) {
	r, err := scanPost(tx.QueryRow(selectPost, workspaceID, postID))
	if errors.Is(err, sql.ErrNoRows) {
		return postRow{}, fault.NotFound("post")
	}
	return r, err
}

// loadPosts gives some posts that were found, by id.
func loadPosts(tx *storage.Tx, workspaceID string, some []found) (map[string]postRow, error) {
	args := []any{workspaceID}
	for _, one := range some {
		args = append(args, one.postID)
	}
	rows, err := queryAll(tx, func(rows *sql.Rows) (postRow, error) { return scanPost(rows) },
		`SELECT `+postColumns+fromPosts+` AND p.id IN (`+marks(2, len(some))+`)`, args...)
	out := make(map[string]postRow, len(rows))
	for _, r := range rows {
		out[r.p.ID] = r
	}
	return out, err
}

// lockPost has whoever changes a post's votes, comments or words wait for each
// other, and gives it as it is then.
func lockPost(tx *storage.Tx, workspaceID, postID string) (postRow, error) {
	if err := tx.Lock("post " + postID); err != nil {
		return postRow{}, err
	}
	return loadPost(tx, workspaceID, postID)
}

// At is a post's place in an order: what comes after it is asked for.
type At struct {
	Value float64
	ID    string
}

// pageSQL gives the posts of a board in an order, from a place on. Merged ones are
// in no list.
func pageSQL(by Sort, f Filter) string {
	order := map[Sort]string{ByTrend: "trend", ByVotes: "votes", ByAge: "id", ByStatus: "place", ByWeight: "weight"}[by]
	q := `SELECT ` + postColumns + fromPosts + ` AND p.board_id = $2 AND p.merged_into IS NULL` + stateSQL(f.State)
	n := 3
	switch by {
	case ByAge:
		q += fmt.Sprintf(` AND p.id < $%d`, n)
		n++
	case ByWeight:
		q += ` AND p.weight IS NOT NULL`
		fallthrough
	default:
		q += fmt.Sprintf(` AND (p.%s, p.id) < ($%d, $%d)`, order, n, n+1)
		n += 2
	}
	for _, only := range []struct{ value, column string }{{f.Status, "p.status"}, {f.Category, "p.category"}, {f.OwnerID, "p.owner_id"}, {f.Tag, "t.tag"}} {
		if only.value == "" {
			continue
		}
		condition := ` AND %s = $%d`
		if only.column == "t.tag" {
			condition = ` AND EXISTS (SELECT 1 FROM post_tags t WHERE t.workspace_id = p.workspace_id AND t.post_id = p.id AND %s = $%d)`
		}
		q += fmt.Sprintf(condition, only.column, n)
		n++
	}
	if by == ByAge {
		return q + fmt.Sprintf(` ORDER BY p.id DESC LIMIT $%d`, n)
	}
	return q + fmt.Sprintf(` ORDER BY p.%s DESC, p.id DESC LIMIT $%d`, order, n)
}

// stateSQL is a condition with the state in it. As a parameter it would have SQLite make
// its plan anew for each page, since there is an index of those of one state.
func stateSQL(state string) string {
	switch state {
	case "":
		return ""
	case Published:
		return ` AND p.state = 'published'`
	case Pending:
		return ` AND p.state = 'pending'`
	}
	return ` AND 1 = 0`
}

// pageArgs are the arguments of pageSQL.
func pageArgs(workspaceID, boardID string, by Sort, f Filter, after At, limit int) []any {
	args := []any{workspaceID, boardID}
	switch by {
	case ByAge:
		args = append(args, after.ID)
	case ByVotes:
		args = append(args, int64(min(after.Value, math.MaxInt32)), after.ID)
	case ByWeight:
		weight, id := after.weight()
		args = append(args, weight, id)
	default:
		args = append(args, after.Value, after.ID)
	}
	for _, value := range []string{f.Status, f.Category, f.OwnerID, f.Tag} {
		if value != "" {
			args = append(args, value)
		}
	}
	return append(args, limit)
}

const insertPost = `
	INSERT INTO posts (workspace_id, id, board_id, number, contact_id, author_type, author_id, title_sealed, body_sealed, status, state, category,
		votes, anonymous_votes, comments, trend, place, weight, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0, $13, $14, $15, $16, $17)`

const updatePost = `
	UPDATE posts SET title_sealed = $1, body_sealed = $2, status = $3, state = $4, category = $5, owner_id = $6, estimated_on = $7, edited_at = $8, updated_at = $9
	WHERE workspace_id = $10 AND id = $11 AND updated_at = $12`

const (
	updateVotes  = `UPDATE posts SET votes = $1, trend = $2 WHERE workspace_id = $3 AND id = $4`
	updateWeight = `UPDATE posts SET votes = $1, trend = $2, weight = $3 WHERE workspace_id = $4 AND id = $5`
)

// storeVotes stores a post's count, trend and weight.
func storeVotes(tx *storage.Tx, workspaceID string, r *postRow) (err error) {
	if r.weight.Valid {
		_, err = tx.Exec(updateWeight, r.p.Votes, r.trend, r.weight, workspaceID, r.p.ID)
	} else {
		_, err = tx.Exec(updateVotes, r.p.Votes, r.trend, workspaceID, r.p.ID)
	}
	return err
}

const updateComments = `
	UPDATE posts SET comments = (SELECT COUNT(*) FROM post_comments WHERE workspace_id = $1 AND post_id = $2
		AND internal = 0 AND state = 'published' AND body_sealed IS NOT NULL)
	WHERE workspace_id = $1 AND id = $2`

const insertVote = `
	INSERT INTO post_votes (workspace_id, post_id, contact_id, importance, behalf_type, behalf_id, from_post_id, created_at, weight)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
	ON CONFLICT (workspace_id, post_id, contact_id) DO NOTHING`

const votesOnPost = `
	SELECT v.post_id, v.contact_id, v.importance, v.behalf_type, v.behalf_id, v.from_post_id, v.created_at, v.weight, ` + contacts.SummaryColumns + `
	FROM post_votes v JOIN contacts c ON c.workspace_id = v.workspace_id AND c.id = v.contact_id
	WHERE v.workspace_id = $1 AND v.post_id = $2 AND v.contact_id > $3`

const selectVotes = votesOnPost + ` ORDER BY v.contact_id LIMIT $4`

// votesSQL gives the query of those to whom a post matters so much.
func votesSQL(importance string) string {
	only := map[string]string{
		"nice": ` AND v.importance = 'nice' AND v.importance <> ''`, "important": ` AND v.importance = 'important' AND v.importance <> ''`,
		"essential": ` AND v.importance = 'essential' AND v.importance <> ''`, "none": ` AND v.importance = ''`,
	}[importance]
	return votesOnPost + only + ` ORDER BY v.contact_id LIMIT $4`
}

type voteRow struct {
	v       Vote
	contact contacts.Sealed
	created int64
	weight  sql.NullInt64
}

func scanVote(rows *sql.Rows) (voteRow, error) {
	var r voteRow
	var behalfType, behalfID sql.NullString
	err := rows.Scan(append([]any{&r.v.PostID, &r.v.ContactID, &r.v.Importance, &behalfType, &behalfID, &r.v.MergedFrom, &r.created, &r.weight}, r.contact.Dest()...)...)
	if behalfType.Valid {
		r.v.OnBehalf = &Author{Type: behalfType.String, ID: behalfID.String}
	}
	r.v.CreatedAt = clock.FromMicros(r.created)
	return r, err
}

const commentColumns = `m.id, m.post_id, m.parent_id, COALESCE(m.contact_id, ''), m.author_type, m.author_id, m.body_sealed, m.internal, m.official, m.state, m.held_for,
	COALESCE(m.edited_at, 0), m.created_at, ` + contacts.SummaryColumns

const fromComments = ` FROM post_comments m LEFT JOIN contacts c ON c.workspace_id = m.workspace_id AND c.id = m.contact_id WHERE m.workspace_id = $1`

type commentRow struct {
	c         Comment
	contactID string
	contact   contacts.Sealed
	body      []byte
}

func scanComment(row interface{ Scan(dest ...any) error }) (commentRow, error) {
	var r commentRow
	var internal, official, edited, created int64
	c := &r.c
	err := row.Scan(append([]any{&c.ID, &c.PostID, &c.ParentID, &r.contactID, &c.Author.Type, &c.Author.ID, &r.body, &internal, &official, &c.State, &c.HeldFor, &edited, &created}, r.contact.Dest()...)...)
	c.Internal, c.Official, c.Removed, c.EditedAt, c.CreatedAt = internal != 0, official != 0, r.body == nil, pointer(edited), clock.FromMicros(created)
	return r, err
}

const selectComments = `
	SELECT ` + commentColumns + fromComments + ` AND m.post_id = $2 AND m.id > $3 ORDER BY m.id LIMIT $4`

const selectComment = `SELECT ` + commentColumns + fromComments + ` AND m.id = $2`

func loadComment(tx *storage.Tx, workspaceID, commentID string) (commentRow, error) {
	r, err := scanComment(tx.QueryRow(selectComment, workspaceID, commentID))
	if errors.Is(err, sql.ErrNoRows) {
		return commentRow{}, fault.NotFound("comment")
	}
	return r, err
}

const insertComment = `
	INSERT INTO post_comments (workspace_id, post_id, id, parent_id, contact_id, author_type, author_id, body_sealed, internal, official, state, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

const updateComment = `
	UPDATE post_comments SET body_sealed = $1, official = $2, state = $3, edited_at = $4 WHERE workspace_id = $5 AND post_id = $6 AND id = $7`

// queryAll gives all rows of a query, scanned.
func queryAll[T any](tx *storage.Tx, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

func scanText(rows *sql.Rows) (text string, err error) { return text, rows.Scan(&text) }

func pointer(micros int64) *time.Time {
	if micros == 0 {
		return nil
	}
	t := clock.FromMicros(micros)
	return &t
}

func micros(t *time.Time) any {
	if t == nil {
		return nil
	}
	return clock.Micros(*t)
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func titlePlace(row string) vault.Place {
	return vault.Place{Table: "posts", Column: "title_sealed", Row: row}
}

func bodyPlace(row string) vault.Place {
	return vault.Place{Table: "posts", Column: "body_sealed", Row: row}
}

func commentPlace(row string) vault.Place {
	return vault.Place{Table: "post_comments", Column: "body_sealed", Row: row}
}
