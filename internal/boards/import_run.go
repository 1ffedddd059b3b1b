package boards

import (
	"context"
	"database/sql"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/boards/takeout"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

const (
	peopleAtOnce = 200
	postsAtOnce  = 20
)

// importing is one import on its way.
type importing struct {
	s     *Service
	m     BoardImport
	board Board
	t     *takeout.Takeout
	basis privacy.Basis

	ix       *vault.Index
	contacts map[string]string // who of the file is which contact
	barred   map[string]bool   // whose data may only be stored: what they said is left out
	ids      map[string]string // which post of the file is which of the board
	byEmail  map[string]string // of those who were added, by address
}

func (w *importing) run(ctx context.Context) (err error) {
	a := actor.From(ctx)
	if w.ix, err = w.s.Vault.Index(ctx, a.WorkspaceID); err != nil {
		return err
	}
	w.contacts, w.barred, w.ids, w.byEmail = map[string]string{}, map[string]bool{}, map[string]string{}, map[string]string{}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(w.t.People)), peopleAtOnce) {
		if err := w.people(ctx, some); err != nil {
			return err
		}
	}
	g := group(w.t)
	for some := range slices.Chunk(g.posts, postsAtOnce) {
		if err := w.batch(ctx, g, some); err != nil {
			return err
		}
	}
	if err := w.merge(ctx, g.posts); err != nil {
		return err
	}
	return w.s.DB.Write(ctx, func(tx *storage.Tx) error { return w.s.walkSoon(tx, a.WorkspaceID, w.m.BoardID) })
}

// arrival is one post of the file, sealed and ready to be stored.
type arrival struct {
	p           *takeout.Post
	id          string
	contactID   string
	source      []byte
	title, body []byte
	tokens      [][]byte
	status      string
	created     time.Time
	comments    []arrivingComment
	voters      map[string]time.Time
	uncounted   int // votes of which nobody is known
}

type arrivingComment struct {
	id, parent, contactID string
	body                  []byte
	internal, official    bool
	at                    time.Time
}

// source gives the token by which a post of the file is known again.
func (w *importing) source(key string) []byte {
	return w.ix.Equal("board import", w.t.Format+" "+key)
}

// batch stores some posts with what belongs to them, in one transaction.
func (w *importing) batch(ctx context.Context, g grouped, some []takeout.Post) error {
	a := actor.From(ctx)
	there, err := w.there(ctx, some)
	if err != nil {
		return err
	}
	keys, err := w.keys(ctx, g, some)
	if err != nil {
		return err
	}
	var ready []*arrival
	for i := range some {
		p := &some[i]
		w.m.Report.Looked++
		if id := there[hex.EncodeToString(w.source(p.Key))]; id != "" {
			w.ids[p.Key] = id
			w.m.Report.Again++
			continue
		}
		if w.barred[p.Author] {
			continue
		}
		one, err := w.prepare(ctx, g, p, keys)
		if err != nil {
			return err
		}
		ready = append(ready, one)
	}
	report := w.m.Report
	err = w.s.DB.Write(ctx, func(tx *storage.Tx) error {
		w.m.Report = report // this may run more than once
		alive, err := w.hold(tx, a.WorkspaceID, ready)
		if err != nil {
			return err
		}
		for _, one := range ready {
			if err := w.store(tx, a, one, alive); err != nil {
				return err
			}
		}
		w.m.UpdatedAt = w.s.Clock.Now()
		return w.s.saveImport(tx, a.WorkspaceID, &w.m)
	})
	if err != nil {
		return err
	}
	for _, one := range ready {
		w.ids[one.p.Key] = one.id
	}
	return ctx.Err()
}

// there gives which posts an earlier import added already, by their source.
func (w *importing) there(ctx context.Context, some []takeout.Post) (map[string]string, error) {
	args := []any{actor.From(ctx).WorkspaceID, w.m.BoardID}
	for _, p := range some {
		args = append(args, w.source(p.Key))
	}
	out := map[string]string{}
	return out, w.s.DB.Read(ctx, func(tx *storage.Tx) error {
		_, err := queryAll(tx, func(rows *sql.Rows) (struct{}, error) {
			var source []byte
			var id string
			err := rows.Scan(&source, &id)
			out[hex.EncodeToString(source)] = id
			return struct{}{}, err
		}, `SELECT import_source, id FROM posts WHERE workspace_id = $1 AND board_id = $2 AND import_source IN (`+marks(3, len(some))+`)`, args...)
		return err
	})
}

// keys gives the keys that seal what is in some posts: of those who wrote, and the
// workspace's under "".
func (w *importing) keys(ctx context.Context, g grouped, some []takeout.Post) (map[string]*vault.Key, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	who := map[string]bool{"": true}
	for _, p := range some {
		who[w.contacts[p.Author]] = true
		for _, c := range g.comments[p.Key] {
			who[w.contacts[c.Author]] = true
		}
	}
	out := make(map[string]*vault.Key, len(who))
	subjects := make([]vault.Subject, 0, len(who))
	for id := range who {
		subjects = append(subjects, vault.Subject{Workspace: workspaceID, ID: id})
	}
	keys, err := w.s.Vault.Keys(ctx, subjects)
	for _, sub := range subjects {
		out[sub.ID] = keys[sub]
	}
	return out, err
}

func (w *importing) prepare(ctx context.Context, g grouped, p *takeout.Post, keys map[string]*vault.Key) (*arrival, error) {
	text, err := w.s.maskedWords(ctx, fitting(p, &w.m.Report))
	if err != nil {
		return nil, err
	}
	one := &arrival{p: p, id: w.s.IDs.New(id.Post), contactID: w.contacts[p.Author], source: w.source(p.Key), status: w.board.statusFor(p),
		created: w.when(p.CreatedAt, time.Time{}), tokens: w.ix.Words(text.title + "\n" + text.body), voters: map[string]time.Time{}, uncounted: p.Votes}
	key := keys[one.contactID]
	if key == nil {
		return nil, fault.Gone("subject_erased", "Somebody was erased while this ran. Import the file again: it goes on.")
	}
	one.title, one.body = key.Seal(titlePlace(one.id), []byte(text.title)), key.Seal(bodyPlace(one.id), []byte(text.body))
	for _, v := range g.votes[p.Key] {
		switch who := w.contacts[v.Person]; {
		case who != "":
			if _, twice := one.voters[who]; !twice {
				one.voters[who] = w.when(v.CreatedAt, one.created)
			}
		case !w.barred[v.Person]:
			one.uncounted++
		}
	}
	return one, w.prepareComments(ctx, g, one, keys)
}

func (w *importing) prepareComments(ctx context.Context, g grouped, one *arrival, keys map[string]*vault.Key) error {
	add := func(text, contactID, parent string, c arrivingComment) error {
		body, err := w.s.masked(ctx, text)
		if err != nil {
			return err
		}
		key := keys[contactID]
		if key == nil {
			return fault.Gone("subject_erased", "Somebody was erased while this ran. Import the file again: it goes on.")
		}
		c.contactID, c.parent, c.body = contactID, parent, key.Seal(commentPlace(c.id), []byte(body))
		one.comments = append(one.comments, c)
		return nil
	}
	ids := map[string]string{}
	for _, c := range g.comments[one.p.Key] {
		text := strings.TrimSpace(printable(c.Body))
		if w.barred[c.Author] || text == "" {
			continue
		}
		if r := []rune(text); len(r) > maxComment {
			text = string(r[:maxComment])
			w.m.Report.problem(c.Where, "has more than 10,000 characters: the rest was cut")
		}
		made := arrivingComment{id: w.s.IDs.New(id.Comment), internal: c.Internal, at: w.when(c.CreatedAt, one.created)}
		if err := add(text, w.contacts[c.Author], ids[c.Parent], made); err != nil {
			return err
		}
		ids[c.Key] = made.id
	}
	if text := strings.TrimSpace(printable(one.p.Answer)); text != "" {
		if r := []rune(text); len(r) > maxComment {
			text = string(r[:maxComment])
		}
		return add(text, "", "", arrivingComment{id: w.s.IDs.New(id.Comment), official: true, at: w.when(one.p.AnswerAt, one.created)})
	}
	return nil
}

// hold locks everybody who contributed to some posts, in the order of the ids, and
// gives those who are still there and may be handled.
func (w *importing) hold(tx *storage.Tx, workspaceID string, ready []*arrival) (map[string]bool, error) {
	who := map[string]bool{}
	for _, one := range ready {
		who[one.contactID] = true
		for _, c := range one.comments {
			who[c.contactID] = true
		}
		for v := range one.voters {
			who[v] = true
		}
	}
	delete(who, "")
	ids := slices.Sorted(maps.Keys(who))
	for _, contactID := range ids {
		if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: workspaceID, ContactID: contactID}); err != nil {
			return nil, err
		}
	}
	alive := map[string]bool{"": true}
	for some := range slices.Chunk(ids, 500) {
		args := []any{workspaceID}
		for _, contactID := range some {
			args = append(args, contactID)
		}
		found, err := queryAll(tx, scanText, `SELECT id FROM contacts WHERE workspace_id = $1 AND id IN (`+marks(2, len(some))+
			`) AND deleted_at IS NULL AND restricted_at IS NULL`, args...)
		if err != nil {
			return nil, err
		}
		for _, contactID := range found {
			alive[contactID] = true
		}
	}
	return alive, nil
}

const insertArrival = `
	INSERT INTO posts (workspace_id, id, board_id, number, contact_id, author_type, author_id, title_sealed, body_sealed, status, state, category, estimated_on,
		votes, anonymous_votes, comments, trend, place, import_id, import_source, created_at, updated_at, weight)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'published', $11, $12, $13, $14, 0, $15, $16, $17, $18, $19, $20, $21)`

// store stores one post. Whoever contributed and is gone by now is passed over.
func (w *importing) store(tx *storage.Tx, a actor.Actor, one *arrival, alive map[string]bool) error {
	if !alive[one.contactID] {
		return nil
	}
	var number int64
	if err := tx.QueryRow(nextNumber, a.WorkspaceID, w.m.BoardID).Scan(&number); err != nil {
		return err
	}
	trend, voters := weight(one.created), slices.DeleteFunc(slices.Sorted(maps.Keys(one.voters)), func(v string) bool { return !alive[v] })
	weights, total, err := weighArrival(tx, a.WorkspaceID, w.m.BoardID, voters, one.uncounted)
	if err != nil {
		return err
	}
	var votes []any
	for i, voter := range voters {
		at := one.voters[voter]
		trend = joined(trend, at)
		votes = append(votes, a.WorkspaceID, one.id, voter, "", w.m.ID, clock.Micros(at), weights[i])
	}
	cast := len(voters)
	at, now := clock.Micros(one.created), clock.Micros(w.s.Clock.Now())
	author := Author{Type: "anonymous"}
	if one.contactID != "" {
		author = Author{Type: string(a.Type), ID: a.ID}
	}
	_, err = tx.Exec(insertArrival, a.WorkspaceID, one.id, w.m.BoardID, number, null(one.contactID), author.Type, author.ID, one.title, one.body, one.status,
		w.category(one.p), null(one.p.EstimatedOn), cast+one.uncounted, one.uncounted, trend, float64(at), w.m.ID, one.source, at, now,
		total)
	if err != nil {
		return err
	}
	_, err = storage.InsertRows(tx, `INSERT INTO post_votes (workspace_id, post_id, contact_id, importance, import_id, created_at, weight) VALUES `, 7, votes, "")
	if err != nil {
		return err
	}
	if err := w.storeComments(tx, a, one, alive); err != nil {
		return err
	}
	w.m.Report.Posts++
	w.m.Report.Votes += cast + one.uncounted
	w.s.tell(tx, a, live.PostCreated, one.contactID, one.id, w.s.Clock.Now(), map[string]string{"board_id": w.m.BoardID, "import_id": w.m.ID})
	return w.s.Search.Add(tx, search.Document{WorkspaceID: a.WorkspaceID, Kind: kindPost, ID: one.id, ParentID: w.m.BoardID, ContactID: one.contactID,
		Tokens: one.tokens, At: one.created})
}

func (w *importing) storeComments(tx *storage.Tx, a actor.Actor, one *arrival, alive map[string]bool) error {
	var rows []any
	for _, c := range one.comments {
		if !alive[c.contactID] {
			continue
		}
		rows = append(rows, a.WorkspaceID, one.id, c.id, null(c.parent), null(c.contactID), string(a.Type), a.ID, c.body, flag(c.internal), flag(c.official), Published, w.m.ID, clock.Micros(c.at))
	}
	if len(rows) == 0 {
		return nil
	}
	w.m.Report.Comments += len(rows) / 13
	_, err := storage.InsertRows(tx, `INSERT INTO post_comments (workspace_id, post_id, id, parent_id, contact_id, author_type, author_id, body_sealed, internal, official, state,
		import_id, created_at) VALUES `, 13, rows, "")
	if err == nil {
		_, err = tx.Exec(updateComments, a.WorkspaceID, one.id)
	}
	return err
}

// merge has posts stand for others as they did.
func (w *importing) merge(ctx context.Context, posts []takeout.Post) error {
	for _, p := range posts {
		from, into := w.ids[p.Key], w.ids[p.MergedInto]
		if p.MergedInto == "" || from == "" || into == "" {
			continue
		}
		_, err := w.s.Merge(ctx, from, into)
		if fault.Is(err, fault.KindConflict) || fault.Is(err, fault.KindNotFound) {
			continue // merged by an earlier run, in a circle, or removed since
		}
		if err != nil {
			return err
		}
		w.m.Report.Merged++
	}
	return nil
}

// cut gives at most so many characters of a text.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
