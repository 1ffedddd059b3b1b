package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client speaks for a workspace. It is safe for concurrent use.
type Client struct {
	base  string
	key   string
	http  *http.Client
	tries int
}

// Option changes how a client works.
type Option func(*Client)

// WithHTTPClient has requests made by another HTTP client.
func WithHTTPClient(h *http.Client) Option { return func(c *Client) { c.http = h } }

// WithTries sets how often a request is tried when the network or the server
// fails; 3 unless it is said otherwise.
func WithTries(n int) Option { return func(c *Client) { c.tries = n } }

// New gives a client of the server at a base URL, such as
// https://support.example.com, with an API key.
func New(baseURL, apiKey string, options ...Option) *Client {
	c := &Client{base: strings.TrimRight(baseURL, "/") + "/api/v1", key: apiKey, http: &http.Client{Timeout: 30 * time.Second}, tries: 3}
	for _, o := range options {
		o(c)
	}
	return c
}

// Problem is what the server answers when it refuses (RFC 9457).
type Problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail"`
	Code   string       `json:"code"` // stable
	Errors []FieldError `json:"errors"`

	RetryAfter time.Duration `json:"-"` // 0: not said
}

// FieldError names a field that needs another look.
type FieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Error gives the problem in a sentence.
func (p *Problem) Error() string {
	text := fmt.Sprintf("botimum: %d %s: %s", p.Status, p.Code, p.Detail)
	for _, f := range p.Errors {
		text += "; " + f.Field + " " + f.Detail
	}
	return text
}

// IsCode tells whether an error is a problem with the code.
func IsCode(err error, code string) bool {
	var p *Problem
	return errors.As(err, &p) && p.Code == code
}

// List is a page of a list.
type List[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor"` // nil on the last page
}

// Page says which page of a list: Limit is 1 to 100 (0: 25), Cursor the one of
// the page before.
type Page struct {
	Limit  int
	Cursor string
}

func (p Page) query() url.Values {
	q := url.Values{}
	if p.Limit > 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	if p.Cursor != "" {
		q.Set("cursor", p.Cursor)
	}
	return q
}

// String gives a pointer to a text, for the fields of a change.
func String(s string) *string { return &s }

// Do makes a request that this package has no method for: path is below /api/v1,
// in is sent as JSON unless it is nil, and the answer is read into out unless it
// is nil.
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("botimum: %w", err)
		}
	}
	once := rand.Text()
	var err error
	for try := range max(c.tries, 1) {
		if try > 0 {
			if waitErr := pause(ctx, try, err); waitErr != nil {
				return waitErr
			}
		}
		if err = c.once(ctx, method, path, query, body, once, out); err == nil || !isWorthAnother(err) {
			return err
		}
	}
	return err
}

// isWorthAnother tells whether a request may succeed when it is repeated: the
// network failed, or the server was busy. A repeated POST is harmless.
func isWorthAnother(err error) bool {
	var p *Problem
	if errors.As(err, &p) {
		return p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable || p.Status == http.StatusBadGateway
	}
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

func pause(ctx context.Context, try int, last error) error {
	wait := time.Duration(1<<try) * 100 * time.Millisecond
	var p *Problem
	if errors.As(last, &p) && p.RetryAfter > wait {
		wait = p.RetryAfter
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

func (c *Client) once(ctx context.Context, method, path string, query url.Values, body []byte, idempotencyKey string, out any) error {
	req, err := c.request(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	if method == http.MethodPost {
		req.Header.Set("Idempotency-Key", idempotencyKey)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("botimum: %w", err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("botimum: %w", err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		return problemOf(res, raw)
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("botimum: the answer cannot be read: %w", err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, method, path string, query url.Values, body []byte) (*http.Request, error) {
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("botimum: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

func problemOf(res *http.Response, raw []byte) *Problem {
	p := &Problem{Status: res.StatusCode, Code: "unknown", Detail: http.StatusText(res.StatusCode)}
	_ = json.Unmarshal(raw, p) // what is not a problem document keeps the status
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
		p.RetryAfter = time.Duration(s) * time.Second
	}
	return p
}
