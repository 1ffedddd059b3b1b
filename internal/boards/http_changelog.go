package boards

import (
	"context"
	"net/http"
	"time"

	"github.com/botimum/botimum/internal/httpx"
)

type entriesIn struct {
	httpx.Paging
	BoardID  string `query:"board_id" maxLength:"64"`
	Category string `query:"category" maxLength:"60"`
}

type entriesOut struct{ Body httpx.List[Entry] }

type createEntryIn struct{ Body NewEntry }

type updateEntryIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    EntryChange
}

type entryOut struct {
	Status int
	ETag   string `header:"ETag"`
	Body   Entry
}

func (s *Service) changelogRoutes(r *httpx.Router, tag, read, write string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/changelog", ID: "listChangelog", Tag: tag,
		Summary: "List the changelog's entries, newest first", Permission: read}, s.listEntries)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/changelog", ID: "createChangelogEntry", Tag: tag, Status: http.StatusCreated,
		Summary: "Write an entry of the changelog: a draft, or to be published now or later", Permission: write}, s.createEntry)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/changelog/{id}", ID: "getChangelogEntry", Tag: tag,
		Summary: "Get an entry of the changelog", Permission: read}, s.getEntry)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/changelog/{id}", ID: "updateChangelogEntry", Tag: tag,
		Summary: "Change an entry of the changelog, publish or withdraw it", Permission: write}, s.updateEntry0)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/changelog/{id}", ID: "deleteChangelogEntry", Tag: tag, Status: http.StatusNoContent,
		Summary: "Remove an entry of the changelog", Permission: write}, s.deleteEntry)
}

func (s *Service) listEntries(ctx context.Context, in *entriesIn) (*entriesOut, error) {
	scope := "changelog " + in.BoardID + " " + in.Category
	before, err := idCursor(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Entries(ctx, EntryFilter{BoardID: in.BoardID, Category: in.Category}, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &entriesOut{Body: httpx.ListOf(found, in.Limit, scope, func(e Entry) []string { return []string{e.ID} })}, nil
}

func entryAnswer(status int, e Entry) *entryOut {
	return &entryOut{Status: status, ETag: httpx.ETag(e.UpdatedAt), Body: e}
}

func (s *Service) createEntry(ctx context.Context, in *createEntryIn) (*entryOut, error) {
	e, err := s.CreateEntry(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return entryAnswer(http.StatusCreated, e), nil
}

func (s *Service) getEntry(ctx context.Context, in *httpx.ByID) (*entryOut, error) {
	e, err := s.Entry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return entryAnswer(http.StatusOK, e), nil
}

func (s *Service) updateEntry0(ctx context.Context, in *updateEntryIn) (*entryOut, error) {
	e, err := s.UpdateEntry(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) })
	if err != nil {
		return nil, err
	}
	return entryAnswer(http.StatusOK, e), nil
}

func (s *Service) deleteEntry(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.DeleteEntry(ctx, in.ID)
}
