package timeline

import (
	"context"
	"net/http"
	"strconv"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

// TimelineEntry is an entry on the wire, where packages share one room of names.
type TimelineEntry Entry

type timelineIn struct {
	httpx.ByID
	httpx.Paging
	Kinds []string `query:"kinds" maxItems:"20" doc:"Only these kinds, apart by commas: conversation, event, consent, objection, restriction, hold, edit, request, merge, import and so on. Without it all that the caller may see."`
}

type timelineOut struct {
	Body httpx.List[TimelineEntry]
}

// Routes mounts the timeline's route.
func (s *Service) Routes(r *httpx.Router) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/contacts/{id}/timeline", ID: "getTimeline", Tag: "Contacts",
		Summary: "What happened with a contact, newest first", Permission: "contacts:read",
		Description: "Each kind needs its own permission besides, such as inbox:read for conversations and privacy:read for consents; kinds without it are left out. Of somebody who was merged it shows all that they were."}, s.get)
}

func (s *Service) get(ctx context.Context, in *timelineIn) (*timelineOut, error) {
	scope := "timeline " + in.ID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 2)
	if err != nil {
		return nil, err
	}
	var after *Place
	if cursor != nil {
		at, err := strconv.ParseInt(cursor[0], 10, 64)
		if err != nil {
			return nil, fault.Malformed("The cursor is not one of this list. Ask for the first page again.")
		}
		after = &Place{At: at, ID: cursor[1]}
	}
	found, err := s.Of(ctx, in.ID, in.Kinds, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	entries := make([]TimelineEntry, len(found))
	for i, e := range found {
		entries[i] = TimelineEntry(e)
	}
	return &timelineOut{Body: httpx.ListOf(entries, in.Limit, scope, func(e TimelineEntry) []string {
		p := placeOf(Entry(e))
		return []string{strconv.FormatInt(p.At, 10), p.ID}
	})}, nil
}
