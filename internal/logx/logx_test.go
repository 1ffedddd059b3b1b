package logx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/id"
)

func TestRedact(t *testing.T) {
	personal := []string{
		"ada@example.com", "Ada.Lovelace+tag@mail.example.co.uk", "ada%40example.com", "møller@bücher.example", "user@localhost",
		"+49 30 1234567", "+4915112345678", "0049 30 1234567", "030/12345678", "(415) 555-0123", "415-555-0123", "+1 (415) 555-0123",
		"203.0.113.7", "10.1.2.3", "2001:db8::8a2e:370:7334", "fe80::1", "2001:db8::",
		"btm_3kf9Zx-abc_DEF", "Bearer abc.def-ghi", "bearer  QWxhZGRpbg==", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
	}
	for _, secret := range personal {
		for _, around := range []string{"%s", "from %s today", `{"value":"%s"}`, "to=<%s>", "it was %s, and then"} {
			got := Redact(fmt.Sprintf(around, secret))
			if strings.Contains(got, secret) || got != fmt.Sprintf(around, Redacted) {
				t.Errorf("Redact(%q) = %q", fmt.Sprintf(around, secret), got)
			}
		}
	}
	if got := Redact("dial 203.0.113.7:443 for ada@example.com: [2001:db8::1]:80."); got != "dial [redacted]:443 for [redacted]: [[redacted]]:80." {
		t.Errorf("several at once: %q", got)
	}
}

func TestHarmlessTextStays(t *testing.T) {
	harmless := []string{
		"", "listening on http://127.0.0.1:8080", "[::1]:8080", "0.0.0.0:80", "[::]:80", "GET /api/v1/contacts/{id} 200", "2026-11-24T21:31:49.123456Z",
		"21:31:49", "2026-11-24 21:31:49", "v1.26.8", "sequence 1234567890123", "1732483909123456", "con_01jdexsa0812345678900000zz", "took 12.345678ms",
		"6e340b9cffb37a989ca544e6bb780a2c", "sqlite:///var/lib/botimum/botimum.db", "50% of 12345678 rows", "schema 3, this one knows 2", "std::string",
		"a: b: c", "bytes=1048576 rows=1000000",
	}
	for _, text := range harmless {
		if got := Redact(text); got != text {
			t.Errorf("Redact(%q) = %q", text, got)
		}
	}
	for range 2000 {
		if text := id.New("msg"); Redact(text) != text || Redact("id "+text+".") != "id "+text+"." {
			t.Fatalf("an id is taken for something personal: %s", text)
		}
	}
}

type person struct{ Email, Name string }

func (p person) LogValue() slog.Value { return slog.StringValue(p.Email) }

// Every way by which a value can come into an entry is looked through.
func TestGuard(t *testing.T) {
	const canary = "ada@example.com"
	var none *slog.Logger
	for _, format := range []string{"text", "json"} {
		var out strings.Builder
		log := New(&out, Options{Format: format})
		log.Info("mail to "+canary, "plain", canary)
		log.Info("m", "error", fmt.Errorf("send: %w", errors.New("550 no "+canary)))
		log.Info("m", slog.Group("outer", slog.Group("inner", "mail", canary), "n", 7))
		log.Info("m", "valuer", person{Email: canary})
		log.Info("m", "struct", struct{ To string }{canary}, "list", []string{canary}, "map", map[string]string{"to": canary}, "bytes", []byte(canary))
		log.With("with", canary).WithGroup("g").With("inner", &person{Email: canary}).Info("m", "k", canary)
		log.Info("m", "nil", nil, "broken", (*brokenError)(nil), "logger", none)
		if strings.Contains(out.String(), "ada@") || strings.Contains(out.String(), "example.com") {
			t.Errorf("%s: %s", format, &out)
		}
		if n := strings.Count(out.String(), "\n"); n != 7 {
			t.Errorf("%s: %d lines", format, n)
		}
		if !strings.Contains(out.String(), "send: 550 no [redacted]") {
			t.Errorf("%s: the error lost its text: %s", format, &out)
		}
	}
}

type brokenError struct{ text string }

func (e *brokenError) Error() string { return e.text }

type key struct{}

func TestRequestIDAndLevel(t *testing.T) {
	var out strings.Builder
	log := New(&out, Options{Level: slog.LevelWarn, RequestID: func(ctx context.Context) string {
		s, _ := ctx.Value(key{}).(string)
		return s
	}})
	ctx := context.WithValue(t.Context(), key{}, "req_1")
	log.InfoContext(ctx, "too small")
	log.WarnContext(ctx, "with", "n", 1)
	log.Warn("without")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[0], "level=WARN msg=with n=1 request_id=req_1") || strings.Contains(lines[1], "request_id") {
		t.Errorf("got %q", lines)
	}
}

func BenchmarkGuard(b *testing.B) {
	log := New(discard{}, Options{Format: "json"})
	for b.Loop() {
		log.Info("request", "route", "/api/v1/conversations/{id}", "id", "con_01jdexsa0812345678900000zz", "status", 200, "took", time.Millisecond)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func ExampleGuard() {
	h := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	slog.New(Guard(h)).Info("refused", "to", "ada@example.com", "contact", "con_01")
	// Output: level=INFO msg=refused to=[redacted] contact=con_01
}
