package boards

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// What followers are told of.
const (
	NoticeStatus  = "status"  // the post is at another status
	NoticeAnswer  = "answer"  // the team answered
	NoticeMerged  = "merged"  // another post stands for it
	NoticeShipped = "shipped" // the changelog tells that it is done
)

// Notice is something that a post's followers are to be told.
type Notice struct {
	Kind  string
	Ref   string // the status's key, the comment, the post, or the entry of the changelog
	Title string // of an entry
	Path  string // of an entry, below the board
}

// How notices are worked off.
const (
	statusWait   = time.Minute     // a status that is set and set back tells nobody
	noticeLease  = 5 * time.Minute // longer than a step takes
	noticeStep   = 100             // followers a transaction
	noticeExpire = 7 * 24 * time.Hour
)

const insertNotice = `
	INSERT INTO post_notices (workspace_id, id, post_id, kind, ref, title, path, after, due_at, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9)`

// Notify has a post's followers be told something by mail: a row in the transaction
// of what causes it, however many follow. [Service.SendNotices] writes the mails.
func (s *Service) Notify(tx *storage.Tx, workspaceID, postID string, n Notice) error {
	if followed, err := isFollowed(tx, workspaceID, postID); err != nil || !followed {
		return err
	}
	now := s.Clock.Now()
	due := now
	if n.Kind == NoticeStatus {
		due = now.Add(statusWait)
		_, err := tx.Exec(`DELETE FROM post_notices WHERE workspace_id = $1 AND post_id = $2 AND kind = 'status' AND after = ''`, workspaceID, postID)
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(insertNotice, workspaceID, s.IDs.New("ntc"), postID, n.Kind, n.Ref, n.Title, n.Path, clock.Micros(due), clock.Micros(now))
	return err
}

// moveFollowers has a merged post's followers follow the one that stands for it, and
// be told.
func (s *Service) moveFollowers(tx *storage.Tx, ix *vault.Index, a actor.Actor, from postRow, intoID string) error {
	all, err := followersOf(tx, a.WorkspaceID, from.p.ID)
	if err != nil || len(all) == 0 {
		return err
	}
	for _, f := range all {
		if err := subscribe(tx, ix, a.WorkspaceID, intoID, f.contactID, from.p.ID, f.at); err != nil {
			return err
		}
	}
	return s.Notify(tx, a.WorkspaceID, from.p.ID, Notice{Kind: NoticeMerged, Ref: intoID})
}

// returnVoices takes out of a post the votes without a name and the followers that
// came with one which was merged into it.
func (s *Service) returnVoices(tx *storage.Tx, workspaceID, fromID string, into *postRow) error {
	if err := returnBallots(tx, workspaceID, fromID, into); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM post_subscriptions WHERE workspace_id = $1 AND post_id = $2 AND from_post_id = $3`, workspaceID, into.p.ID, fromID)
	return err
}

// noticeRow is a notice that is worked off.
type noticeRow struct {
	Notice
	workspaceID, id, postID, after string
}

const selectNotice = `SELECT workspace_id, id, post_id, kind, ref, title, path, after FROM post_notices WHERE due_at <= $1 ORDER BY due_at, id LIMIT 1`

// SendNotices writes mails to followers, at most so many steps of a hundred; a step is
// a short transaction, and one that is repeated after a crash writes nobody twice.
func (s *Service) SendNotices(ctx context.Context, steps int) error {
	for range steps {
		n, found, err := s.claimNotice(ctx)
		if err != nil || !found {
			return fault.Wrap("boards.SendNotices", err)
		}
		if err := s.stepNotice(ctx, n); err != nil {
			return fault.Wrap("boards.SendNotices", err)
		}
	}
	return nil
}

func (s *Service) claimNotice(ctx context.Context) (n noticeRow, found bool, err error) {
	now := s.Clock.Now()
	due := func(tx *storage.Tx) error {
		err := tx.QueryRow(selectNotice, clock.Micros(now)).Scan(&n.workspaceID, &n.id, &n.postID, &n.Kind, &n.Ref, &n.Title, &n.Path, &n.after)
		if found = err == nil; errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return err
	}
	if err = s.DB.Read(ctx, due); err != nil || !found || s.Voices.Mail == nil {
		return n, false, err
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("post notices"); err != nil {
			return err
		}
		if err := due(tx); err != nil || !found {
			return err
		}
		_, err := tx.Exec(`UPDATE post_notices SET due_at = $1 WHERE workspace_id = $2 AND id = $3`, clock.Micros(now.Add(noticeLease)), n.workspaceID, n.id)
		return err
	})
	return n, found, err
}

const selectFollowers = `
	SELECT contact_id FROM post_subscriptions WHERE workspace_id = $1 AND post_id = $2 AND contact_id > $3 ORDER BY contact_id LIMIT $4`

// stepNotice tells the next followers, and notes who was told last.
func (s *Service) stepNotice(ctx context.Context, n noticeRow) error {
	ctx = actor.With(ctx, actor.Actor{Type: actor.System, ID: "board", WorkspaceID: n.workspaceID})
	var next []string
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		next, err = queryAll(tx, scanText, selectFollowers, n.workspaceID, n.postID, n.after, noticeStep)
		return err
	})
	if err != nil {
		return err
	}
	say, err := s.wording(ctx, n)
	if fault.Is(err, fault.KindNotFound) { // nothing to tell any more
		next, err = nil, nil
	}
	if err != nil {
		return err
	}
	mails, err := s.lettersTo(ctx, n, say, next)
	if err != nil {
		return err
	}
	if n.after = ""; len(next) == noticeStep {
		n.after = next[noticeStep-1]
	}
	for _, queue := range mails { // each for itself: one that is being erased holds up no other
		err := s.DB.Write(ctx, queue)
		if err != nil && !fault.Is(err, fault.KindNotFound) && !fault.Is(err, fault.KindConflict) {
			return err
		}
	}
	return s.DB.Write(ctx, func(tx *storage.Tx) error { return n.advance(tx, s.Clock.Now()) })
}

func (n noticeRow) advance(tx *storage.Tx, now time.Time) error {
	query, args := `UPDATE post_notices SET after = $1, due_at = $2 WHERE workspace_id = $3 AND id = $4`, []any{n.after, clock.Micros(now), n.workspaceID, n.id}
	if n.after == "" {
		query, args = `DELETE FROM post_notices WHERE workspace_id = $1 AND id = $2`, []any{n.workspaceID, n.id}
	}
	_, err := tx.Exec(query, args...)
	return err
}

// saying is what a notice says, and where it leads.
type saying struct {
	template string
	values   map[string]string
	titles   map[string]string // which of them are titles, and of which posts
	base     string            // where the board stands
}

// wording gives what followers are told; not found where there is nothing to tell any
// more: the post is gone or hidden, or its author may not be spoken of.
func (s *Service) wording(ctx context.Context, n noticeRow) (saying, error) {
	p, err := s.Post(ctx, n.postID)
	if err == nil && (p.State != Published || p.Restricted) {
		err = fault.NotFound("post")
	}
	if err != nil {
		return saying{}, err
	}
	b, err := s.Board(ctx, p.BoardID)
	if err != nil {
		return saying{}, err
	}
	base := b.URL
	out := saying{base: base, values: map[string]string{"post": laterTitle, "url": base + p.bare()}, titles: map[string]string{"post": p.ID}}
	switch n.Kind {
	case NoticeStatus:
		if p.Status != n.Ref { // moved on since
			return out, fault.NotFound("status")
		}
		out.template = mailStatus
		for _, st := range b.Statuses {
			if st.Key == n.Ref {
				out.values["status"] = st.Name
			}
		}
	case NoticeAnswer:
		c, _, err := s.comment(ctx, n.Ref)
		if err == nil && (!c.Official || c.State != Published || c.Removed) {
			err = fault.NotFound("comment")
		}
		if err != nil {
			return out, err
		}
		out.template, out.values["answer"] = mailAnswer, clip(c.Say(func(m Mention) string { return m.Name }))
	case NoticeMerged:
		into, err := s.Post(ctx, n.Ref)
		if err == nil && (p.MergedInto == nil || into.State != Published || into.Restricted) {
			err = fault.NotFound("post")
		}
		if err != nil {
			return out, err
		}
		out.template, out.values["into"], out.values["url"] = mailMerged, laterTitle, base+into.bare()
		out.titles["into"] = into.ID
	case NoticeShipped:
		out.template, out.values["entry"], out.values["url"] = mailShipped, n.Title, base+n.Path
	default:
		return out, fault.NotFound("notice")
	}
	return out, nil
}

// laterTitle stands for a title in a mail that waits: it is put in when the mail is
// sent, and neither it nor an address that is made of it is kept until then.
const laterTitle = "…"

// bare is a post's address without its title; the page leads on to the whole one.
func (p Post) bare() string { return "/p/" + strconv.FormatInt(p.Number, 10) }

// TitleNow gives the title of a post as everybody may read it now; not found where it
// is gone, waits, or its author may not be spoken of.
func (s *Service) TitleNow(ctx context.Context, workspaceID, postID string) (string, error) {
	p, err := s.Post(actor.With(ctx, actor.Actor{Type: actor.System, ID: "board", WorkspaceID: workspaceID}), postID)
	if err == nil && (p.State != Published || p.Restricted) {
		err = fault.NotFound("post")
	}
	return p.Title, fault.Wrap("boards.TitleNow", err)
}

// Path is an entry's address below its board.
func (e *Entry) Path() string {
	if slug := slugOf(e.Title); slug != "" {
		return "/changelog/" + e.ID + "-" + slug
	}
	return "/changelog/" + e.ID
}

const mostMailed = 3000 // bytes of an answer that go into a mail; all of it is on the page

func clip(text string) string {
	if len(text) <= mostMailed {
		return text
	}
	cut := mostMailed
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return text[:cut] + "…"
}

// lettersTo gives the mails to some followers: those who may be written to, once a
// person.
func (s *Service) lettersTo(ctx context.Context, n noticeRow, say saying, followers []string) (out []func(tx *storage.Tx) error, err error) {
	ix, err := s.Vault.Index(ctx, n.workspaceID)
	if err != nil {
		return nil, err
	}
	for _, contactID := range followers {
		queue, err := s.letterTo(ctx, n, say, ix, contactID)
		if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindGone) || fault.Is(err, fault.KindConflict) || fault.Is(err, fault.KindForbidden) {
			continue // erased, restricted, in the bin, blocked, or mail does not reach them
		}
		if err != nil {
			return nil, err
		}
		if queue != nil {
			out = append(out, queue)
		}
	}
	return out, nil
}

func (s *Service) letterTo(ctx context.Context, n noticeRow, say saying, ix *vault.Index, contactID string) (func(tx *storage.Tx) error, error) {
	c, err := s.Contacts.FindPerson(ctx, n.workspaceID, contactID)
	if err != nil || c.Email == "" || !c.Verified { // an address that nobody proved may be a stranger's
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		if s.Voices.MayMail == nil {
			return nil
		}
		return s.Voices.MayMail(ctx, tx, privacy.Subject{WorkspaceID: n.workspaceID, ContactID: c.ID})
	})
	if err != nil {
		return nil, err
	}
	stop := say.base + "/unsubscribe/" + unsubscribeToken(ix, n.postID, contactID)
	queue, err := s.Voices.Mail(ctx, Letter{WorkspaceID: n.workspaceID, ContactID: c.ID, Address: c.Email, Name: c.Name, Locale: c.Locale, Template: say.template,
		Values: say.values, Titles: say.titles, Key: "notice:" + n.id + ":" + c.ID, Expires: s.Clock.Now().Add(noticeExpire), Unsubscribe: stop})
	if err != nil {
		return nil, err
	}
	return func(tx *storage.Tx) error {
		if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: n.workspaceID, ContactID: c.ID}); err != nil {
			return err
		}
		still, err := follows(tx, n.workspaceID, n.postID, contactID)
		if err != nil || !still { // ended meanwhile
			return err
		}
		return queue(tx)
	}, nil
}

func follows(tx *storage.Tx, workspaceID, postID, contactID string) (bool, error) {
	var one int
	err := tx.QueryRow(`SELECT COUNT(*) FROM post_subscriptions WHERE workspace_id = $1 AND post_id = $2 AND contact_id = $3`, workspaceID, postID, contactID).Scan(&one)
	return one > 0, err
}

// isFollowed tells whether anybody follows a post, so that nothing is written down
// for nobody.
func isFollowed(tx *storage.Tx, workspaceID, postID string) (bool, error) {
	var one int
	err := tx.QueryRow(`SELECT COUNT(*) FROM (SELECT 1 FROM post_subscriptions WHERE workspace_id = $1 AND post_id = $2 LIMIT 1) f`, workspaceID, postID).Scan(&one)
	return one > 0, err
}
