package httpx

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// DefaultMaxBody is how many bytes a request's body may have unless its route
// says otherwise.
const DefaultMaxBody = 1 << 20

// Route is one line of the route table.
type Route struct {
	Method      string
	Path        string // in the mux's syntax, such as /api/v1/contacts/{id}
	ID          string // the operation's id, such as getContact
	Summary     string
	Description string
	Tag         string
	// Permission that the caller needs. Exactly one of Permission, SignedIn,
	// Visitor and Public is set.
	Permission string
	SignedIn   bool  // any operator who is signed in
	Visitor    bool  // a visitor's widget session
	Public     bool  // anyone; the route looks for itself
	Status     int   // of success; 0: 200
	MaxBody    int64 // bytes; 0: DefaultMaxBody
	Hidden     bool  // not in the OpenAPI document
	Stream     bool  // answers for as long as the client listens
	Reads      bool  // a POST that changes nothing: its answer is not kept for its Idempotency-Key
	// First lets a path win over those that have a parameter where it has a word:
	// the mux itself refuses two paths of which neither is more specific.
	First     bool
	Unlimited bool // a person's right: the general rate limits do not stand before it; the route has its own
}

// Guard stands before a route's handler: it authenticates, authorises and
// limits. It sees the route and so the permission that it names.
type Guard func(Route, http.Handler) http.Handler

// Router is the table of routes and the mux that serves them.
type Router struct {
	mux    *http.ServeMux
	first  *http.ServeMux // routes that are First
	api    huma.API
	guard  Guard
	log    *slog.Logger
	routes []Route
	wrap   func(http.HandlerFunc) http.HandlerFunc // for the route being added
}

// installErrors points huma's error constructors at ours. They are package
// variables of huma's; all routers of a process want the same.
var installErrors sync.Once

// NewRouter gives an empty table. The guard stands before each of its routes.
func NewRouter(title, version string, guard Guard, log *slog.Logger) *Router {
	installErrors.Do(func() {
		huma.NewErrorWithContext = humaProblem(log)
		huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
			return humaProblem(log)(nil, status, msg, errs...)
		}
		huma.DefaultArrayNullable = false
	})
	rt := &Router{mux: http.NewServeMux(), first: http.NewServeMux(), guard: guard, log: log}
	cfg := huma.DefaultConfig(title, version)
	cfg.CreateHooks = nil                                       // no $schema links in answers
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", "" // served by the app, without third parties
	cfg.Formats = map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat}
	cfg.RejectUnknownQueryParameters = true
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	rt.api = humago.New((*guardedMux)(rt), cfg)
	return rt
}

// commonNames are types that several packages have, each with its own meaning:
// in the OpenAPI document they carry the package's name, as in ContactsChange.
var commonNames = []string{"Category", "Change", "Counts", "Event", "Hit", "Notice", "Purpose", "Result", "Rule", "Run", "Session", "Settings", "Status", "Target", "View"}

func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if pkg := path.Base(t.PkgPath()); slices.Contains(commonNames, name) && pkg != "." {
		return strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
	return name
}

// guardedMux is the mux that huma registers on: each handler goes in behind the
// guard.
type guardedMux Router

func (m *guardedMux) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	mux := m.mux
	if m.routes[len(m.routes)-1].First {
		mux = m.first
	}
	mux.HandleFunc(pattern, m.wrap(h))
}

func (m *guardedMux) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*Router)(m).ServeHTTP(w, r) }

// Handle mounts a JSON route. I has fields tagged path, query or header and a
// Body; O has a Body and headers. Broken tables panic at start.
func Handle[I, O any](r *Router, route Route, h func(context.Context, *I) (*O, error)) {
	r.add(route)
	op := huma.Operation{
		OperationID: route.ID, Method: route.Method, Path: route.Path, Summary: route.Summary, Description: route.Description,
		Tags: []string{route.Tag}, DefaultStatus: route.Status, MaxBodyBytes: route.maxBody(), Hidden: route.Hidden,
		Security: security(route), Extensions: map[string]any{"x-permission": route.Needs()},
		Responses: map[string]*huma.Response{"default": problemResponse},
	}
	huma.Register(r.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, ProblemOf(ctx, r.log, err)
		}
		return out, nil
	})
}

// problemResponse is what every route answers when it fails.
var problemResponse = &huma.Response{
	Description: "A problem document (RFC 9457)",
	Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}},
}

// Raw mounts a handler that is not JSON in, JSON out: a stream, a file.
func (r *Router) Raw(route Route, h http.Handler) {
	r.add(route)
	r.mux.Handle(route.Method+" "+route.Path, r.guard(route, h))
	if !route.Hidden {
		r.api.OpenAPI().AddOperation(&huma.Operation{
			OperationID: route.ID, Method: route.Method, Path: route.Path, Summary: route.Summary, Description: route.Description,
			Tags: []string{route.Tag}, Security: security(route), Extensions: map[string]any{"x-permission": route.Needs()},
			Responses: map[string]*huma.Response{"200": {Description: route.Summary}, "default": problemResponse},
		})
	}
}

func (r *Router) add(route Route) {
	said := 0
	for _, is := range []bool{route.Permission != "", route.SignedIn, route.Visitor, route.Public} {
		if is {
			said++
		}
	}
	if said != 1 {
		panic("httpx: route " + route.Method + " " + route.Path + " must say who may call it, once")
	}
	r.routes = append(r.routes, route)
	r.wrap = func(h http.HandlerFunc) http.HandlerFunc { return r.guard(route, h).ServeHTTP }
}

func (rt Route) maxBody() int64 {
	if rt.MaxBody > 0 {
		return rt.MaxBody
	}
	return DefaultMaxBody
}

// Needs says what a caller must hold, in words.
func (rt Route) Needs() string {
	switch {
	case rt.SignedIn:
		return "signed in"
	case rt.Visitor:
		return "widget session"
	case rt.Public:
		return "none"
	}
	return rt.Permission
}

func security(rt Route) []map[string][]string {
	switch {
	case rt.Public:
		return nil
	case rt.Visitor:
		return []map[string][]string{{"widget_session": {}}}
	}
	return []map[string][]string{{"api_key": {rt.Needs()}}, {"session": {}}}
}

// Routes gives the table, in the order of its making.
func (r *Router) Routes() []Route { return slices.Clone(r.routes) }

// OpenAPI gives the document that describes the routes, as JSON.
func (r *Router) OpenAPI() ([]byte, error) {
	doc := r.api.OpenAPI()
	doc.Components.Schemas.Schema(problemType, false, "Problem")
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"api_key":        {Type: "http", Scheme: "bearer", Description: "A workspace key, btm_…"},
		"session":        {Type: "apiKey", In: "cookie", Name: "botimum_session", Description: "The dashboard's session; writes also need X-CSRF-Token."},
		"widget_session": {Type: "http", Scheme: "bearer", Description: "A visitor's session token."},
	}
	return doc.MarshalJSON()
}

// ServeHTTP serves the routes; what is not in the table is a problem document.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	for _, mux := range []*http.ServeMux{r.first, r.mux} {
		if _, pattern := mux.Handler(req); pattern != "" {
			mux.ServeHTTP(w, req)
			return
		}
	}
	r.missing(w, req)
}

// missing answers for a path or method that no route has.
func (r *Router) missing(w http.ResponseWriter, req *http.Request) {
	allowed := r.methods(req)
	if len(allowed) == 0 {
		p := newProblem(http.StatusNotFound, "not_found", "There is no such route. GET /openapi.json lists those that exist.")
		WriteProblem(w, req, r.log, p)
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	p := newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "This route takes "+strings.Join(allowed, ", ")+".")
	WriteProblem(w, req, r.log, p)
}

func (r *Router) methods(req *http.Request) []string {
	var allowed []string
	for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		probe := &http.Request{Method: m, URL: req.URL, Host: req.Host}
		_, here := r.first.Handler(probe)
		_, there := r.mux.Handler(probe)
		if here != "" || there != "" {
			allowed = append(allowed, m)
		}
	}
	return allowed
}
