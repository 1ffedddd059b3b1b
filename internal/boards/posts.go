package boards

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// kindPost is what posts are called in the search index.
const kindPost = "post"

// Filter says which posts of a board.
type Filter struct {
	Status string // "" all
	State  string // "" all
	// Category is one of the board's; "" all.
	Category string
	Tag      string // one of a post's; "" all
	OwnerID  string // who looks after it; "" all
	Q        string // words; all must be there
}

// Posts gives a board's posts in an order, from a place in it (nil: the top), at
// most limit; and the place of each. With words, those that have them all, newest
// first whatever the order.
func (s *Service) Posts(ctx context.Context, boardID string, f Filter, by Sort, after *At, limit int) ([]Post, []At, error) {
	a := actor.From(ctx)
	if after == nil {
		after = &At{Value: math.MaxFloat64, ID: "pst_~"}
	}
	if words := strings.TrimSpace(f.Q); words != "" {
		posts, places, err := s.find(ctx, boardID, f, after, limit)
		return posts, places, fault.Wrap("boards.Posts", err)
	}
	out, places := []Post{}, []At{}
	for len(out) < limit { // rows that nobody can read any more do not end the list
		want := limit - len(out)
		rows, err := s.page(ctx, a.WorkspaceID, boardID, f, by, *after, want)
		if err != nil {
			return nil, nil, fault.Wrap("boards.Posts", err)
		}
		posts, kept, err := s.openPosts(ctx, rows)
		if err != nil {
			return nil, nil, fault.Wrap("boards.Posts", err)
		}
		for _, r := range kept {
			places = append(places, r.at(by))
		}
		out = append(out, posts...)
		if len(rows) < want {
			break
		}
		at := rows[len(rows)-1].at(by)
		after = &at
	}
	return out, places, nil
}

func (r *postRow) at(by Sort) At {
	switch by {
	case ByTrend:
		return At{r.trend, r.p.ID}
	case ByVotes:
		return At{float64(r.p.Votes), r.p.ID}
	case ByStatus:
		return At{r.place, r.p.Status + " " + r.p.ID}
	default:
		return At{0, r.p.ID}
	}
}

func (s *Service) page(ctx context.Context, workspaceID, boardID string, f Filter, by Sort, after At, limit int) (rows []postRow, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		b, err := loadBoard(tx, workspaceID, boardID)
		if err != nil {
			return err
		}
		if by == ByStatus {
			rows, err = pageByStatus(tx, workspaceID, &b, f, after, limit)
			return err
		}
		rows, err = queryAll(tx, func(rows *sql.Rows) (postRow, error) { return scanPost(rows) }, pageSQL(by, f), pageArgs(workspaceID, boardID, by, f, after, limit)...)
		return err
	})
	return rows, err
}

// pageByStatus walks the statuses from the one in which a place is.
func pageByStatus(tx *storage.Tx, workspaceID string, b *Board, f Filter, after At, limit int) (out []postRow, err error) {
	from, within, seeking := strings.Cut(after.ID, " ")
	only := f.Status
	for _, st := range b.Statuses {
		at := At{math.MaxFloat64, "pst_~"}
		switch {
		case !seeking: // the top
		case st.Key == from:
			at, seeking = At{after.Value, within}, false
		default:
			continue
		}
		if only != "" && only != st.Key || len(out) == limit {
			continue
		}
		f.Status = st.Key
		rows, err := queryAll(tx, func(rows *sql.Rows) (postRow, error) { return scanPost(rows) }, pageSQL(ByStatus, f),
			pageArgs(workspaceID, b.ID, ByStatus, f, at, limit-len(out))...)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// maxHits bounds how many matches of the whole workspace a search looks at.
const maxHits = 2000

// find looks words up. The place is the document's number.
func (s *Service) find(ctx context.Context, boardID string, f Filter, after *At, limit int) ([]Post, []At, error) {
	a := actor.From(ctx)
	ix, err := s.Vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return nil, nil, err
	}
	tokens := ix.QueryWords(f.Q)
	if len(tokens) == 0 {
		return nil, nil, fault.Invalid("q", "needs a word of at least two letters")
	}
	before := int64(0)
	if after.Value < math.MaxFloat64 {
		before = int64(after.Value)
	}
	var rows []postRow
	var places []At
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		rows, places = nil, nil
		if _, err := loadBoard(tx, a.WorkspaceID, boardID); err != nil {
			return err
		}
		hits, err := s.Search.Query(tx, a.WorkspaceID, tokens, []string{kindPost}, before, maxHits)
		if err != nil {
			return err
		}
		for _, h := range hits {
			if len(rows) == limit {
				break
			}
			if h.ParentID != boardID {
				continue
			}
			r, err := loadPost(tx, a.WorkspaceID, h.ID)
			if fault.Is(err, fault.KindNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if r.p.MergedInto == nil && f.takes(&r.p) {
				rows, places = append(rows, r), append(places, At{float64(h.Doc), h.ID})
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	posts, kept, err := s.openPosts(ctx, rows)
	places = slices.DeleteFunc(places, func(at At) bool {
		return !slices.ContainsFunc(kept, func(r postRow) bool { return r.p.ID == at.ID })
	})
	return posts, places, err
}

// takes tells whether a post is one of those that a filter asks for.
func (f Filter) takes(p *Post) bool {
	return (f.Status == "" || f.Status == p.Status) && (f.State == "" || f.State == p.State) && (f.Category == "" || f.Category == p.Category) &&
		(f.Tag == "" || slices.Contains(p.Tags, f.Tag)) && (f.OwnerID == "" || f.OwnerID == deref(p.OwnerID))
}

// openPosts opens rows; those whose key is gone are left out.
func (s *Service) openPosts(ctx context.Context, rows []postRow) ([]Post, []postRow, error) {
	things := make([]sealed, len(rows))
	for i := range rows {
		things[i] = sealed{rows[i].contactID, rows[i].contact, &rows[i].p.Author}
	}
	ok, err := s.open(ctx, things, func(i int, key *vault.Key, restricted bool) error {
		rows[i].p.Restricted = restricted
		if restricted {
			return nil
		}
		return rows[i].open(key)
	})
	if err != nil {
		return nil, nil, err
	}
	out, kept := make([]Post, 0, len(rows)), make([]postRow, 0, len(rows))
	for i := range rows {
		if ok[i] {
			out, kept = append(out, rows[i].p), append(kept, rows[i])
		}
	}
	return out, kept, nil
}

func (r *postRow) open(key *vault.Key) error {
	title, err := key.Open(titlePlace(r.p.ID), r.title)
	if err != nil {
		return fault.Wrap("open "+r.p.ID, err)
	}
	body, err := key.Open(bodyPlace(r.p.ID), r.body)
	r.p.Title, r.p.Body, r.p.Slug = string(title), string(body), slugOf(string(title))
	return fault.Wrap("open "+r.p.ID, err)
}

// Post gives one post.
func (s *Service) Post(ctx context.Context, postID string) (Post, error) {
	r, err := s.row(ctx, postID)
	return r.p, fault.Wrap("boards.Post", err)
}

// seal gives a post's words sealed, and the tokens that find them.
func (s *Service) seal(ctx context.Context, contactID, postID string, w words) (title, body []byte, tokens [][]byte, err error) {
	a := actor.From(ctx)
	key, err := s.key(ctx, a.WorkspaceID, contactID)
	if err != nil {
		return nil, nil, nil, err
	}
	ix, err := s.Vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return nil, nil, nil, err
	}
	return key.Seal(titlePlace(postID), []byte(w.title)), key.Seal(bodyPlace(postID), []byte(w.body)), ix.Words(w.title + "\n" + w.body), nil
}

func (s *Service) maskedWords(ctx context.Context, w words) (out words, err error) {
	if out.title, err = s.masked(ctx, w.title); err != nil {
		return words{}, err
	}
	out.body, err = s.masked(ctx, w.body)
	return out, err
}

const nextNumber = `UPDATE boards SET post_count = post_count + 1 WHERE workspace_id = $1 AND id = $2 RETURNING post_count`

// CreatePost adds a post to a board: the team's own, or a contact's wish that
// somebody else wrote down for them.
func (s *Service) CreatePost(ctx context.Context, boardID string, n NewPost) (Post, error) {
	a := actor.From(ctx)
	b, err := s.Board(ctx, boardID)
	if err != nil {
		return Post{}, err
	}
	n, state, err := s.asContact(ctx, &b, n)
	if err != nil {
		return Post{}, fault.Wrap("boards.CreatePost", err)
	}
	n.Category, n.Status = strings.TrimSpace(n.Category), or(n.Status, b.first())
	w := words{n.Title, n.Body}
	tags, bad := cleanTags(n.Tags)
	if bad = slices.Concat(bad, w.clean(), categoryProblem(n.Category), b.statusProblem(n.Status)); len(bad) > 0 {
		return Post{}, fault.InvalidFields(bad...)
	}
	if n.ContactID != "" {
		if n.ContactID, err = s.Contacts.SurvivorOf(ctx, a.WorkspaceID, n.ContactID); err != nil {
			return Post{}, err
		}
	}
	said := contribution{contactID: n.ContactID, text: w.title + "\n" + w.body, proof: n.Proof}
	if w, err = s.maskedWords(ctx, w); err != nil {
		return Post{}, err
	}
	now := s.Clock.Now()
	p := Post{ID: s.IDs.New(id.Post), BoardID: boardID, Title: w.title, Body: w.body, Slug: slugOf(w.title), Status: n.Status, State: state,
		Category: n.Category, Tags: tags, Author: Author{Type: string(a.Type), ID: a.ID, Name: a.Name}, CreatedAt: now, UpdatedAt: now}
	title, body, tokens, err := s.seal(ctx, n.ContactID, p.ID, w)
	if err != nil {
		return Post{}, fault.Wrap("boards.CreatePost", err)
	}
	err = s.write(ctx, func(tx *storage.Tx) error {
		if n.ContactID != "" {
			stands, err := s.person(tx, a, n.ContactID)
			if err != nil {
				return err
			}
			if stands != n.ContactID {
				return fault.Conflict("changed_meanwhile", "This person was merged with another one just now. Try again.")
			}
		}
		at := clock.Micros(now)
		if err := tx.QueryRow(nextNumber, a.WorkspaceID, boardID).Scan(&p.Number); err != nil {
			return err
		}
		now, err := loadBoard(tx, a.WorkspaceID, boardID) // as it is with its row held
		if err == nil {
			err = now.takes()
		}
		if err != nil {
			return err
		}
		if p.State, p.HeldFor, err = s.screened(ctx, tx, a, &now, said, state); err != nil {
			return err
		}
		_, err = tx.Exec(insertPost, a.WorkspaceID, p.ID, boardID, p.Number, null(n.ContactID), p.Author.Type, p.Author.ID, title, body, p.Status, p.State, p.Category,
			weight(p.CreatedAt), float64(at), at, at)
		if err != nil {
			return err
		}
		if err := holdPost(tx, a.WorkspaceID, p.ID, p.HeldFor); err != nil {
			return err
		}
		if err := storeTags(tx, a.WorkspaceID, boardID, p.ID, tags); err != nil {
			return err
		}
		s.tell(tx, a, live.PostCreated, n.ContactID, p.ID, p.CreatedAt, map[string]string{"board_id": boardID})
		return s.Search.Add(tx, search.Document{WorkspaceID: a.WorkspaceID, Kind: kindPost, ID: p.ID, ParentID: boardID, ContactID: n.ContactID,
			Tokens: tokens, At: p.CreatedAt})
	})
	if err != nil {
		return Post{}, fault.Wrap("boards.CreatePost", err)
	}
	if n.ContactID == "" {
		return p, nil
	}
	return s.Post(ctx, p.ID)
}

// tell appends an event about a post.
func (s *Service) tell(tx *storage.Tx, a actor.Actor, eventType, contactID, objectID string, at time.Time, details map[string]string) {
	s.Outbox.Append(tx, live.Event{Type: eventType, WorkspaceID: a.WorkspaceID, OccurredAt: at, ActorType: a.Type, ActorID: a.ID, ContactID: contactID,
		ObjectID: objectID, Details: details})
}

// UpdatePost changes a post. Check, if not nil, is asked whether the version that is
// there may be changed.
func (s *Service) UpdatePost(ctx context.Context, postID string, c PostChange, check func(updated time.Time) error) (Post, error) {
	r, err := s.row(ctx, postID)
	if err != nil {
		return Post{}, fault.Wrap("boards.UpdatePost", err)
	}
	was := r.p
	if check != nil {
		if err := check(was.UpdatedAt); err != nil {
			return Post{}, err
		}
	}
	if err := s.mayEdit(ctx, "post", r.contactID, was.State, was.BoardID); err != nil {
		return Post{}, fault.Wrap("boards.UpdatePost", err)
	}
	c = c.wordsOnly(actor.From(ctx))
	if was.Restricted {
		return Post{}, fault.Conflict("processing_restricted", "Its author had the use of their data restricted. Nothing but storage may happen to it.")
	}
	b, err := s.Board(ctx, was.BoardID)
	if err != nil {
		return Post{}, err
	}
	next, edited, err := was.with(&b, c, s.Clock.Now())
	if err != nil {
		return Post{}, err
	}
	if err := s.checkOwner(ctx, was, next); err != nil {
		return Post{}, err
	}
	d := change{was: r, edited: edited, title: r.title, body: r.body, after: c.AfterID}
	if edited {
		if d.former, err = s.sealFormer(ctx, &r); err != nil {
			return Post{}, fault.Wrap("boards.UpdatePost", err)
		}
		d.said = next.Title + "\n" + next.Body
		w, err := s.maskedWords(ctx, words{next.Title, next.Body})
		if err != nil {
			return Post{}, err
		}
		next.Title, next.Body, next.Slug = w.title, w.body, slugOf(w.title)
		if d.title, d.body, d.tokens, err = s.seal(ctx, r.contactID, postID, w); err != nil {
			return Post{}, fault.Wrap("boards.UpdatePost", err)
		}
	}
	next.UpdatedAt = later(s.Clock.Now(), was.UpdatedAt)
	d.next = next
	err = s.DB.Write(ctx, func(tx *storage.Tx) error { return s.savePost(ctx, tx, actor.From(ctx), &d) })
	return d.next, fault.Wrap("boards.UpdatePost", err)
}

// change is a post's next version, sealed and ready to be stored.
type change struct {
	was         postRow
	next        Post
	edited      bool
	said        string // the new words, as they were written
	title, body []byte
	tokens      [][]byte
	former      former  // the words that go
	after       *string // below which post it is to stand
}

// row gives a post with what stands beside it, opened.
func (s *Service) row(ctx context.Context, postID string) (postRow, error) {
	var r postRow
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = loadPost(tx, actor.From(ctx).WorkspaceID, postID)
		return err
	})
	if err != nil {
		return postRow{}, err
	}
	_, kept, err := s.openPosts(ctx, []postRow{r})
	if err == nil && len(kept) == 0 {
		err = fault.NotFound("post")
	}
	if err != nil {
		return postRow{}, err
	}
	return kept[0], nil
}

func (s *Service) checkOwner(ctx context.Context, was, next Post) error {
	if next.OwnerID == nil || was.OwnerID != nil && *was.OwnerID == *next.OwnerID || s.IsOperator == nil {
		return nil
	}
	known, err := s.IsOperator(ctx, actor.From(ctx).WorkspaceID, *next.OwnerID)
	if err == nil && !known {
		err = fault.Invalid("owner_id", "must be an operator of this workspace")
	}
	return err
}

// savePost stores a changed post, if nobody changed it since.
func (s *Service) savePost(ctx context.Context, tx *storage.Tx, a actor.Actor, d *change) error {
	if d.was.contactID != "" {
		if _, err := s.person(tx, a, d.was.contactID); err != nil {
			return err
		}
	}
	postID, next := d.was.p.ID, &d.next
	r, err := lockPost(tx, a.WorkspaceID, postID)
	if err != nil {
		return err
	}
	if !r.p.UpdatedAt.Equal(d.was.p.UpdatedAt) || r.contactID != d.was.contactID {
		return fault.Conflict("changed_meanwhile", "Others changed this post meanwhile. Load it again.")
	}
	if d.edited {
		err := s.Search.Replace(tx, search.Document{WorkspaceID: a.WorkspaceID, Kind: kindPost, ID: postID, ParentID: r.p.BoardID, ContactID: r.contactID,
			Tokens: d.tokens, At: r.p.CreatedAt})
		if err != nil {
			return err
		}
	}
	if err := s.screenPostEdit(ctx, tx, a, d, r); err != nil {
		return err
	}
	_, err = tx.Exec(updatePost, d.title, d.body, next.Status, next.State, next.Category, next.OwnerID, next.EstimatedOn, micros(next.EditedAt),
		clock.Micros(next.UpdatedAt), a.WorkspaceID, postID)
	if err != nil {
		return err
	}
	if next.Status != r.p.Status {
		if err := s.Notify(tx, a.WorkspaceID, postID, Notice{Kind: NoticeStatus, Ref: next.Status}); err != nil {
			return err
		}
	}
	if err := s.saveBeside(tx, a, &r.p, d); err != nil {
		return err
	}
	s.tell(tx, a, live.PostUpdated, r.contactID, postID, next.UpdatedAt, map[string]string{"board_id": r.p.BoardID, "status": next.Status})
	return s.record(tx, a, "post.updated", "post", postID, map[string]string{"status": next.Status, "state": next.State})
}

// saveBeside stores what stands beside a post: its tags, its place and what was changed.
func (s *Service) saveBeside(tx *storage.Tx, a actor.Actor, was *Post, d *change) error {
	if !slices.Equal(was.Tags, d.next.Tags) {
		if err := storeTags(tx, a.WorkspaceID, was.BoardID, was.ID, d.next.Tags); err != nil {
			return err
		}
	}
	if was.MergedInto == nil {
		if err := s.put(tx, a.WorkspaceID, was, &d.next, d.after); err != nil {
			return err
		}
	}
	return s.noteEdit(tx, a, was, &d.next, d.former)
}

// DeletePost removes a post with its votes and comments. Posts that were merged into
// it come back on their own.
func (s *Service) DeletePost(ctx context.Context, postID string) error {
	a := actor.From(ctx)
	return fault.Wrap("boards.DeletePost", s.DB.Write(ctx, func(tx *storage.Tx) error {
		r, err := lockPost(tx, a.WorkspaceID, postID)
		if err != nil {
			return err
		}
		if err := s.mayWithdraw(tx, a, r); err != nil {
			return err
		}
		if err := s.deletePost(tx, a.WorkspaceID, postID); err != nil {
			return err
		}
		s.tell(tx, a, live.PostUpdated, r.contactID, postID, s.Clock.Now(), map[string]string{"board_id": r.p.BoardID, "deleted": "true"})
		return s.record(tx, a, "post.deleted", "post", postID, nil)
	}))
}

// deletePost deletes a post's rows and words.
func (s *Service) deletePost(tx *storage.Tx, workspaceID, postID string) error {
	if _, err := tx.Exec(`UPDATE posts SET merged_into = NULL, merged_at = NULL WHERE workspace_id = $1 AND merged_into = $2`, workspaceID, postID); err != nil {
		return err
	}
	for _, table := range []string{"post_votes", "anonymous_ballots", "post_subscriptions", "post_notices", "post_comments", "changelog_posts", "post_tags", "post_changes"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND post_id = $2`, workspaceID, postID); err != nil {
			return err
		}
	}
	if err := s.Search.Remove(tx, workspaceID, kindPost, postID); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM posts WHERE workspace_id = $1 AND id = $2`, workspaceID, postID)
	return err
}
