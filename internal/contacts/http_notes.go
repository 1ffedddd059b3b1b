package contacts

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/httpx"
)

type notesIn struct {
	httpx.ByID
	httpx.Paging
}

type notesOut struct {
	Body httpx.List[ContactNote]
}

type addNoteIn struct {
	httpx.ByID
	Body NoteText
}

type oneNoteIn struct {
	httpx.ByID
	NoteID string `path:"note_id" maxLength:"64"`
}

type editNoteIn struct {
	httpx.ByID
	NoteID  string `path:"note_id" maxLength:"64"`
	IfMatch string `header:"If-Match"`
	Body    NoteText
}

type noteOut struct {
	ETag string `header:"ETag"`
	Body ContactNote
}

func (s *Service) getNotes(ctx context.Context, in *notesIn) (*notesOut, error) {
	scope := "notes " + in.ID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	found, err := s.Notes(ctx, in.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &notesOut{Body: httpx.ListOf(found, in.Limit, scope, func(n ContactNote) []string { return []string{n.ID} })}, nil
}

func (s *Service) postNote(ctx context.Context, in *addNoteIn) (*noteOut, error) {
	n, err := s.AddNote(ctx, in.ID, in.Body)
	return noteAnswer(n), err
}

func (s *Service) getNote(ctx context.Context, in *oneNoteIn) (*noteOut, error) {
	n, err := s.Note(ctx, in.ID, in.NoteID)
	return noteAnswer(n), err
}

func (s *Service) patchNote(ctx context.Context, in *editNoteIn) (*noteOut, error) {
	n, err := s.EditNote(ctx, in.ID, in.NoteID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) })
	return noteAnswer(n), err
}

func (s *Service) deleteNote(ctx context.Context, in *oneNoteIn) (*struct{}, error) {
	return nil, s.RemoveNote(ctx, in.ID, in.NoteID)
}

func noteAnswer(n ContactNote) *noteOut {
	return &noteOut{ETag: httpx.ETag(n.UpdatedAt), Body: n}
}
