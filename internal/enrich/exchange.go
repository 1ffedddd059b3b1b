package enrich

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/fault"
)

const (
	maxAnswer    = 512 << 10 // bytes of an answer
	defaultLimit = 10 * time.Second
	longestWait  = 24 * time.Hour
	keyWait      = time.Hour // after a refused key or an empty account
	busyWait     = time.Minute
)

// call is one request, and what its answer must be.
type call struct {
	method, url, body string
	headers           []Header
	limit             time.Duration
	accept            string                      // the header
	takes             func(mediaType string) bool // what is read
}

func (c call) request(ctx context.Context) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, c.method, c.url, strings.NewReader(c.body))
	if err != nil {
		return nil, &failure{code: egress.CodeURL} // the error's text holds the address
	}
	r.Header.Set("Accept", c.accept)
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range c.headers {
		r.Header.Set(h.Name, h.Value)
	}
	return r, nil
}

// exchange makes a request, and gives the answer's body.
func exchange(ctx context.Context, out *egress.Client, c call) ([]byte, error) {
	if c.limit <= 0 {
		c.limit = defaultLimit
	}
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	r, err := c.request(ctx)
	if err != nil {
		return nil, err
	}
	res, err := out.Do(r)
	if err != nil {
		return nil, failed(err)
	}
	defer res.Body.Close()
	if f := refused(res); f != nil {
		return nil, f
	}
	mediaType, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if !c.takes(mediaType) {
		return nil, &failure{code: "answer_wrong_type"}
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, failed(err)
	}
	if len(body) > maxAnswer {
		return nil, &failure{code: egress.CodeTooLarge}
	}
	return body, nil
}

// codeMayNotSay is the outcome where the source was told by law, or by the person, to
// say nothing of them (RFC 7725).
const codeMayNotSay = "provider_may_not_say"

// errUnknown says that the provider knows nobody by that.
var errUnknown = &failure{code: OutcomeUnknown}

// refused reads an answer's status: nil where there is something to read.
func refused(res *http.Response) *failure {
	switch s := res.StatusCode; {
	case s == http.StatusOK || s == http.StatusCreated:
		return nil
	case s == http.StatusAccepted:
		return &failure{code: "provider_pending", again: true, wait: retryAfter(res, busyWait)}
	case s == http.StatusNotFound || s == http.StatusNoContent || s == http.StatusGone:
		return errUnknown
	case s == http.StatusUnavailableForLegalReasons:
		return &failure{code: codeMayNotSay}
	case s == http.StatusUnauthorized:
		return &failure{code: "provider_key_refused", again: true, block: true, wait: keyWait}
	case s == http.StatusPaymentRequired:
		return &failure{code: "provider_payment_required", again: true, block: true, wait: keyWait}
	case s == http.StatusForbidden || s == http.StatusTooManyRequests: // some say 403 where they mean 429
		return &failure{code: "provider_busy", again: true, block: true, wait: retryAfter(res, busyWait)}
	case s >= 500:
		return &failure{code: "provider_down", again: true, wait: retryAfter(res, 0)}
	}
	return &failure{code: "provider_refused"}
}

// retryAfter reads the header of that name (RFC 9110 section 10.2.3), within a day.
func retryAfter(res *http.Response, otherwise time.Duration) time.Duration {
	said := res.Header.Get("Retry-After")
	wait := otherwise
	if n, err := strconv.Atoi(said); err == nil && n > 0 {
		wait = time.Duration(min(n, int(longestWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(said); err == nil {
		if now, err := http.ParseTime(res.Header.Get("Date")); err == nil && at.After(now) {
			wait = at.Sub(now)
		}
	}
	return min(wait, longestWait)
}

// failed reads an error of the network: what can never be reached is not tried again.
func failed(err error) error {
	f := fault.As(err)
	switch {
	case f == nil && errors.Is(err, context.DeadlineExceeded):
		return &failure{code: "provider_slow", again: true}
	case f == nil:
		return err
	case f.Code == egress.CodeFailed:
		return &failure{code: f.Code, again: true}
	}
	return &failure{code: f.Code}
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")
}

func isImage(mediaType string) bool { return strings.HasPrefix(mediaType, "image/") }

func isHTML(mediaType string) bool {
	return mediaType == "text/html" || mediaType == "application/xhtml+xml"
}
