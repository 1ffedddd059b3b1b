package boardsite

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/fault"
)

func TestHowADomainStands(t *testing.T) {
	host := "ideas.example.org"
	b := boards.Board{ID: "brd_1", Domain: &host}
	refused, elsewhere := errors.New("refused"), fault.Unavailable(egress.CodeRedirect, "It redirects.")
	for _, tt := range []struct {
		name          string
		lookup        error
		secure, plain any // a status, or an error
		want          string
	}{
		{"it works", nil, 204, refused, "works"},
		{"without a certificate", nil, refused, 204, "plain"},
		{"a name that is not known", &net.DNSError{IsNotFound: true}, refused, refused, "nameless"},
		{"a DNS that is down is not a name that is unknown", &net.DNSError{IsTimeout: true}, refused, refused, "unreachable"},
		{"another server", nil, 404, 404, "elsewhere"},
		{"one that sends people on", nil, elsewhere, refused, "elsewhere"},
		{"a server that takes everything", nil, 200, 200, "elsewhere"},
		{"nothing", nil, refused, refused, "unreachable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := New(Deps{Web: Web{
				Lookup: func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, tt.lookup },
				Do: func(r *http.Request) (*http.Response, error) {
					if r.URL.Host != host || r.URL.Path != domainPath+domainToken(&b) {
						t.Errorf("it asked %s", r.URL)
					}
					answer := tt.plain
					if r.URL.Scheme == "https" {
						answer = tt.secure
					}
					if status, ok := answer.(int); ok {
						return &http.Response{StatusCode: status, Body: http.NoBody}, nil
					}
					return nil, answer.(error)
				},
			}})
			if got, _ := s.domainState(t.Context(), &b); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
	if other := (&boards.Board{ID: "brd_2"}); domainToken(other) == domainToken(&b) || strings.Contains(domainToken(&b), "brd") {
		t.Error("the token does not tell boards apart")
	}
}
