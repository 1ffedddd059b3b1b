package retention

import (
	"context"
	"net/http"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
)

type settingsOut struct {
	ETag string `header:"ETag"`
	Body Settings
}

type setIn struct {
	IfMatch string `header:"If-Match"`
	Body    struct {
		Rules []Rule `json:"rules" maxItems:"64" doc:"All rules that shall be in force; what is not named is taken back."`
	}
}

type dryRunIn struct {
	Body struct {
		Rules *[]Rule `json:"rules,omitempty" maxItems:"64" doc:"Rules to try; those in force if absent."`
	}
}

type dryRunOut struct {
	Body struct {
		At      time.Time `json:"at" doc:"Days are counted back from here."`
		Results []Result  `json:"results" doc:"What each rule would remove. What goes with an erased person is counted with them alone."`
	}
}

type runOut struct {
	Body Run
}

type runsOut struct {
	Body httpx.List[Run]
}

// Routes mounts the retention routes.
func (s *Service) Routes(r *httpx.Router) {
	const tag, path = "Privacy", "/api/v1/privacy/retention"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path, ID: "getRetention", Tag: tag,
		Summary: "How long what is kept", Permission: "privacy:read"}, s.get)
	httpx.Handle(r, httpx.Route{Method: http.MethodPut, Path: path, ID: "setRetention", Tag: tag,
		Summary: "Set how long what is kept", Permission: "privacy:write",
		Description: "Replaces all rules. Nothing is removed at once: a run applies the rules once a day, or when asked for."}, s.set)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path + "/dry-run", ID: "tryRetention", Tag: tag,
		Summary: "Count what rules would remove now", Permission: "privacy:read"}, s.dryRun)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path + "/runs", ID: "listRetentionRuns", Tag: tag,
		Summary: "List what was removed by rules, newest first", Permission: "privacy:read"}, s.listRuns)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path + "/runs", ID: "runRetention", Tag: tag, Status: http.StatusAccepted,
		Summary: "Apply the rules now", Permission: "privacy:write"}, s.beginRun)
}

func (s *Service) get(ctx context.Context, _ *struct{}) (*settingsOut, error) {
	return settings(s.Get(ctx))
}

func settings(got Settings, err error) (*settingsOut, error) {
	if err != nil {
		return nil, err
	}
	return &settingsOut{ETag: httpx.ETag(got.Version), Body: got}, nil
}

func (s *Service) set(ctx context.Context, in *setIn) (*settingsOut, error) {
	return settings(s.Set(ctx, in.Body.Rules, func(changed time.Time) error { return httpx.CheckMatch(in.IfMatch, changed) }))
}

func (s *Service) dryRun(ctx context.Context, in *dryRunIn) (*dryRunOut, error) {
	var rules []Rule
	if in.Body.Rules != nil {
		rules = append([]Rule{}, *in.Body.Rules...)
	}
	at, results, err := s.DryRun(ctx, rules)
	if err != nil {
		return nil, err
	}
	out := &dryRunOut{}
	out.Body.At, out.Body.Results = at, results
	return out, nil
}

func (s *Service) listRuns(ctx context.Context, in *httpx.Paging) (*runsOut, error) {
	scope := "retention-runs " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	runs, err := s.Runs(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &runsOut{Body: httpx.ListOf(runs, in.Limit, scope, func(r Run) []string { return []string{r.ID} })}, nil
}

func (s *Service) beginRun(ctx context.Context, _ *struct{}) (*runOut, error) {
	run, err := s.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &runOut{Body: run}, nil
}
