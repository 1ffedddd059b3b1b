package contacts

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
)

type mergeIn struct {
	httpx.ByID
	Body Merging
}

// Merged answers a merge: the survivor as it is now, and the merge, by which it is undone.
type Merged struct {
	Contact
	Merge Merge `json:"merge"`
}

type mergedOut struct {
	Body Merged
}

type previewOut struct {
	Body Preview
}

type mergesIn struct {
	httpx.ByID
	httpx.Paging
}

type mergesOut struct {
	Body httpx.List[Merge]
}

type undoOut struct {
	Body Merge
}

type duplicatesIn struct {
	httpx.Paging
}

type duplicatesOut struct {
	Body httpx.List[Duplicate]
}

type dismissIn struct {
	Body Distinct
}

func (s *Service) duplicates(ctx context.Context, in *duplicatesIn) (*duplicatesOut, error) {
	scope := "duplicates " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 2)
	if err != nil {
		return nil, err
	}
	var after *Pair
	if cursor != nil {
		after = &Pair{cursor[0], cursor[1]}
	}
	found, next, err := s.Duplicates(ctx, after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &duplicatesOut{Body: httpx.List[Duplicate]{Data: found}}
	if next != nil {
		mark := httpx.EncodeCursor(scope, next.Newer, next.Older)
		out.Body.NextCursor = &mark
	}
	return out, nil
}

func (s *Service) dismiss(ctx context.Context, in *dismissIn) (*struct{}, error) {
	return nil, s.Dismiss(ctx, in.Body)
}

func (s *Service) merge(ctx context.Context, in *mergeIn) (*mergedOut, error) {
	c, m, err := s.Merge(ctx, in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	httpx.NoteContact(ctx, c.ID)
	return &mergedOut{Body: Merged{c, m}}, nil
}

func (s *Service) preview(ctx context.Context, in *mergeIn) (*previewOut, error) {
	p, err := s.Preview(ctx, in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	httpx.NoteContact(ctx, p.Survivor.ID)
	return &previewOut{Body: p}, nil
}

func (s *Service) merges(ctx context.Context, in *mergesIn) (*mergesOut, error) {
	scope := "merges " + in.ID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	found, err := s.Merges(ctx, in.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &mergesOut{Body: httpx.ListOf(found, in.Limit, scope, func(m Merge) []string { return []string{m.ID} })}, nil
}

func (s *Service) undo(ctx context.Context, in *httpx.ByID) (*undoOut, error) {
	m, err := s.Undo(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	httpx.NoteContact(ctx, m.ContactID)
	return &undoOut{Body: m}, nil
}
