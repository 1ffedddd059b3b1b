package export

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Routes mounts an operator's own export, and the route by which an operator, or the customer's code, exports a
// person's data on their behalf.
func (s *Service) Routes(r *httpx.Router) {
	s.ownRoute(r)
	r.Raw(httpx.Route{Method: http.MethodGet, Path: "/api/v1/contacts/{id}/export", ID: "exportContact", Tag: "Privacy", Permission: "privacy:read",
		Summary: "Export what is held about a contact, as a ZIP",
		Description: "kind=access (the default) gives everything that is held (article 15), kind=portability what the person gave themselves (article 20). " +
			"locale is the language of the page in it: en, de, fr, es, pl or ar. Needs contacts:read and inbox:read too. Of a person whose data is restricted only their own request is answered. The export is in the audit log.",
	}, http.HandlerFunc(s.serve))
}

// query is all that the route may be asked with.
var query = map[string]bool{"kind": true, "locale": true}

func (s *Service) serve(w http.ResponseWriter, r *http.Request) {
	ctx, a := r.Context(), actor.From(r.Context())
	archive, err := func() (*Archive, error) {
		if !a.Can("contacts:read") {
			return nil, fault.Forbidden("contacts:read")
		}
		if !a.Can("inbox:read") { // it holds what was written
			return nil, fault.Forbidden("inbox:read")
		}
		for name := range r.URL.Query() {
			if !query[name] {
				return nil, fault.InvalidFields(fault.FieldError{Field: "query", Detail: "has a parameter that does not exist; known are kind and locale"})
			}
		}
		sub := privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: r.PathValue("id")}
		// What is restricted is shown to the person, with their own request, and not to others.
		if err := s.DB.Read(ctx, func(tx *storage.Tx) error { return s.Privacy.MayChange(tx, sub) }); err != nil {
			return nil, err
		}
		return s.Open(ctx, sub,
			Options{Kind: r.URL.Query().Get("kind"), Locale: r.URL.Query().Get("locale")})
	}()
	if err != nil {
		httpx.WriteProblem(w, r, s.Logger, err)
		return
	}
	Serve(w, r, archive, s.Logger)
}

// sendFor is how long a client may take to fetch an archive.
const sendFor = 10 * time.Minute

// Serve sends an archive as a download and drops it. Its name says nothing of the
// person.
func Serve(w http.ResponseWriter, r *http.Request, a *Archive, log *slog.Logger) {
	defer func() { _ = a.Close() }() // a file without a name
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="your-data.zip"`)
	h.Set("Content-Length", strconv.FormatInt(a.Size(), 10))
	h.Set("Cache-Control", "no-store")
	deadline := time.Now().Add(sendFor) // the machine's clock: it is the connection's
	if err := http.NewResponseController(w).SetWriteDeadline(deadline); err != nil && !errors.Is(err, http.ErrNotSupported) {
		log.WarnContext(r.Context(), "an export has no deadline", "error", err)
	}
	if _, err := a.WriteTo(w); err != nil {
		log.InfoContext(r.Context(), "an export was not fetched to its end")
	}
}
