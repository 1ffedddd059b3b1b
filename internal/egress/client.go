package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/fault"
)

// Options say how far the client may go.
type Options struct {
	// AllowLoopback lets the client reach this machine on any port, for tests and
	// development.
	AllowLoopback bool
	// Ports are allowed besides 80 and 443.
	Ports []uint16
	// MaxBody is how many bytes of an answer may be read, after decompression.
	// Zero: 1 MiB.
	MaxBody int64
	// Timeout is for the whole exchange, redirects and body included. Zero: 10 s.
	Timeout time.Duration
	// NoRedirects refuses every redirect, with CodeRedirect.
	NoRedirects bool
	// Resolver looks names up. Nil: the machine's.
	Resolver *net.Resolver
	// TLS is for tests, which make their own certificates. Nil: the machine's roots.
	TLS *tls.Config
}

const (
	userAgent     = "Botimum/1 (+https://github.com/botimum/botimum)"
	maxRedirects  = 3
	maxHeader     = 64 << 10
	defaultBody   = 1 << 20
	defaultLimit  = 10 * time.Second
	dialLimit     = 5 * time.Second
	tlsLimit      = 5 * time.Second
	headerLimit   = 8 * time.Second
	idleLimit     = 30 * time.Second
	maxIdle       = 64
	maxIdleOfHost = 2
	maxOfHost     = 16
)

// The codes of the client's faults, all of kind unavailable: nothing that the caller
// sent to us is wrong, but what it names cannot be reached so.
const (
	CodeAddress  = "egress_address"   // it leads to an address that is not public
	CodeURL      = "egress_url"       // not http or https, or with a user name
	CodeRedirect = "egress_redirect"  // it redirects elsewhere, or too often
	CodeTooLarge = "egress_too_large" // the answer is too large
	CodeFailed   = "egress_failed"    // it could not be reached, or not in time
)

var details = map[string]string{
	CodeAddress:  "The address leads to a private or reserved network, or to a port that is not allowed. Use a public address on port 80 or 443.",
	CodeURL:      "The address must begin with https:// or http:// and must not contain a user name or password.",
	CodeRedirect: "The address redirects somewhere else. Use the address that it leads to.",
	CodeTooLarge: "The answer is too large.",
	CodeFailed:   "The address could not be reached in time.",
}

func refusal(code string, cause error) *fault.Error {
	f := fault.Unavailable(code, details[code])
	f.Op, f.Err = "egress", cause
	return f
}

// ErrTooLarge is the error of reading an answer past its limit.
var ErrTooLarge error = refusal(CodeTooLarge, nil)

// Client makes outgoing requests. It is safe for concurrent use.
type Client struct {
	http    *http.Client
	guard   *guard
	maxBody int64
}

// New gives a client.
func New(o Options) *Client {
	if o.MaxBody <= 0 {
		o.MaxBody = defaultBody
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultLimit
	}
	guard := newGuard(o.AllowLoopback, o.Ports)
	dialer := &net.Dialer{Timeout: dialLimit, KeepAlive: idleLimit, Resolver: o.Resolver, Control: guard.control}
	redirects := checkRedirect
	if o.NoRedirects {
		redirects = func(*http.Request, []*http.Request) error { return refusal(CodeRedirect, nil) }
	}
	return &Client{maxBody: o.MaxBody, guard: guard, http: &http.Client{
		Timeout:       o.Timeout,
		CheckRedirect: redirects,
		Transport: &http.Transport{
			Proxy:                  nil, // never from the environment
			DialContext:            dialer.DialContext,
			TLSClientConfig:        tlsConfig(o.TLS),
			TLSHandshakeTimeout:    tlsLimit,
			ResponseHeaderTimeout:  headerLimit,
			MaxResponseHeaderBytes: maxHeader,
			MaxIdleConns:           maxIdle,
			MaxIdleConnsPerHost:    maxIdleOfHost,
			MaxConnsPerHost:        maxOfHost,
			IdleConnTimeout:        idleLimit,
			ForceAttemptHTTP2:      true,
		},
	}}
}

func tlsConfig(given *tls.Config) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if given != nil {
		c = given.Clone()
		c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
	}
	return c
}

// Do sends a request and gives the answer, whatever its status; close its body. The
// errors of Do and of reading the body are faults with the codes above, whose texts
// hold neither the address nor what was sent.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	if err := checkURL(r.URL); err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("User-Agent", userAgent)
	res, err := c.http.Do(r) //nolint:bodyclose,gosec // the caller closes it; the guard in the dialer is the answer to what gosec fears
	if err != nil {
		if res != nil {
			res.Body.Close()
		}
		return nil, failure(r.Context(), err)
	}
	res.Body = &limited{body: res.Body, left: c.maxBody}
	return res, nil
}

// Check tells beforehand what would be refused of a URL by what stands in it: its
// form, its port, and its host where that is an address. A name is looked up, and
// judged, when it is dialled.
func (c *Client) Check(u *url.URL) error {
	if err := checkURL(u); err != nil {
		return err
	}
	host, network := u.Hostname(), "tcp4"
	address, err := netip.ParseAddr(host)
	switch {
	case err != nil && c.guard.loopback && strings.EqualFold(host, "localhost"):
		return nil
	case err != nil:
		host = "1.1.1.1" // any public one: what is left to judge is the port
	case address.Is6():
		network = "tcp6"
	}
	return c.guard.control(network, net.JoinHostPort(host, portOf(u)), nil)
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func checkURL(u *url.URL) error {
	if u == nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.Opaque != "" {
		return refusal(CodeURL, nil)
	}
	return nil
}

// checkRedirect lets a redirect stay where it is, or change to https there.
func checkRedirect(next *http.Request, before []*http.Request) error {
	if err := checkURL(next.URL); err != nil {
		return err
	}
	last := before[len(before)-1].URL
	stays := next.URL.Scheme == last.Scheme && portOf(next.URL) == portOf(last)
	upgrades := last.Scheme == "http" && next.URL.Scheme == "https" && portOf(last) == "80" && portOf(next.URL) == "443"
	if len(before) > maxRedirects || !strings.EqualFold(next.URL.Hostname(), last.Hostname()) || (!stays && !upgrades) {
		return refusal(CodeRedirect, nil)
	}
	return nil
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// failure gives what went wrong as a fault: ours as it is, the network's as the cause
// of one. A caller who went away gets the context's own error.
func failure(ctx context.Context, err error) error {
	if f := fault.As(err); f != nil {
		return f
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	// The text of a url.Error holds the address, which may be personal.
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	return refusal(CodeFailed, err)
}

// limited is a body of which no more than some bytes can be read.
type limited struct {
	body io.ReadCloser
	left int64
	err  error
}

// Read gives ErrTooLarge once the body has turned out to be larger than allowed.
func (l *limited) Read(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1] // one byte more shows that there is more
	}
	n, err := l.body.Read(p)
	if int64(n) > l.left {
		n, err = int(l.left), ErrTooLarge
	} else if err != nil && !errors.Is(err, io.EOF) {
		err = failure(context.Background(), err)
	}
	l.left -= int64(n)
	if errors.Is(err, ErrTooLarge) {
		l.err = err
	}
	return n, err
}

// Close closes the body.
func (l *limited) Close() error { return l.body.Close() }
