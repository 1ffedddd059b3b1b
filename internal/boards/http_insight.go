package boards

import (
	"context"
	"net/http"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

type insightIn struct {
	httpx.ByID
	Segments []string `query:"segments" maxItems:"6" doc:"Whose wishes are told apart; needs contacts:read. Separated by commas."`
	Top      int      `query:"top" minimum:"1" maximum:"20" default:"5" doc:"How many posts of each."`
	Days     int      `query:"days" minimum:"1" maximum:"365" default:"30" doc:"How far back recent goes."`
}

type insightOut struct{ Body BoardInsight }

type trendIn struct {
	httpx.ByID
	PostID string `query:"post_id" maxLength:"64" doc:"One post; all of the board if absent."`
	From   string `query:"from" maxLength:"10" doc:"The first day; 90 days before the last one if absent." example:"2026-10-01"`
	To     string `query:"to" maxLength:"10" doc:"The last day; today if absent."`
	By     string `query:"by" enum:"day,week" doc:"day for spans of up to 92 days if absent, else week."`
}

type trendOut struct{ Body BoardTrend }

func (s *Service) insightRoutes(r *httpx.Router, tag, read string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards/{id}/insight", ID: "getBoardInsight", Tag: tag,
		Summary: "Tell who wants what on a board: by segment, importance, status and category", Permission: read}, s.getInsight)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards/{id}/insight/trend", ID: "getBoardTrend", Tag: tag,
		Summary: "Count votes, posts and comments of a board by day or week", Permission: read}, s.getTrend)
}

func (s *Service) getInsight(ctx context.Context, in *insightIn) (*insightOut, error) {
	out, err := s.Insight(ctx, in.ID, InsightFilter{Segments: distinct(in.Segments), Top: in.Top, Days: in.Days})
	if err != nil {
		return nil, err
	}
	return &insightOut{Body: out}, nil
}

func (s *Service) getTrend(ctx context.Context, in *trendIn) (*trendOut, error) {
	to, err := dayOf("to", in.To, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	from, err := dayOf("from", in.From, to.AddDate(0, 0, -90))
	if err != nil {
		return nil, err
	}
	out, err := s.BoardTrend(ctx, in.ID, TrendFilter{PostID: in.PostID, From: from, To: to, By: in.By})
	if err != nil {
		return nil, err
	}
	return &trendOut{Body: out}, nil
}

// dayOf reads a day between 1970 and 2200.
func dayOf(field, word string, otherwise time.Time) (time.Time, error) {
	if word == "" {
		return otherwise, nil
	}
	day, err := time.Parse(time.DateOnly, word)
	if err != nil || day.Year() < 1970 || day.Year() > 2200 {
		return day, fault.Invalid(field, "must be a day such as 2026-10-01")
	}
	return clock.FromMicros(clock.Micros(day)), nil
}
