package boards

import (
	"context"
	"database/sql"
	"math"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// maxEntries bounds how many entries a board's changelog has.
const maxEntries = 5000

// EntryFilter says which entries of a changelog.
type EntryFilter struct {
	BoardID  string // "" all boards
	Category string // "" all
}

// Entries gives entries of any state, newest first: those before an id ("" for the
// first page), at most limit.
func (s *Service) Entries(ctx context.Context, f EntryFilter, before string, limit int) (out []Entry, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	args := []any{workspaceID, or(before, "chg_~")}
	for _, value := range []string{f.BoardID, f.Category} {
		if value != "" {
			args = append(args, value)
		}
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		if f.BoardID != "" {
			if _, err := loadBoard(tx, workspaceID, f.BoardID); err != nil {
				return err
			}
		}
		out, err = s.entries(tx, workspaceID, entriesSQL(f.BoardID != "", f.Category != ""), append(args, limit)...)
		return err
	})
	if err == nil {
		err = s.nameEntries(ctx, out)
	}
	return out, fault.Wrap("boards.Entries", err)
}

// Published gives what everybody may read on a board's changelog, the newest
// publication first: from a place on (nil: the top), at most limit. Whether a reader
// may see the board is not asked here.
func (s *Service) Published(ctx context.Context, workspaceID, boardID, category string, after *At, limit int) (out []Entry, err error) {
	if after == nil {
		after = &At{Value: math.MaxInt64, ID: "chg_~"}
	}
	from := int64(math.MaxInt64)
	if after.Value < math.MaxInt64 {
		from = int64(after.Value)
	}
	args := []any{workspaceID, boardID, clock.Micros(s.Clock.Now()), from, after.ID}
	if category != "" {
		args = append(args, category)
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		out, err = s.entries(tx, workspaceID, publishedSQL(category != ""), append(args, limit)...)
		return err
	})
	return out, fault.Wrap("boards.Published", err)
}

func (s *Service) entries(tx *storage.Tx, workspaceID, query string, args ...any) ([]Entry, error) {
	out, err := queryAll(tx, func(rows *sql.Rows) (Entry, error) { return scanEntry(rows) }, query, args...)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	for i := range out {
		out[i].State = out[i].stateAt(now)
	}
	return out, fillEntries(tx, workspaceID, out)
}

// nameEntries fills in who of the operators wrote them.
func (s *Service) nameEntries(ctx context.Context, entries []Entry) error {
	var ids []string
	for _, e := range entries {
		if e.Author.Type == string(actor.Operator) {
			ids = append(ids, e.Author.ID)
		}
	}
	if len(ids) == 0 || s.Names == nil {
		return nil
	}
	names, err := s.Names(ctx, actor.From(ctx).WorkspaceID, distinct(ids))
	for i := range entries {
		if a := &entries[i].Author; a.Type == string(actor.Operator) {
			a.Name = names[a.ID]
		}
	}
	return err
}

// Entry gives one entry of any state.
func (s *Service) Entry(ctx context.Context, entryID string) (e Entry, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		e, err = loadEntry(tx, actor.From(ctx).WorkspaceID, entryID)
		return err
	})
	if err != nil {
		return Entry{}, fault.Wrap("boards.Entry", err)
	}
	e.State = e.stateAt(s.Clock.Now())
	one := []Entry{e}
	err = s.nameEntries(ctx, one)
	return one[0], fault.Wrap("boards.Entry", err)
}

// CreateEntry writes an entry: a draft, or one that everybody may read from its date
// on.
func (s *Service) CreateEntry(ctx context.Context, n NewEntry) (Entry, error) {
	a := actor.From(ctx)
	e, err := Entry{BoardID: n.BoardID, Categories: []string{}, PostIDs: []string{}}.with(EntryChange{Title: &n.Title, Body: &n.Body, Categories: n.Categories,
		PublishAt: n.PublishAt, PostIDs: n.PostIDs})
	if err != nil {
		return Entry{}, err
	}
	if e.BoardID == "" {
		if e.BoardID, err = s.onlyBoard(ctx); err != nil {
			return Entry{}, fault.Wrap("boards.CreateEntry", err)
		}
	}
	now := s.Clock.Now()
	e.ID, e.CreatedAt, e.UpdatedAt = s.IDs.New(id.Changelog), now, now
	e.Author = Author{Type: string(a.Type), ID: a.ID, Name: a.Name}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		e.AnnouncedAt = nil
		if err := tx.Lock("board " + e.BoardID); err != nil {
			return err
		}
		b, err := loadBoard(tx, a.WorkspaceID, e.BoardID)
		if err == nil {
			err = b.takes()
		}
		if err != nil {
			return err
		}
		var there int
		err = tx.QueryRow(`SELECT COUNT(*) FROM changelog_entries WHERE workspace_id = $1 AND board_id = $2`, a.WorkspaceID, e.BoardID).Scan(&there)
		if err != nil {
			return err
		}
		if there >= maxEntries {
			return fault.Conflict("too_many_entries", "A board's changelog has at most 5,000 entries. Remove old ones first.")
		}
		at := clock.Micros(now)
		_, err = tx.Exec(insertEntry, a.WorkspaceID, e.ID, e.BoardID, e.Title, e.Body, micros(e.PublishAt), e.Author.Type, e.Author.ID, at, at)
		if err != nil {
			return err
		}
		if err := s.keepEntry(tx, a, &e, &b, now); err != nil {
			return err
		}
		return s.record(tx, a, "changelog.created", "changelog_entry", e.ID, map[string]string{"state": e.State})
	})
	return e, fault.Wrap("boards.CreateEntry", err)
}

// onlyBoard gives the workspace's board, where there is one that is not archived.
func (s *Service) onlyBoard(ctx context.Context) (string, error) {
	var ids []string
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		ids, err = queryAll(tx, scanText, `SELECT id FROM boards WHERE workspace_id = $1 AND archived_at IS NULL ORDER BY id LIMIT 2`, actor.From(ctx).WorkspaceID)
		return err
	})
	if err != nil {
		return "", err
	}
	if len(ids) != 1 {
		return "", fault.Invalid("board_id", "is needed: say on which board's changelog the entry is to stand")
	}
	return ids[0], nil
}

// UpdateEntry changes an entry. Check, if not nil, is asked whether the version that
// is there may be changed.
func (s *Service) UpdateEntry(ctx context.Context, entryID string, c EntryChange, check func(updated time.Time) error) (out Entry, err error) {
	a := actor.From(ctx)
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		was, b, err := lockEntry(tx, a.WorkspaceID, entryID)
		if err != nil {
			return err
		}
		if check != nil {
			if err := check(was.UpdatedAt); err != nil {
				return err
			}
		}
		if out, err = was.with(c); err != nil {
			return err
		}
		now := later(s.Clock.Now(), was.UpdatedAt)
		out.UpdatedAt = now
		_, err = tx.Exec(updateEntry, out.Title, out.Body, micros(out.PublishAt), clock.Micros(now), a.WorkspaceID, entryID)
		if err != nil {
			return err
		}
		if err := s.keepEntry(tx, a, &out, &b, now); err != nil {
			return err
		}
		return s.record(tx, a, "changelog.updated", "changelog_entry", entryID, map[string]string{"state": out.State})
	})
	if err != nil {
		return Entry{}, fault.Wrap("boards.UpdateEntry", err)
	}
	one := []Entry{out}
	err = s.nameEntries(ctx, one)
	return one[0], fault.Wrap("boards.UpdateEntry", err)
}

func lockEntry(tx *storage.Tx, workspaceID, entryID string) (e Entry, b Board, err error) {
	if err := tx.Lock("changelog " + entryID); err != nil {
		return e, b, err
	}
	if e, err = loadEntry(tx, workspaceID, entryID); err != nil {
		return e, b, err
	}
	b, err = loadBoard(tx, workspaceID, e.BoardID)
	return e, b, err
}

// keepEntry stores what stands beside an entry's row, and announces it if its time
// has come.
func (s *Service) keepEntry(tx *storage.Tx, a actor.Actor, e *Entry, b *Board, now time.Time) error {
	for i, postID := range e.PostIDs {
		r, err := loadPost(tx, a.WorkspaceID, postID)
		for err == nil && r.p.MergedInto != nil {
			r, err = loadPost(tx, a.WorkspaceID, *r.p.MergedInto)
		}
		if fault.Is(err, fault.KindNotFound) || err == nil && r.p.BoardID != e.BoardID {
			return fault.Invalid("post_ids", "must be posts of the entry's board")
		}
		if err != nil {
			return err
		}
		e.PostIDs[i] = r.p.ID
	}
	e.PostIDs = distinct(e.PostIDs)
	if err := storeBeside(tx, a.WorkspaceID, e); err != nil {
		return err
	}
	e.State = e.stateAt(now)
	if e.State != Published {
		return nil
	}
	return s.announce(tx, a, e, b, now)
}

// announce moves an entry's posts to done, and says once that it is published.
func (s *Service) announce(tx *storage.Tx, a actor.Actor, e *Entry, b *Board, now time.Time) error {
	if err := s.closePosts(tx, a, e, b, now); err != nil {
		return err
	}
	if e.AnnouncedAt != nil {
		return nil
	}
	e.AnnouncedAt = &now
	_, err := tx.Exec(`UPDATE changelog_entries SET announced_at = $1 WHERE workspace_id = $2 AND id = $3`, clock.Micros(now), a.WorkspaceID, e.ID)
	if err != nil {
		return err
	}
	s.tell(tx, a, live.ChangelogPublished, "", e.ID, now, map[string]string{"board_id": e.BoardID})
	return nil
}

// closePosts moves those of an entry's posts that were not moved yet to the board's
// status for what is done. A post that somebody moved elsewhere afterwards stays.
func (s *Service) closePosts(tx *storage.Tx, a actor.Actor, e *Entry, b *Board, now time.Time) error {
	open, err := queryAll(tx, scanText, selectUnclosed, a.WorkspaceID, e.ID)
	if err != nil {
		return err
	}
	for _, postID := range open { // in the order of the ids, as all who lock several do
		r, err := lockPost(tx, a.WorkspaceID, postID)
		if fault.Is(err, fault.KindNotFound) || err == nil && r.contact.Restricted != 0 {
			continue // removed this moment; or nothing but storage may happen to it
		}
		if err != nil {
			return err
		}
		if status := b.done(); status != "" && b.kindOf(r.p.Status) != "done" {
			at := later(now, r.p.UpdatedAt)
			_, err := tx.Exec(`UPDATE posts SET status = $1, updated_at = $2 WHERE workspace_id = $3 AND id = $4`, status, clock.Micros(at), a.WorkspaceID, postID)
			if err != nil {
				return err
			}
			moved := r.p
			moved.Status, moved.UpdatedAt = status, at
			if err := s.put(tx, a.WorkspaceID, &r.p, &moved, nil); err != nil {
				return err
			}
			if err := s.noteEdit(tx, a, &r.p, &moved, former{}); err != nil {
				return err
			}
			s.tell(tx, a, live.PostUpdated, r.contactID, postID, at, map[string]string{"board_id": r.p.BoardID, "status": status})
		}
		if err := s.Notify(tx, a.WorkspaceID, postID, Notice{Kind: NoticeShipped, Ref: e.ID, Title: e.Title, Path: e.Path()}); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE changelog_posts SET closed_at = $1 WHERE workspace_id = $2 AND entry_id = $3 AND post_id = $4`,
			clock.Micros(now), a.WorkspaceID, e.ID, postID)
		if err != nil {
			return err
		}
	}
	return nil
}

// Announce announces scheduled entries of all workspaces whose time has come, at most
// limit. They can be read from that moment on whether or not this has run.
func (s *Service) Announce(ctx context.Context, limit int) error {
	type due struct{ workspaceID, id string }
	var all []due
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		all, err = queryAll(tx, func(rows *sql.Rows) (d due, err error) { return d, rows.Scan(&d.workspaceID, &d.id) }, selectDue, clock.Micros(s.Clock.Now()), limit)
		return err
	})
	for _, d := range all {
		if err != nil {
			break
		}
		err = s.DB.Write(ctx, func(tx *storage.Tx) error {
			e, b, err := lockEntry(tx, d.workspaceID, d.id)
			if fault.Is(err, fault.KindNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			now := s.Clock.Now()
			if e.stateAt(now) != Published || e.AnnouncedAt != nil {
				return nil // withdrawn, or announced by another node
			}
			a := actor.Actor{Type: actor.System, WorkspaceID: d.workspaceID}
			return s.announce(tx, a, &e, &b, now)
		})
	}
	return fault.Wrap("boards.Announce", err)
}

// DeleteEntry removes an entry. Its posts stay at the status that they are at.
func (s *Service) DeleteEntry(ctx context.Context, entryID string) error {
	a := actor.From(ctx)
	return fault.Wrap("boards.DeleteEntry", s.DB.Write(ctx, func(tx *storage.Tx) error {
		if _, _, err := lockEntry(tx, a.WorkspaceID, entryID); err != nil {
			return err
		}
		for _, q := range []string{`DELETE FROM changelog_categories WHERE workspace_id = $1 AND entry_id = $2`,
			`DELETE FROM changelog_posts WHERE workspace_id = $1 AND entry_id = $2`, `DELETE FROM changelog_entries WHERE workspace_id = $1 AND id = $2`} {
			if _, err := tx.Exec(q, a.WorkspaceID, entryID); err != nil {
				return err
			}
		}
		return s.record(tx, a, "changelog.deleted", "changelog_entry", entryID, nil)
	}))
}
