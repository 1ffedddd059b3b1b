package export

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// OpenOwn puts together what is held about the context's operator, in all
// workspaces, as [Service.Open] does for a contact. Operators are data subjects too.
func (s *Service) OpenOwn(ctx context.Context, locale string) (*Archive, error) {
	const op = "export.OpenOwn"
	a := actor.From(ctx)
	if a.Type != actor.Operator {
		return nil, fault.Forbidden("of an operator who is signed in")
	}
	head, locale, err := s.head(ctx, a.WorkspaceID, Options{Kind: Own, Locale: locale}, privacy.OfOperator)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	head.OperatorID, head.Purposes = a.ID, []privacy.Purpose{}
	out, err := s.archive(ctx, whose{
		check:    func(ctx context.Context) error { return s.Privacy.CheckOperator(ctx, a.ID) },
		record:   func(ctx context.Context) error { return s.recordOwn(ctx, a) },
		sections: s.Privacy.OperatorSections(),
		snapshot: func(ctx context.Context, fn func(walk func(privacy.Export) error) error) error {
			return s.Privacy.SnapshotOperator(ctx, a.ID, fn)
		},
	}, head, locale)
	return out, fault.Wrap(op, err)
}

func (s *Service) recordOwn(ctx context.Context, a actor.Actor) error {
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		return s.Audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: "operator.exported",
			TargetType: "operator", TargetID: a.ID})
	})
	if err != nil {
		return err
	}
	return s.Audit.Flush(ctx)
}

func (s *Service) ownRoute(r *httpx.Router) {
	r.Raw(httpx.Route{Method: http.MethodGet, Path: "/api/v1/account/export", ID: "exportAccount", Tag: "Session", SignedIn: true,
		Summary:     "Export what is held about you as an operator, as a ZIP",
		Description: "In all workspaces of this server. locale is the language of the page in it: en, de, fr, es, pl or ar.",
	}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		archive, err := s.OpenOwn(r.Context(), r.URL.Query().Get("locale"))
		if err != nil {
			httpx.WriteProblem(w, r, s.Logger, err)
			return
		}
		Serve(w, r, archive, s.Logger)
	}))
}
