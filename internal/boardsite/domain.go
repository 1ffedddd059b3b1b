package boardsite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

// How a board's own domain stands.
const (
	domainNone        = "none"
	domainWorks       = "works"
	domainPlain       = "plain"
	domainNameless    = "nameless"
	domainElsewhere   = "elsewhere"
	domainUnreachable = "unreachable"
)

// DomainState tells whether people reach a board under its own domain.
type DomainState struct {
	Domain    string    `json:"domain" doc:"Empty for none."`
	State     string    `json:"state" enum:"none,works,plain,nameless,elsewhere,unreachable" doc:"plain: by http alone, since there is no valid certificate; nameless: the DNS does not know the name; elsewhere: something else answers there; unreachable: nothing does, or what does is in a network that this server does not ask."`
	Addresses []string  `json:"addresses" doc:"To which the DNS leads, as seen from this server."`
	Target    string    `json:"target" doc:"The host that the DNS should lead to."`
	CheckedAt time.Time `json:"checked_at"`
}

type domainOut struct{ Body DomainState }

const (
	domainPath  = "/.well-known/botimum/"
	domainLimit = 12 * time.Second
)

func (s *Site) domainRoutes(r *httpx.Router, tag string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/boards/{id}/domain-check", ID: "checkBoardDomain", Tag: tag, Permission: "boards:write", Reads: true,
		Summary: "See whether a board is reached under its own domain", Description: "This server asks the domain, over the open internet, for a page that only it can know."}, s.checkDomain)
}

// domainToken is what a board answers to under its own domain: only this server can
// know it, since nobody is told a board's id who may not see the board.
func domainToken(b *boards.Board) string {
	sum := sha256.Sum256([]byte("domain of " + b.ID))
	return hex.EncodeToString(sum[:16])
}

// here answers a server that wants to know whether a domain leads to it.
func (s *Site) here(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.base != "" || r.PathValue("token") != domainToken(&v.board) {
		return fault.NotFound("page")
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) checkDomain(ctx context.Context, in *httpx.ByID) (*domainOut, error) {
	b, err := s.Boards.Board(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	d := DomainState{State: domainNone, Addresses: []string{}, Target: hostOfURL(s.PublicURL), CheckedAt: s.Clock.Now()}
	if b.Domain != nil {
		d.Domain = *b.Domain
		ctx, cancel := context.WithTimeout(ctx, domainLimit)
		defer cancel()
		d.State, d.Addresses = s.domainState(ctx, &b)
	}
	return &domainOut{d}, nil
}

func (s *Site) domainState(ctx context.Context, b *boards.Board) (state string, addresses []string) {
	addresses, err := s.Web.Lookup(ctx, *b.Domain)
	var unknown *net.DNSError
	if errors.As(err, &unknown) && unknown.IsNotFound {
		return domainNameless, []string{}
	}
	if addresses == nil {
		addresses = []string{}
	}
	secure := s.leadsHere(ctx, "https", b)
	if secure == http.StatusNoContent {
		return domainWorks, addresses
	}
	plain := s.leadsHere(ctx, "http", b)
	switch {
	case plain == http.StatusNoContent:
		return domainPlain, addresses
	case secure == 0 && plain == 0:
		return domainUnreachable, addresses
	}
	return domainElsewhere, addresses
}

// leadsHere asks the domain and gives the status of its answer; 0 where none came.
func (s *Site) leadsHere(ctx context.Context, scheme string, b *boards.Board) int {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+*b.Domain+domainPath+domainToken(b), http.NoBody)
	if err != nil {
		return 0
	}
	res, err := s.Web.Do(r)
	if e := fault.As(err); e != nil && e.Code == egress.CodeRedirect {
		return http.StatusFound
	}
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}
