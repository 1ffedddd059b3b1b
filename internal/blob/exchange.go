package blob

import (
	"context"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/botimum/botimum/internal/fault"
)

func newHash() hash.Hash { return sha256.New() }

// emptyHash is the SHA-256 of nothing.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// call is something that a bucket is asked for. It may be repeated: all of them leave
// the same behind however often they are made.
type call struct {
	method, path string
	query        url.Values
	body         *spooled
}

// do makes a call, and makes it again where the other side was not there or has too
// much to do. An answer that says no is an error here.
func (b *bucket) do(ctx context.Context, c call) (*http.Response, error) {
	for try := 1; ; try++ {
		res, err := b.once(ctx, c)
		var failed *refusal
		again := err != nil && (!errors.As(err, &failed) || failed.again())
		switch {
		case err == nil:
			return res, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case failed != nil && failed.status == http.StatusNotFound && failed.code != "NoSuchBucket":
			return nil, fault.NotFound("file")
		case !again || try == tries:
			return nil, unavailable(err)
		}
		if err := b.pause(ctx, try); err != nil {
			return nil, err
		}
	}
}

// pause waits a quarter of a second, then twice and four times that.
func pause(ctx context.Context, try int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(250 * time.Millisecond << (try - 1)):
		return nil
	}
}

func (b *bucket) once(ctx context.Context, c call) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, wholeLimit)
	r, err := b.request(ctx, c)
	if err != nil {
		cancel()
		return nil, err
	}
	res, err := b.http.Do(r)
	if err != nil {
		cancel()
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // the address names a file
		}
		return nil, err
	}
	if res.StatusCode/100 != 2 {
		defer cancel()
		return nil, errors.Join(refused(res), closed(res))
	}
	res.Body = ending{res.Body, cancel}
	return res, nil
}

func (b *bucket) request(ctx context.Context, c call) (*http.Request, error) {
	u := *b.at
	u.Path += c.path
	u.RawQuery = c.query.Encode()
	r, err := http.NewRequestWithContext(ctx, c.method, u.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	sum := emptyHash
	if c.body != nil {
		sum = c.body.hash
		if c.body.size > 0 { // else its length would not be said
			r.Body = io.NopCloser(io.NewSectionReader(c.body, 0, c.body.size))
			r.ContentLength = c.body.size
		}
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	r.Header.Set("X-Amz-Content-Sha256", sum)
	return r, b.signer.SignHTTP(ctx, b.creds, r, sum, "s3", b.region, b.clock.Now())
}

// ending ends an exchange's context with its body.
type ending struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (e ending) Close() error {
	defer e.cancel()
	return e.ReadCloser.Close()
}

// refusal is an answer that says no.
type refusal struct {
	status int
	code   string // S3's own word, such as SignatureDoesNotMatch
}

func (r *refusal) Error() string {
	return fmt.Sprintf("the server of the bucket answered %d %s", r.status, r.code)
}

// again tells whether the same may be granted in a moment.
func (r *refusal) again() bool {
	return r.status >= 500 || r.status == http.StatusTooManyRequests || r.status == http.StatusRequestTimeout || r.code == "RequestTimeout" || r.code == "SlowDown"
}

// refused reads S3's code out of an answer; its message can name what was asked for.
func refused(res *http.Response) error {
	var said struct{ Code string }
	_ = xml.NewDecoder(io.LimitReader(res.Body, maxProblem)).Decode(&said) // a proxy's answer has none
	return &refusal{res.StatusCode, said.Code}
}
