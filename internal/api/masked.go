package api

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/mask"
	"github.com/botimum/botimum/internal/workspace"
)

// ownPaths hold no contact's addresses, but operators' own.
var ownPaths = []string{"/api/v1/operators", "/api/v1/session", "/api/v1/account", "/api/v1/workspace", "/api/v1/api-keys"}

// hides tells whether a route's answers are shown to the actor with addresses hidden.
func hides(rt httpx.Route, a actor.Actor) bool {
	if a.Can(workspace.SeesAddresses) || rt.Stream {
		return false
	}
	for _, p := range ownPaths {
		if strings.HasPrefix(rt.Path, p) {
			return false
		}
	}
	return true
}

// masked keeps an answer back until it is whole, and hides the addresses in it.
type masked struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (m *masked) WriteHeader(status int) {
	if m.status == 0 {
		m.status = status
	}
}

func (m *masked) Write(b []byte) (int, error) {
	m.WriteHeader(http.StatusOK)
	return m.body.Write(b)
}

// end sends the answer. A file that cannot be looked into is refused: an export
// holds everything about a person.
func (m *masked) end(r *http.Request, log *slog.Logger) {
	kind := m.Header().Get("Content-Type")
	isJSON := strings.HasPrefix(kind, "application/json") || strings.HasPrefix(kind, "application/problem+json")
	if !isJSON && (strings.HasPrefix(kind, "text/csv") || strings.HasPrefix(kind, "application/zip")) {
		m.Header().Del("Content-Disposition")
		m.Header().Del("Content-Length")
		httpx.WriteProblem(m.ResponseWriter, r, log, fault.Forbidden(workspace.SeesAddresses))
		return
	}
	body := m.body.Bytes()
	if isJSON {
		body = mask.JSON(body)
		m.Header().Del("Content-Length")
	}
	if m.status != 0 {
		m.ResponseWriter.WriteHeader(m.status)
	}
	_, _ = m.ResponseWriter.Write(body) // who has left needs no answer
}
