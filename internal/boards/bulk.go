package boards

import (
	"context"
	"slices"

	"github.com/botimum/botimum/internal/fault"
)

// BulkChange is what is to change of many posts; what is absent stays.
type BulkChange struct {
	PostIDs    []string `json:"post_ids" minItems:"1" maxItems:"100"`
	Status     *string  `json:"status,omitempty" maxLength:"40"`
	State      *string  `json:"state,omitempty" enum:"published,pending"`
	Category   *string  `json:"category,omitempty" maxLength:"60"`
	OwnerID    *string  `json:"owner_id,omitempty" maxLength:"64" doc:"Empty for nobody."`
	AddTags    []string `json:"add_tags,omitempty" maxItems:"20"`
	RemoveTags []string `json:"remove_tags,omitempty" maxItems:"20"`
}

// BulkResult is what became of one of several things.
type BulkResult struct {
	ID     string `json:"id"`
	Done   bool   `json:"done"`
	Code   string `json:"code" doc:"Why it was not done, as in an error's code; empty if it was."`
	Detail string `json:"detail"`
}

// ChangePosts changes several posts of a board, each for itself: what one may not, the
// others still may.
func (s *Service) ChangePosts(ctx context.Context, boardID string, c BulkChange) ([]BulkResult, error) {
	if _, err := s.Board(ctx, boardID); err != nil {
		return nil, err
	}
	add, bad := cleanTags(c.AddTags)
	remove, worse := cleanTags(c.RemoveTags)
	if bad = append(bad, worse...); len(bad) > 0 {
		return nil, fault.InvalidFields(bad...)
	}
	return each(c.PostIDs, func(postID string) error {
		p, err := s.Post(ctx, postID)
		if err == nil && p.BoardID != boardID {
			err = fault.NotFound("post")
		}
		if err != nil {
			return err
		}
		change := PostChange{Status: c.Status, State: c.State, Category: c.Category, OwnerID: c.OwnerID}
		if len(add)+len(remove) > 0 {
			change.Tags = slices.DeleteFunc(append(slices.Clone(p.Tags), add...), func(tag string) bool { return slices.Contains(remove, tag) })
		}
		_, err = s.UpdatePost(ctx, postID, change, nil)
		return err
	})
}

// each does something with several things, once with each, and tells what became of
// them. It ends where something failed that is nobody's mistake.
func each(ids []string, do func(id string) error) ([]BulkResult, error) {
	out := make([]BulkResult, 0, len(ids))
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			continue
		}
		err := do(id)
		r := BulkResult{ID: id, Done: err == nil}
		if err != nil {
			e := fault.As(err)
			if e == nil || e.Kind == fault.KindInternal || e.Kind == fault.KindUnavailable {
				return nil, err
			}
			r.Code, r.Detail = e.Code, e.Detail
			for _, f := range e.Fields {
				r.Detail += " " + f.Field + " " + f.Detail + "."
			}
		}
		out = append(out, r)
	}
	return out, nil
}
