package boards

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Name is the holder's name.
func (s *Service) Name() string { return "boards" }

// Fields declares this package's tables.
func (s *Service) Fields() []privacy.Field {
	personal := func(table, column string, holds ...string) privacy.Field {
		return privacy.Field{Table: table, Column: column, Holds: holds, Whose: privacy.OfContact, Category: "communication",
			Purpose: privacy.PurposeSupport, LawfulBasis: "legitimate_interests", Retention: "until the contact is erased",
			Recipients: []string{"the workspace's operators", "whoever may see the board"}}
	}
	sealed := func(table, column string, holds ...string) privacy.Field {
		f := personal(table, column, holds...)
		f.Sealed = true
		return f
	}
	fields := []privacy.Field{
		sealed("posts", "title_sealed", "what you wish for, in a line"),
		sealed("posts", "body_sealed", "what you wish for"),
		sealed("post_changes", "words_sealed", "what you wished for before you or an operator changed it"),
		sealed("post_comments", "body_sealed", "what you said about a wish"),
		personal("post_votes", "importance", "how much a wish matters to you"),
		personal("post_votes", "created_at", "when you voted"),
		personal("post_votes", "weight", "what your vote weighs for the team"),
	}
	for _, nothing := range [][]privacy.Field{
		privacy.Nothing("boards", "workspace_id", "id", "slug", "name", "intro", "color", "visibility", "on_erasure", "approval", "post_count", "archived_at",
			"created_at", "updated_at", "segment_id", "language", "css", "logo", "domain", "indexable", "anonymous_votes", "posting", "weight", "weight_default",
			"weight_importance"),
		privacy.Nothing("board_weights", "workspace_id", "board_id", "segment_id", "weight", "position"),
		privacy.Nothing("board_weighings", "workspace_id", "board_id", "rule", "weighed", "number", "sequence", "problem", "walk_at", "due_at"),
		privacy.Nothing("board_logos", "workspace_id", "board_id", "type", "picture"),
		privacy.Nothing("changelog_entries", "workspace_id", "id", "board_id", "title", "body", "publish_at", "announced_at", "author_type", "author_id", "created_at",
			"updated_at"),
		privacy.Nothing("changelog_categories", "workspace_id", "entry_id", "category", "position"),
		privacy.Nothing("changelog_posts", "workspace_id", "entry_id", "post_id", "position", "closed_at"),
		privacy.Nothing("board_moderation", "workspace_id", "board_id", "words", "on_words", "max_links", "first_waits", "challenge", "updated_at"),
		privacy.Nothing("spent_challenges", "workspace_id", "nonce", "expires_at"),
		privacy.Nothing("posts", "held_for"), privacy.Nothing("post_comments", "held_for"),
		privacy.Nothing("board_imports", "workspace_id", "id", "board_id", "state", "report", "actor_type", "actor_id", "undo_until", "created_at", "updated_at"),
		privacy.Nothing("posts", "import_id", "import_source"), privacy.Nothing("post_comments", "import_id"), privacy.Nothing("post_votes", "import_id"),
		privacy.Nothing("board_categories", "workspace_id", "board_id", "key", "name", "color", "position"),
		privacy.Nothing("board_refusals", "workspace_id", "id", "board_id", "contact_id", "kind", "created_at"),
		privacy.Nothing("board_statuses", "workspace_id", "board_id", "key", "name", "color", "kind", "position"),
		privacy.Nothing("posts", "workspace_id", "id", "board_id", "number", "contact_id", "author_type", "author_id", "status", "state", "category", "owner_id",
			"estimated_on", "votes", "anonymous_votes", "comments", "trend", "merged_into", "merged_at", "edited_at", "created_at", "updated_at", "weight"),
		privacy.Nothing("posts", "place"), privacy.Nothing("post_tags", "workspace_id", "post_id", "tag", "board_id"),
		privacy.Nothing("post_changes", "workspace_id", "post_id", "id", "contact_id", "actor_type", "actor_id", "fields", "created_at"),
		privacy.Nothing("post_votes", "workspace_id", "post_id", "contact_id", "behalf_type", "behalf_id", "from_post_id"),
		privacy.Nothing("post_comments", "workspace_id", "post_id", "id", "parent_id", "contact_id", "author_type", "author_id", "internal", "official", "state",
			"edited_at", "created_at"),
	} {
		fields = append(fields, nothing...)
	}
	refusal := sealed("board_refusals", "reason_sealed", "why something that you wrote was not published")
	refusal.Retention, refusal.Recipients = "90 days", []string{"nobody but you"}
	return append(append(fields, refusal), voiceFields()...)
}

// PostExport is a post as it is handed to the contact who wished it.
type PostExport struct {
	ID        string     `json:"id"`
	Board     string     `json:"board"`
	Number    int64      `json:"number"`
	Title     string     `json:"title"`
	Body      string     `json:"body"`
	Status    string     `json:"status"`
	CreatedAt time.Time  `json:"created_at"`
	EditedAt  *time.Time `json:"edited_at"`
}

// Provided keeps all of it: the contact wished it.
func (p PostExport) Provided() (any, bool) { return p, true }

// CommentExport is a comment as it is handed to the contact who made it.
type CommentExport struct {
	ID        string     `json:"id"`
	PostID    string     `json:"post_id"`
	Body      string     `json:"body"`
	CreatedAt time.Time  `json:"created_at"`
	EditedAt  *time.Time `json:"edited_at"`
}

// Provided keeps all of it.
func (c CommentExport) Provided() (any, bool) { return c, true }

// VoteExport is a vote as it is handed to the contact. Of those who voted on their
// behalf it names the sort: who of the operators it was is not about the contact.
type VoteExport struct {
	PostID     string    `json:"post_id"`
	Importance string    `json:"importance"`
	GivenBy    string    `json:"given_by"`
	Weight     *float64  `json:"weight,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
}

// Provided keeps what the contact did themselves: what it weighs was worked out here.
func (v VoteExport) Provided() (any, bool) {
	v.Weight = nil
	return v, v.GivenBy == "contact"
}

// Sections says what is handed out.
func (s *Service) Sections() []privacy.Section {
	return []privacy.Section{
		{Name: "posts", Record: PostExport{}, Tables: []string{"posts", "boards"}},
		{Name: "former_posts", Record: FormerPostExport{}, Tables: []string{"post_changes"}},
		{Name: "comments", Record: CommentExport{}, Tables: []string{"post_comments"}},
		{Name: "votes", Record: VoteExport{}, Tables: []string{"post_votes"}},
		{Name: "subscriptions", Record: SubscriptionExport{}, Tables: []string{"post_subscriptions", "board_people"}},
		{Name: "board_sessions", Record: SessionExport{}, Tables: []string{"board_sessions"}},
		{Name: "comment_reactions", Record: ReactionExport{}, Tables: []string{"comment_reactions"}},
		{Name: "comment_mentions", Record: MentionExport{}, Tables: []string{"comment_mentions"}},
		{Name: "board_refusals", Record: Refusal{}, Tables: []string{"board_refusals"}},
		{Name: "board_agreements", Record: AgreementExport{}, Tables: []string{"board_agreements"}},
	}
}

const (
	selectTheirPosts = `
	SELECT p.id, p.board_id, b.name, p.number, p.title_sealed, p.body_sealed, p.status, COALESCE(p.edited_at, 0), p.created_at, b.on_erasure
	FROM posts p JOIN boards b ON b.workspace_id = p.workspace_id AND b.id = p.board_id
	WHERE p.workspace_id = $1 AND p.contact_id = $2 ORDER BY p.id`
	selectTheirComments = `
	SELECT m.id, m.post_id, m.body_sealed, COALESCE(m.edited_at, 0), m.created_at, b.on_erasure
	FROM post_comments m JOIN posts p ON p.workspace_id = m.workspace_id AND p.id = m.post_id
	JOIN boards b ON b.workspace_id = p.workspace_id AND b.id = p.board_id
	WHERE m.workspace_id = $1 AND m.contact_id = $2 AND m.body_sealed IS NOT NULL ORDER BY m.post_id, m.id`
	selectTheirVotes = `
	SELECT v.post_id, v.importance, COALESCE(v.behalf_type, 'contact'), v.created_at, v.weight, b.on_erasure
	FROM post_votes v JOIN posts p ON p.workspace_id = v.workspace_id AND p.id = v.post_id
	JOIN boards b ON b.workspace_id = p.workspace_id AND b.id = p.board_id
	WHERE v.workspace_id = $1 AND v.contact_id = $2 ORDER BY v.post_id`
)

// theirs is what somebody contributed, as it is stored.
type theirs struct {
	posts    []theirPost
	comments []theirComment
	votes    []theirVote
}

type theirPost struct {
	PostExport
	boardID, rule string
	title, body   []byte
	created       int64
}

type theirComment struct {
	CommentExport
	rule string
	body []byte
}

type theirVote struct {
	VoteExport
	rule string
}

func loadTheirs(tx *storage.Tx, sub privacy.Subject) (t theirs, err error) {
	t.posts, err = queryAll(tx, func(rows *sql.Rows) (p theirPost, err error) {
		var edited int64
		err = rows.Scan(&p.ID, &p.boardID, &p.Board, &p.Number, &p.title, &p.body, &p.Status, &edited, &p.created, &p.rule)
		p.EditedAt, p.CreatedAt = pointer(edited), clock.FromMicros(p.created)
		return p, err
	}, selectTheirPosts, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return t, err
	}
	t.comments, err = queryAll(tx, func(rows *sql.Rows) (c theirComment, err error) {
		var edited, created int64
		err = rows.Scan(&c.ID, &c.PostID, &c.body, &edited, &created, &c.rule)
		c.EditedAt, c.CreatedAt = pointer(edited), clock.FromMicros(created)
		return c, err
	}, selectTheirComments, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return t, err
	}
	t.votes, err = queryAll(tx, func(rows *sql.Rows) (v theirVote, err error) {
		var created int64
		var weight sql.NullInt64
		err = rows.Scan(&v.PostID, &v.Importance, &v.GivenBy, &created, &weight, &v.rule)
		v.CreatedAt = clock.FromMicros(created)
		if weight.Valid {
			v.Weight = pointerTo(fromGrains(weight.Int64))
		}
		return v, err
	}, selectTheirVotes, sub.WorkspaceID, sub.ContactID)
	return t, err
}

// open opens what somebody wrote, with their key.
func (t *theirs) open(key *vault.Key) error {
	for i := range t.posts {
		p := &t.posts[i]
		title, err := key.Open(titlePlace(p.ID), p.title)
		if err != nil {
			return fault.Wrap("open "+p.ID, err)
		}
		body, err := key.Open(bodyPlace(p.ID), p.body)
		if err != nil {
			return fault.Wrap("open "+p.ID, err)
		}
		p.Title, p.Body = string(title), string(body)
	}
	for i := range t.comments {
		c := &t.comments[i]
		body, err := key.Open(commentPlace(c.ID), c.body)
		if err != nil {
			return fault.Wrap("open "+c.ID, err)
		}
		c.Body = string(body)
	}
	return nil
}

// Export hands out what the person wished, said and voted for.
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	t, err := loadTheirs(tx, sub)
	if err != nil {
		return err
	}
	if len(t.posts)+len(t.comments) > 0 {
		key, err := s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
		if err != nil {
			return err
		}
		if err := t.open(key); err != nil {
			return err
		}
	}
	for _, p := range t.posts {
		if err := out("posts", p.PostExport); err != nil {
			return err
		}
	}
	former, err := theirFormer(tx, sub.WorkspaceID, sub.ContactID, func() (*vault.Key, error) {
		return s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	})
	if err != nil {
		return err
	}
	for _, f := range former {
		if err := out("former_posts", f); err != nil {
			return err
		}
	}
	for _, c := range t.comments {
		if err := out("comments", c.CommentExport); err != nil {
			return err
		}
	}
	for _, v := range t.votes {
		if err := out("votes", v.VoteExport); err != nil {
			return err
		}
	}
	if err := exportVoices(tx, sub, out); err != nil {
		return err
	}
	return exportRefusals(tx, sub, func() (*vault.Key, error) {
		return s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	}, out)
}

// Retain removes nothing: contributions stay until their person is erased.
func (s *Service) Retain(context.Context, *storage.Tx, privacy.Rule) (int64, error) { return 0, nil }

// Erase removes the person's votes, and what they wrote; or makes it anonymous, by
// the board's rule.
func (s *Service) Erase(ctx context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	t, err := loadTheirs(tx, sub)
	if err != nil {
		return nil, err
	}
	counts := privacy.Counts{"posts": 0, "post_comments": 0, "post_votes": 0}
	if err := eraseVoices(tx, sub, counts); err != nil {
		return nil, err
	}
	if counts["post_changes"], err = tx.Exec(eraseEdits, sub.WorkspaceID, sub.ContactID); err != nil {
		return nil, err
	}
	if len(t.posts)+len(t.comments)+len(t.votes) == 0 {
		return counts, nil
	}
	if t, err = s.lockTheirs(tx, sub); err != nil {
		return nil, err
	}
	for _, v := range t.votes {
		r, err := loadPost(tx, sub.WorkspaceID, v.PostID)
		if err != nil {
			return nil, err
		}
		if err := s.dropVote(tx, sub.WorkspaceID, &r, sub.ContactID, v.rule == Anonymise); err != nil {
			return nil, err
		}
		counts["post_votes"]++
	}
	keep, err := s.keepers(ctx, sub, &t)
	if err != nil {
		return nil, err
	}
	if err := s.eraseComments(tx, sub, t, keep, counts); err != nil {
		return nil, err
	}
	return counts, s.erasePosts(tx, sub, t, keep, counts)
}

// lockTheirs locks every post that somebody contributed to, in the order of the ids,
// and gives what they contributed as it is then: their vote may be on another post by
// now, since merging copies votes and asks nobody's lock.
func (s *Service) lockTheirs(tx *storage.Tx, sub privacy.Subject) (t theirs, err error) {
	if err := tx.Lock(mergesLock(sub.WorkspaceID)); err != nil {
		return t, err
	}
	if t, err = loadTheirs(tx, sub); err != nil {
		return t, err
	}
	for _, id := range t.touched() {
		if err := tx.Lock("post " + id); err != nil {
			return t, err
		}
	}
	return loadTheirs(tx, sub) // a post may have been removed meanwhile
}

// keeper is how words are sealed anew for nobody.
type keeper struct {
	key *vault.Key
	ix  *vault.Index
}

// keepers gives the workspace's key if a board keeps any of the words, and opens
// them. In a restored copy whose person is gone already nothing can be opened, and
// all of it goes.
func (s *Service) keepers(ctx context.Context, sub privacy.Subject, t *theirs) (*keeper, error) {
	if !t.anyKept() || s.Vault == nil {
		return nil, nil
	}
	own, err := s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if fault.Is(err, fault.KindGone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := t.open(own); err != nil {
		return nil, err
	}
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID})
	if err != nil {
		return nil, err
	}
	ix, err := s.Vault.Index(ctx, sub.WorkspaceID)
	return &keeper{key, ix}, err
}

const anonymiseComment = `
	UPDATE post_comments SET body_sealed = $1, contact_id = NULL, author_type = 'anonymous', author_id = '' WHERE workspace_id = $2 AND post_id = $3 AND id = $4`

func (s *Service) eraseComments(tx *storage.Tx, sub privacy.Subject, t theirs, keep *keeper, counts privacy.Counts) error {
	for _, c := range t.comments {
		var err error
		if keep != nil && c.rule == Anonymise {
			_, err = tx.Exec(anonymiseComment, keep.key.Seal(commentPlace(c.ID), []byte(c.Body)), sub.WorkspaceID, c.PostID, c.ID)
		} else {
			err = s.dropComment(tx, sub.WorkspaceID, c.PostID, c.ID)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(updateComments, sub.WorkspaceID, c.PostID); err != nil {
			return err
		}
		counts["post_comments"]++
	}
	return nil
}

const anonymisePost = `
	UPDATE posts SET title_sealed = $1, body_sealed = $2, contact_id = NULL, author_type = 'anonymous', author_id = '', updated_at = updated_at + 1
	WHERE workspace_id = $3 AND id = $4`

func (s *Service) erasePosts(tx *storage.Tx, sub privacy.Subject, t theirs, keep *keeper, counts privacy.Counts) error {
	for _, p := range t.posts {
		counts["posts"]++
		if keep == nil || p.rule != Anonymise {
			if err := s.deletePost(tx, sub.WorkspaceID, p.ID); err != nil {
				return err
			}
			continue
		}
		_, err := tx.Exec(anonymisePost, keep.key.Seal(titlePlace(p.ID), []byte(p.Title)), keep.key.Seal(bodyPlace(p.ID), []byte(p.Body)), sub.WorkspaceID, p.ID)
		if err != nil {
			return err
		}
		err = s.Search.Replace(tx, search.Document{WorkspaceID: sub.WorkspaceID, Kind: kindPost, ID: p.ID, ParentID: p.boardID,
			Tokens: keep.ix.Words(p.Title + "\n" + p.Body), At: p.CreatedAt})
		if err != nil {
			return err
		}
	}
	return nil
}

// touched gives the posts that somebody contributed to, sorted.
func (t *theirs) touched() []string {
	seen := map[string]bool{}
	for _, p := range t.posts {
		seen[p.ID] = true
	}
	for _, c := range t.comments {
		seen[c.PostID] = true
	}
	for _, v := range t.votes {
		seen[v.PostID] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// anyKept tells whether a board's rule keeps any of somebody's words.
func (t *theirs) anyKept() bool {
	return slices.ContainsFunc(t.posts, func(p theirPost) bool { return p.rule == Anonymise }) ||
		slices.ContainsFunc(t.comments, func(c theirComment) bool { return c.rule == Anonymise })
}
