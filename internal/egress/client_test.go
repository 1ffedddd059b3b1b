package egress_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/egress/egresstest"
	"github.com/botimum/botimum/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(t *testing.T, o egress.Options) *egress.Client {
	t.Helper()
	c := egress.New(o)
	t.Cleanup(c.Close)
	return c
}

func get(t *testing.T, c *egress.Client, url string) (body string, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

func code(err error) string {
	if f := fault.As(err); f != nil {
		return f.Code
	}
	return fmt.Sprint(err)
}

func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	if code(err) != want {
		t.Errorf("error = %v, want %s", err, want)
	}
	if !fault.Is(err, fault.KindUnavailable) {
		t.Errorf("the kind of %v is %v", err, fault.KindOf(err))
	}
}

func server(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestReachesWhatIsAllowed(t *testing.T) {
	var got http.Header
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		http.SetCookie(w, &http.Cookie{Name: "track", Value: "1"})
		_, _ = io.WriteString(w, "hello")
	})
	c := newClient(t, egress.Options{AllowLoopback: true})
	for range 2 {
		if body, err := get(t, c, s.URL); err != nil || body != "hello" {
			t.Fatalf("%q, %v", body, err)
		}
	}
	if ua := got.Get("User-Agent"); !strings.HasPrefix(ua, "Botimum/") {
		t.Errorf("User-Agent = %q", ua)
	}
	if got.Get("Cookie") != "" {
		t.Error("a cookie was kept")
	}
}

func TestRefusesThisMachineByDefault(t *testing.T) {
	var reached atomic.Bool
	s := server(t, func(http.ResponseWriter, *http.Request) { reached.Store(true) })
	c := newClient(t, egress.Options{Ports: []uint16{portOf(s)}})
	_, err := get(t, c, s.URL)
	wantCode(t, err, egress.CodeAddress)
	_, err = get(t, c, "http://localhost:"+fmt.Sprint(portOf(s)))
	wantCode(t, err, egress.CodeAddress)
	if reached.Load() {
		t.Error("the server was reached")
	}
}

func portOf(s *httptest.Server) uint16 {
	return uint16(s.Listener.Addr().(*net.TCPAddr).Port)
}

func TestNamesThatLeadInside(t *testing.T) {
	var reached atomic.Bool
	s := server(t, func(http.ResponseWriter, *http.Request) { reached.Store(true) })
	c := newClient(t, egress.Options{Ports: []uint16{portOf(s)}, Resolver: egresstest.Resolver(t, map[string][]string{
		"loopback.example.org.": {"127.0.0.1"},
		"six.example.org.":      {"::1"},
		"metadata.example.org.": {"169.254.169.254"},
		"mapped.example.org.":   {"::ffff:10.0.0.1"},
		"several.example.org.":  {"10.0.0.1", "127.0.0.1"},
	})})
	for _, name := range []string{"loopback", "six", "metadata", "mapped", "several"} {
		_, err := get(t, c, fmt.Sprintf("http://%s.example.org:%d/", name, portOf(s)))
		wantCode(t, err, egress.CodeAddress)
	}
	_, err := get(t, c, "http://unknown.example.org/")
	wantCode(t, err, egress.CodeFailed)
	if reached.Load() {
		t.Error("the server was reached")
	}
}

// TestANameIsJudgedEachTime has a name lead to an allowed address first and to the
// metadata service when it is looked up again.
func TestANameIsJudgedEachTime(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		http.Redirect(w, r, "/again", http.StatusFound)
	})
	c := newClient(t, egress.Options{AllowLoopback: true, Ports: []uint16{portOf(s)}, Resolver: egresstest.Resolver(t, map[string][]string{
		"rebind.example.org.": {"127.0.0.1", "then", "169.254.169.254"},
	})})
	_, err := get(t, c, fmt.Sprintf("http://rebind.example.org:%d/", portOf(s)))
	wantCode(t, err, egress.CodeAddress)
}

func TestIgnoresProxiesOfTheEnvironment(t *testing.T) {
	var proxied atomic.Bool
	proxy := server(t, func(http.ResponseWriter, *http.Request) { proxied.Store(true) })
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	c := newClient(t, egress.Options{AllowLoopback: true, Resolver: egresstest.Resolver(t, nil)})
	_, err := get(t, c, "http://example.org/")
	wantCode(t, err, egress.CodeFailed)
	if proxied.Load() {
		t.Error("the request went to the proxy")
	}
}

func TestRedirects(t *testing.T) {
	var inside atomic.Bool
	other := server(t, func(http.ResponseWriter, *http.Request) { inside.Store(true) })
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		case "/elsewhere":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/3", "/2", "/1":
			http.Redirect(w, r, fmt.Sprintf("/%d", r.URL.Path[1]-'1'), http.StatusFound)
		case "/0":
			_, _ = io.WriteString(w, "arrived")
		}
	})
	c := newClient(t, egress.Options{AllowLoopback: true})
	for path, want := range map[string]string{"/metadata": egress.CodeRedirect, "/elsewhere": egress.CodeRedirect, "/file": egress.CodeURL, "/loop": egress.CodeRedirect} {
		_, err := get(t, c, s.URL+path)
		wantCode(t, err, want)
	}
	if inside.Load() {
		t.Error("a redirect led to another server")
	}
	if body, err := get(t, c, s.URL+"/3"); err != nil || body != "arrived" {
		t.Errorf("three redirects on the same server: %q, %v", body, err)
	}
}

func TestRedirectsCanBeRefused(t *testing.T) {
	var again atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/again" {
			again.Add(1)
		}
		http.Redirect(w, r, "/again", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	_, err := get(t, newClient(t, egress.Options{AllowLoopback: true, NoRedirects: true}), server.URL)
	wantCode(t, err, egress.CodeRedirect)
	if again.Load() != 0 {
		t.Error("it was followed")
	}
}

func TestCheckBeforehand(t *testing.T) {
	for raw, ok := range map[string][2]bool{ // by default, and with loopback
		"https://example.org/hook":       {true, true},
		"https://example.org:443/":       {true, true},
		"https://example.org:22/":        {false, false},
		"https://8.8.8.8/":               {true, true},
		"https://10.0.0.1/":              {false, false},
		"https://169.254.169.254/latest": {false, false},
		"https://[fd00::1]/":             {false, false},
		"https://ada@example.org/":       {false, false},
		"ftp://example.org/":             {false, false},
		"http://127.0.0.1:9000/":         {false, true},
		"http://localhost:9000/":         {false, true},
		"http://[::1]:9000/":             {false, true},
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		for i, loopback := range []bool{false, true} {
			if err := newClient(t, egress.Options{AllowLoopback: loopback}).Check(u); (err == nil) != ok[i] {
				t.Errorf("%s with loopback %v: %v", raw, loopback, err)
			}
		}
	}
}

func TestNeverFromHTTPSToHTTP(t *testing.T) {
	plain := server(t, func(http.ResponseWriter, *http.Request) { t.Error("reached without TLS") })
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL, http.StatusFound)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of the client that does not trust it
	s.StartTLS()
	defer s.Close()
	roots := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	c := newClient(t, egress.Options{AllowLoopback: true, TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}})
	_, err := get(t, c, s.URL)
	wantCode(t, err, egress.CodeRedirect)

	_, err = get(t, newClient(t, egress.Options{AllowLoopback: true}), s.URL)
	wantCode(t, err, egress.CodeFailed) // its certificate is nobody's
}

func TestBodies(t *testing.T) {
	const limit = 1000
	zeros := make([]byte, 10<<20)
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(zeros)
	_ = z.Close()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/fits":
			_, _ = w.Write(zeros[:limit])
		case "/one-more":
			_, _ = w.Write(zeros[:limit+1])
		case "/huge":
			_, _ = w.Write(zeros)
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		case "/header":
			for i := range 100 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 1000))
			}
		case "/torn":
			w.Header().Set("Content-Length", "500")
			_, _ = w.Write(zeros[:100])
		}
	})
	c := newClient(t, egress.Options{AllowLoopback: true, MaxBody: limit})
	if body, err := get(t, c, s.URL+"/fits"); err != nil || len(body) != limit {
		t.Errorf("a body of the limit: %d bytes, %v", len(body), err)
	}
	for path, want := range map[string]string{"/one-more": egress.CodeTooLarge, "/huge": egress.CodeTooLarge, "/bomb": egress.CodeTooLarge,
		"/header": egress.CodeFailed, "/torn": egress.CodeFailed} {
		body, err := get(t, c, s.URL+path)
		wantCode(t, err, want)
		if (want == egress.CodeTooLarge) != errors.Is(err, egress.ErrTooLarge) {
			t.Errorf("%s: %v", path, err)
		}
		if len(body) > limit {
			t.Errorf("%s: %d bytes were given", path, len(body))
		}
	}
}

func TestSlowServers(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			_, _ = io.WriteString(w, "first bytes")
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done() // until the client has had enough
	})
	c := newClient(t, egress.Options{AllowLoopback: true, Timeout: 100 * time.Millisecond})
	for _, path := range []string{"/header", "/body"} {
		_, err := get(t, c, s.URL+path)
		wantCode(t, err, egress.CodeFailed)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if _, err := c.Do(r); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who went away gets %v", err)
	}
}

func TestErrorsDoNotRepeatTheAddress(t *testing.T) {
	c := newClient(t, egress.Options{Resolver: egresstest.Resolver(t, nil)})
	for _, url := range []string{"http://ada:secret@example.org/canary", "http://127.0.0.1/canary?q=canary", "http://example.org/canary"} {
		_, err := get(t, c, url)
		if err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "secret") {
			t.Errorf("error = %v", err)
		}
	}
}
