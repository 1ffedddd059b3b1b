package segment

import (
	"context"
	"net/http"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

const (
	tag           = "Segments"
	reads, writes = "contacts:read", "contacts:write"
)

// Routes mounts the routes of segments.
func (s *Service) Routes(r *httpx.Router) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/segments", ID: "listSegments", Tag: tag,
		Summary: "List segments, newest first", Permission: reads}, s.list)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/segments", ID: "createSegment", Tag: tag, Status: http.StatusCreated,
		Summary: "Add a segment", Permission: writes,
		Description: "A filter is one condition, or a group: {\"all\":[…]} or {\"any\":[…]}. Groups go three deep, and a filter has at most 20 conditions. " +
			"A negative condition holds exactly where its positive one does not. Nobody who is restricted or in the bin is in a segment."}, s.create)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/segments/fields", ID: "listSegmentFields", Tag: tag, First: true,
		Summary: "List what conditions can be about", Permission: reads}, s.fields)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/segments/count", ID: "countSegment", Tag: tag, First: true,
		Summary: "Count the people in a filter or a segment, now", Permission: reads}, s.counted)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/segments/{id}", ID: "getSegment", Tag: tag,
		Summary: "Get a segment", Permission: reads}, s.get)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/segments/{id}", ID: "updateSegment", Tag: tag,
		Summary: "Change a segment's name or filter", Permission: writes}, s.update)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/segments/{id}", ID: "deleteSegment", Tag: tag, Status: http.StatusNoContent,
		Summary: "Remove a segment that nothing uses", Permission: writes}, s.remove)
}

type segmentsOut struct {
	Body httpx.List[Segment]
}

func (s *Service) list(ctx context.Context, in *httpx.Paging) (*segmentsOut, error) {
	scope := "segments " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	found, err := s.List(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &segmentsOut{Body: httpx.ListOf(found, in.Limit, scope, func(s Segment) []string { return []string{s.ID} })}, nil
}

type createSegmentIn struct {
	Body NewSegment
}

type segmentOut struct {
	ETag string `header:"ETag"`
	Body Segment
}

func answer(seg Segment, err error) (*segmentOut, error) {
	if err != nil {
		return nil, err
	}
	return &segmentOut{ETag: httpx.ETag(seg.UpdatedAt), Body: seg}, nil
}

func (s *Service) create(ctx context.Context, in *createSegmentIn) (*segmentOut, error) {
	return answer(s.Create(ctx, in.Body))
}

// SegmentField is a field on the wire, where packages share one room of names.
type SegmentField Field

type segmentFieldsOut struct {
	Body struct {
		Data []SegmentField `json:"data"`
	}
}

func (s *Service) fields(ctx context.Context, _ *struct{}) (*segmentFieldsOut, error) {
	fields, err := s.Fields(ctx)
	if err != nil {
		return nil, err
	}
	out := &segmentFieldsOut{}
	out.Body.Data = make([]SegmentField, len(fields))
	for i, f := range fields {
		out.Body.Data[i] = SegmentField(f)
	}
	return out, nil
}

type countSegmentIn struct {
	Body struct {
		Filter    *Filter `json:"filter,omitempty"`
		SegmentID string  `json:"segment_id,omitempty" maxLength:"64" doc:"A saved segment, instead of a filter."`
	}
}

type countSegmentOut struct {
	Body struct {
		Count int64 `json:"count"`
	}
}

func (s *Service) counted(ctx context.Context, in *countSegmentIn) (*countSegmentOut, error) {
	p, err := s.Pick(ctx, in.Body.SegmentID, in.Body.Filter)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, fault.Invalid("filter", "is needed, or a segment_id")
	}
	out := &countSegmentOut{}
	out.Body.Count, err = s.Count(ctx, p)
	return out, err
}

// Pick gives the predicate of a saved segment or of a filter, as a request names
// them; nil if it names neither.
func (s *Service) Pick(ctx context.Context, segmentID string, f *Filter) (*Predicate, error) {
	switch {
	case segmentID != "" && f != nil:
		return nil, fault.Invalid("filter", "does not go with segment_id")
	case segmentID != "":
		return s.Predicate(ctx, segmentID)
	case f != nil:
		return s.Compile(ctx, actor.From(ctx).WorkspaceID, *f)
	}
	return nil, nil
}

func (s *Service) get(ctx context.Context, in *httpx.ByID) (*segmentOut, error) {
	return answer(s.Get(ctx, in.ID))
}

type updateSegmentIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    SegmentChange
}

func (s *Service) update(ctx context.Context, in *updateSegmentIn) (*segmentOut, error) {
	return answer(s.Update(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) }))
}

func (s *Service) remove(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.Delete(ctx, in.ID)
}
