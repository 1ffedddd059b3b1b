package boards

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// maxPostTags bounds how many tags a post has.
const maxPostTags = 20

// PostTag is a word that a board's posts are sorted by, and how many have it.
type PostTag struct {
	Tag   string `json:"tag" example:"mobile"`
	Posts int64  `json:"posts" doc:"How many posts of the board have it."`
}

// cleanTags gives tags as they are stored: as those of contacts, each once, sorted.
func cleanTags(raw []string) (tags []string, bad []fault.FieldError) {
	tags = []string{}
	for _, one := range raw {
		tag, err := contacts.CleanTag(one)
		if err != nil {
			return nil, []fault.FieldError{{Field: "tags", Detail: "must each be 1 to 50 letters, digits, spaces, - or _, and nothing that tells who somebody is"}}
		}
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	if tags = slices.Compact(tags); len(tags) > maxPostTags {
		return nil, []fault.FieldError{{Field: "tags", Detail: "must be at most 20"}}
	}
	return tags, nil
}

// splitTags reads a post's tags as they were selected.
func splitTags(joined string) []string {
	if joined == "" {
		return []string{}
	}
	tags := strings.Split(joined, ",") // no tag holds a comma
	slices.Sort(tags)
	return tags
}

// storeTags makes a post's tags those of a list.
func storeTags(tx *storage.Tx, workspaceID, boardID, postID string, tags []string) error {
	if _, err := tx.Exec(`DELETE FROM post_tags WHERE workspace_id = $1 AND post_id = $2`, workspaceID, postID); err != nil {
		return err
	}
	for from, to := range storage.Chunks(len(tags), 4) {
		var args []any
		for _, tag := range tags[from:to] {
			args = append(args, workspaceID, postID, tag, boardID)
		}
		_, err := tx.Exec(`INSERT INTO post_tags (workspace_id, post_id, tag, board_id) VALUES `+storage.Values(to-from, 4), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

const selectPostTags = `
	SELECT tag, COUNT(*) FROM post_tags WHERE workspace_id = $1 AND board_id = $2 AND tag > $3 GROUP BY tag ORDER BY tag LIMIT $4`

// PostTags gives the tags that a board's posts have, in order: those after one ("" for
// the first page), at most limit.
func (s *Service) PostTags(ctx context.Context, boardID, after string, limit int) (out []PostTag, err error) {
	a := actor.From(ctx)
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		if _, err := loadBoard(tx, a.WorkspaceID, boardID); err != nil {
			return err
		}
		out, err = queryAll(tx, func(rows *sql.Rows) (t PostTag, err error) { return t, rows.Scan(&t.Tag, &t.Posts) },
			selectPostTags, a.WorkspaceID, boardID, after, limit)
		return err
	})
	return out, fault.Wrap("boards.PostTags", err)
}
