package blob

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
)

const accessKey, secretKey = "AKIABOTIMUM", "s/ecret+key="

// server is a real S3-speaking server, before which stands what checks signatures and
// what goes wrong on purpose.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	broken func(w http.ResponseWriter, r *http.Request) bool // tells whether it answered
	asked  atomic.Int64
}

func startS3(t *testing.T) *server {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	fake := gofakes3.New(backend).Server()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		if code := wrongSignature(r); code != "" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `<?xml version="1.0"?><Error><Code>`+code+`</Code><Message>/files/wsp_1</Message></Error>`)
			return
		}
		s.mu.Lock()
		broken := s.broken
		s.mu.Unlock()
		if broken == nil || !broken(w, r) {
			fake.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// wrongSignature signs a request anew with the right key, and says what differs.
func wrongSignature(r *http.Request) string {
	given := r.Header.Get("Authorization")
	if !strings.Contains(given, "Credential="+accessKey+"/") {
		return "InvalidAccessKeyId"
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return "AccessDenied"
	}
	again := &http.Request{Method: r.Method, URL: &url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawQuery: r.URL.RawQuery}, Host: r.Host,
		ContentLength: r.ContentLength, Header: http.Header{"X-Amz-Content-Sha256": r.Header["X-Amz-Content-Sha256"]}}
	if kind := r.Header.Get("Content-Type"); kind != "" {
		again.Header.Set("Content-Type", kind)
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	err = signer.SignHTTP(r.Context(), aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}, again, r.Header.Get("X-Amz-Content-Sha256"), "s3", "eu-central-1", at)
	if err != nil || again.Header.Get("Authorization") != given {
		return "SignatureDoesNotMatch"
	}
	return ""
}

func (s *server) breaking(broken func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = broken
	s.asked.Store(0)
}

// store opens the bucket; what is given replaces parts of the URL, from and to.
func (s *server) store(t *testing.T, prefix string, replaced ...string) *bucket {
	t.Helper()
	raw := "s3://" + url.UserPassword(accessKey, secretKey).String() + "@files" + prefix + "?endpoint=" + url.QueryEscape(s.URL) + "&region=eu-central-1"
	opened, err := Open(Deps{URL: strings.NewReplacer(replaced...).Replace(raw), Temp: t.TempDir(), Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	b := opened.(*bucket)
	b.pause = func(ctx context.Context, _ int) error { return ctx.Err() }
	t.Cleanup(b.http.CloseIdleConnections)
	return b
}

func TestBucketsShareAServer(t *testing.T) {
	s := startS3(t)
	one, two := s.store(t, "/one"), s.store(t, "/two/files")
	put(t, one, "wsp_1/fil_1", "one")
	put(t, two, "wsp_1/fil_1", "two")
	put(t, s.store(t, ""), "other", "somebody else's")
	if get(t, one, "wsp_1/fil_1") != "one" || get(t, two, "wsp_1/fil_1") != "two" {
		t.Error("two prefixes are one")
	}
	if got := list(t, one); !slices.Equal(got, []string{"wsp_1/fil_1"}) {
		t.Errorf("there is %v", got)
	}
}

func TestLongListings(t *testing.T) {
	b := startS3(t).store(t, "/p")
	var want []string
	for i := range 1203 { // a page holds a thousand
		name := "wsp_1/fil_" + strings.Repeat("0", 4-len(itoa(i))) + itoa(i)
		put(t, b, name, "x")
		want = append(want, name)
	}
	if got := list(t, b); !slices.Equal(got, want) {
		t.Errorf("%d files are listed of %d", len(got), len(want))
	}
}

func itoa(i int) string {
	if i < 10 {
		return string(rune('0' + i))
	}
	return itoa(i/10) + string(rune('0'+i%10))
}

func TestWrongCredentials(t *testing.T) {
	s := startS3(t)
	for what, c := range map[string]struct {
		replaced []string
		code     string
	}{
		"another key":    {[]string{accessKey, "AKIASOMEBODY"}, "InvalidAccessKeyId"},
		"another secret": {[]string{"ecret", "ekret"}, "SignatureDoesNotMatch"},
		"another region": {[]string{"eu-central-1", "eu-west-1"}, "SignatureDoesNotMatch"},
		"another bucket": {[]string{"@files", "@elsewhere"}, "NoSuchBucket"},
	} {
		s.breaking(nil)
		err := Check(t.Context(), s.store(t, "", c.replaced...))
		if f := fault.As(err); f == nil || f.Code != CodeUnavailable || !strings.Contains(err.Error(), c.code) {
			t.Errorf("%s: %v", what, err)
		}
		for _, secret := range []string{"ecret", "wsp_1", s.URL} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error tells %q: %v", what, secret, err)
			}
		}
		if s.asked.Load() > 1 {
			t.Errorf("%s: asked %d times, though the answer will stay", what, s.asked.Load())
		}
	}
}

func TestWhatFailsIsTriedAgain(t *testing.T) {
	s := startS3(t)
	b := s.store(t, "")
	fails := func(times int64, how func(w http.ResponseWriter)) {
		s.breaking(func(w http.ResponseWriter, _ *http.Request) bool {
			if s.asked.Load() > times {
				return false
			}
			how(w)
			return true
		})
	}
	status := func(code int) func(http.ResponseWriter) { return func(w http.ResponseWriter) { w.WriteHeader(code) } }
	hangup := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	for what, how := range map[string]func(http.ResponseWriter){"500": status(500), "503": status(503), "429": status(429), "a hang-up": hangup} {
		fails(tries-1, how)
		put(t, b, "wsp_1/fil_1", "came through")
		fails(tries-1, how)
		if got := get(t, b, "wsp_1/fil_1"); got != "came through" {
			t.Errorf("%s: got %q", what, got)
		}
		fails(tries, how)
		if err := b.Delete(t.Context(), "wsp_1/fil_1"); fault.As(err) == nil || fault.As(err).Code != CodeUnavailable {
			t.Errorf("%s for good: %v", what, err)
		}
	}
	fails(1, func(w http.ResponseWriter) {
		http.Redirect(w, &http.Request{Method: http.MethodGet}, "http://127.0.0.1:1/", http.StatusFound)
	})
	if _, err := b.Get(t.Context(), "wsp_1/fil_1"); err == nil {
		t.Error("a redirect was followed")
	}
}

// A body that ends early is no file.
func TestAnswersThatBreakOff(t *testing.T) {
	s := startS3(t)
	b := s.store(t, "")
	put(t, b, "wsp_1/fil_1", "whole")
	s.breaking(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", "5")
		_, _ = io.WriteString(w, "wh")
		return true
	})
	body, err := b.Get(t.Context(), "wsp_1/fil_1")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if _, err := io.ReadAll(body); fault.As(err) == nil || fault.As(err).Code != CodeUnavailable {
		t.Errorf("got %v", err)
	}
	s.breaking(func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = io.WriteString(w, `<ListBucketResult><Contents><Key>wsp_1/`)
		return true
	})
	if err := b.List(t.Context(), func(Entry) error { return nil }); err == nil {
		t.Error("half a list passes for a whole one")
	}
}

// Who waits for a slow server is let go when their own request ends.
func TestSlowServers(t *testing.T) {
	s := startS3(t)
	b := s.store(t, "")
	asked, release := make(chan struct{}, 10), make(chan struct{})
	s.breaking(func(_ http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-release
		return false
	})
	defer close(release)
	for what, do := range map[string]func(ctx context.Context) error{
		"Get":    func(ctx context.Context) error { _, err := b.Get(ctx, "wsp_1/fil_1"); return err },
		"Put":    func(ctx context.Context) error { return b.Put(ctx, "wsp_1/fil_1", strings.NewReader("x")) },
		"Delete": func(ctx context.Context) error { return b.Delete(ctx, "wsp_1/fil_1") },
		"List":   func(ctx context.Context) error { return b.List(ctx, func(Entry) error { return nil }) },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- do(ctx) }()
		<-asked
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestURLsOfBuckets(t *testing.T) {
	for raw, want := range map[string]string{
		"s3://k:s@files?region=eu-central-1":                         "https://files.s3.eu-central-1.amazonaws.com/",
		"s3://k:s@my.files":                                          "https://s3.us-east-1.amazonaws.com/my.files/",
		"s3://k:s@files?endpoint=http://10.0.0.7:9000":               "http://10.0.0.7:9000/files/",
		"s3://k:s@files/p?endpoint=https://example.org/s3/&region=x": "https://example.org/s3/files/",
		"s3://files": "", "s3://k@files": "", "s3://k:s@": "", "s3://k:s@files?endpoint=files.example.org": "", "http://k:s@files": "", "": "",
	} {
		s, err := Open(Deps{URL: raw, Clock: clock.System{}})
		if err != nil || want == "" {
			if err == nil || want != "" || strings.Contains(err.Error(), "k:s") {
				t.Errorf("%s: %v", raw, err)
			}
			continue
		}
		if got := s.(*bucket).at.String(); got != want {
			t.Errorf("%s is at %s, not at %s", raw, got, want)
		}
	}
}

// The longest wait is bounded, and reading goes on while the server still sends.
func TestSlowBodiesArrive(t *testing.T) {
	s := startS3(t)
	b := s.store(t, "")
	text := strings.Repeat("slow ", 1000)
	if err := b.Put(t.Context(), "wsp_1/fil_1", iotest.OneByteReader(strings.NewReader(text))); err != nil {
		t.Fatal(err)
	}
	if got := get(t, b, "wsp_1/fil_1"); got != text {
		t.Errorf("%d bytes came back", len(got))
	}
}
