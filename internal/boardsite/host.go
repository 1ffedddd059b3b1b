package boardsite

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/fault"
)

const (
	hostFor  = 10 * time.Second // how long it is remembered which board is under a host, or that none is
	maxHosts = 5000
)

// hosts remembers which board is under a host.
type hosts struct {
	mu    sync.Mutex
	known map[string]hosted
}

type hosted struct {
	workspaceID, slug string
	until             time.Time
}

// Hosts serves boards under their own domains, and all else by next.
func (s *Site) Hosts(next http.Handler) http.Handler {
	own := hostOfURL(s.PublicURL)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostOf(r.Host)
		if host == own || !strings.Contains(host, ".") || len(host) > 253 || net.ParseIP(host) != nil {
			next.ServeHTTP(w, r)
			return
		}
		at, err := s.boardAt(r, host)
		if fault.Is(err, fault.KindNotFound) {
			next.ServeHTTP(w, r)
			return
		}
		if err != nil {
			s.failed(w, r, s.stranger(r), err)
			return
		}
		s.serveHost(w, r, at)
	})
}

func (s *Site) serveHost(w http.ResponseWriter, r *http.Request, at hosted) {
	if r.URL.Path == "/b/"+plainSheet().name {
		writeCSS(w, plainSheet().css)
		return
	}
	ws, err := s.Workspaces.Get(r.Context(), at.workspaceID)
	if err != nil {
		s.failed(w, r, s.stranger(r), err)
		return
	}
	s.visit(w, r, ws, at.slug, "", "/"+strings.TrimPrefix(r.URL.Path, "/"))
}

func hostOfURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// hostOf gives the host of a request, in lower case and without its port.
func hostOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// boardAt tells which board is under a host, from memory where it was asked lately.
func (s *Site) boardAt(r *http.Request, host string) (hosted, error) {
	now := s.Clock.Now()
	s.hosts.mu.Lock()
	at, ok := s.hosts.known[host]
	s.hosts.mu.Unlock()
	if !ok || !now.Before(at.until) {
		var err error
		at = hosted{until: now.Add(hostFor)}
		at.workspaceID, at.slug, err = s.Boards.Domain(r.Context(), host)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return hosted{}, err
		}
		s.hosts.mu.Lock()
		if s.hosts.known == nil || len(s.hosts.known) >= maxHosts { // strangers may send any host: begin anew
			s.hosts.known = map[string]hosted{}
		}
		s.hosts.known[host] = at
		s.hosts.mu.Unlock()
	}
	if at.slug == "" {
		return hosted{}, fault.NotFound("board")
	}
	return at, nil
}
