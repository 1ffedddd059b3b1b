package contacts

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
)

const (
	maxTag  = 50  // letters
	maxTags = 100 // of one contact
)

// ContactTag is a word that a workspace sorts its people by, and how many have it.
type ContactTag struct {
	Tag   string `json:"tag" example:"vip"`
	Count int    `json:"count" doc:"How many people have it who are neither in the bin nor restricted."`
}

// CleanTag gives a tag as it is stored: in lower case, with single spaces. It may
// hold letters, digits, spaces, - and _, and so no address.
func CleanTag(raw string) (string, error) {
	if len(raw) > 8*maxTag || !utf8.ValidString(raw) {
		return "", badTag()
	}
	tag := strings.ToLower(norm.NFC.String(strings.Join(strings.FieldsFunc(raw, func(r rune) bool { return r == ' ' }), " ")))
	for _, r := range tag {
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !strings.ContainsRune(" -_", r) {
			return "", badTag()
		}
	}
	if n := utf8.RuneCountInString(tag); n == 0 || n > maxTag || !strings.ContainsFunc(tag, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return "", badTag()
	}
	return tag, nil
}

func badTag() error {
	return fault.Invalid("tag", "must be 1 to 50 letters, digits, spaces, - or _, and nothing that tells who somebody is")
}

const (
	insertTag = `INSERT INTO contact_tags (workspace_id, contact_id, tag, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
	deleteTag = `DELETE FROM contact_tags WHERE workspace_id = $1 AND contact_id = $2 AND tag = $3`
	countTags = `SELECT COUNT(*) FROM contact_tags WHERE workspace_id = $1 AND contact_id = $2`
)

// SetTag gives a contact a tag or takes it away, and gives the tags that they have
// then. One that is there already, or not there, is no failure.
func (s *Service) SetTag(ctx context.Context, contactID, raw string, on bool) ([]string, error) {
	tag, err := CleanTag(raw)
	if err != nil {
		return nil, err
	}
	a := actor.From(ctx)
	var tags []string
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		members, err := LockGroup(tx, privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID})
		if err != nil {
			return err
		}
		sub := members[0].Subject
		if !on { // a tag that they are shown with may be of who was merged into them
			for _, m := range members[1:] {
				if err := s.tagIn(ctx, tx, m.Subject, tag, false); err != nil {
					return err
				}
			}
		}
		if err := s.tagIn(ctx, tx, sub, tag, on); err != nil {
			return err
		}
		all, err := tagsOf(tx, a.WorkspaceID, []string{sub.ContactID})
		tags = all[sub.ContactID]
		return err
	})
	if tags == nil {
		tags = []string{}
	}
	return tags, fault.Wrap("contacts.SetTag", err)
}

// tagIn is SetTag in a transaction that holds the person's lock.
func (s *Service) tagIn(ctx context.Context, tx *storage.Tx, sub privacy.Subject, tag string, on bool) error {
	if err := s.mayChange(ctx, tx, sub); err != nil {
		return err
	}
	now := s.clock.Now()
	query, args := deleteTag, []any{sub.WorkspaceID, sub.ContactID, tag}
	if on {
		query, args = insertTag, append(args, clock.Micros(now))
	}
	n, err := tx.Exec(query, args...)
	if err != nil || n == 0 {
		return err
	}
	if on {
		have := 0
		if err := tx.QueryRow(countTags, sub.WorkspaceID, sub.ContactID).Scan(&have); err != nil {
			return err
		}
		if have > maxTags {
			return fault.Conflict("too_many_tags", "A contact has at most 100 tags. Take one away first.")
		}
	}
	s.updated(tx, sub, actor.From(ctx), now, "tags")
	return nil
}

const selectOwnTags = `SELECT tag FROM contact_tags WHERE workspace_id = $1 AND contact_id = $2 ORDER BY tag`

// ownTags gives the tags of one contact, without those of who was merged into them.
func ownTags(tx *storage.Tx, sub privacy.Subject) ([]string, error) {
	rows, err := tx.Query(selectOwnTags, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	return scanIDs(rows)
}

// A person's tags are their own and those of whoever was merged into them.
const selectTagsOf = `
	SELECT contact_id, tag FROM contact_tags WHERE contact_id IN (VALUES %s) AND workspace_id = $%d
	UNION
	SELECT m.merged_into, t.tag FROM contacts m JOIN contact_tags t ON t.workspace_id = m.workspace_id AND t.contact_id = m.id
	WHERE m.merged_into IN (VALUES %s) AND m.workspace_id = $%d
	ORDER BY 1, 2`

// tagsOf gives the tags of some people, sorted.
func tagsOf(tx *storage.Tx, workspaceID string, contactIDs []string) (map[string][]string, error) {
	out := map[string][]string{}
	for from, to := range storage.Chunks(len(contactIDs), 1) {
		args := make([]any, 0, to-from+1)
		for _, id := range contactIDs[from:to] {
			args = append(args, id)
		}
		ids := storage.Values(to-from, 1)
		rows, err := tx.Query(fmt.Sprintf(selectTagsOf, ids, to-from+1, ids, to-from+1), append(args, workspaceID)...)
		if err != nil {
			return nil, err
		}
		err = func() error {
			defer rows.Close()
			for rows.Next() {
				var id, tag string
				if err := rows.Scan(&id, &tag); err != nil {
					return err
				}
				out[id] = append(out[id], tag)
			}
			return rows.Err()
		}()
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tagged gives contacts with their tags, and whether they are blocked.
func (s *Service) tagged(ctx context.Context, workspaceID string, all []Contact) error {
	if len(all) == 0 {
		return nil
	}
	return s.db.Read(ctx, func(tx *storage.Tx) error {
		tags, err := tagsOf(tx, workspaceID, idsOf(all))
		if err != nil {
			return err
		}
		blocked, err := s.blocksOf(tx, workspaceID, idsOf(all))
		for i, c := range all {
			all[i].Tags, all[i].Blocked = append([]string{}, tags[c.ID]...), blocked[c.ID]
		}
		return err
	})
}

// Who has a tag with several of their contacts counts once.
const selectTags = `
	SELECT t.tag, COUNT(DISTINCT COALESCE(m.merged_into, m.id)) FROM contact_tags t
	LEFT JOIN contacts m ON m.workspace_id = t.workspace_id AND m.id = t.contact_id AND m.deleted_at IS NULL AND m.restricted_at IS NULL
	WHERE t.workspace_id = $1 AND t.tag > $2 GROUP BY t.tag ORDER BY t.tag LIMIT $3`

// Tags gives the tags that the context's workspace uses, in order: those after one
// ("" for the first page), at most limit.
func (s *Service) Tags(ctx context.Context, after string, limit int) ([]ContactTag, error) {
	out := []ContactTag{}
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		out = []ContactTag{}
		rows, err := tx.Query(selectTags, actor.From(ctx).WorkspaceID, after, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var t ContactTag
			if err := rows.Scan(&t.Tag, &t.Count); err != nil {
				return err
			}
			out = append(out, t)
		}
		return rows.Err()
	})
	return out, fault.Wrap("contacts.Tags", err)
}

const (
	tagsGroup   = "tags"
	tagsField   = "tags.contact"
	offeredTags = 200
)

// TagSource knows what conditions can be about of contacts' tags.
func (s *Service) TagSource() segment.Source {
	return segment.Source{
		Names: []string{tagsGroup},
		List: func(ctx context.Context, _ string) ([]segment.Field, error) {
			used, err := s.Tags(ctx, "", offeredTags)
			f := segment.Field{Key: tagsField, Label: "Tags", Group: tagsGroup, Kind: segment.List, Ops: segment.OpsOf(segment.List, false)}
			for _, t := range used {
				f.Options = append(f.Options, segment.Option{Value: t.Tag, Label: t.Tag})
			}
			return []segment.Field{f}, err
		},
		Find: func(_ context.Context, _, key string) (segment.Field, bool, error) {
			return segment.Field{Key: tagsField, Label: "Tags", Group: tagsGroup, Kind: segment.List, Ops: segment.OpsOf(segment.List, false)}, key == tagsField, nil
		},
		Compile: func(_ context.Context, q *segment.Query, c segment.Condition) (segment.Clause, error) {
			if c.Op == segment.IsSet {
				return segment.Clause{From: "contact_tags", Joined: true, Where: "x.tag <> ''"}, nil
			}
			tag, err := CleanTag(c.Text)
			if err != nil {
				return segment.Clause{}, fault.Invalid("value", "must be a tag: letters, digits, spaces, - or _")
			}
			return segment.Clause{From: "contact_tags", Joined: true, Where: "x.tag = " + q.Arg(tag)}, nil
		},
	}
}
