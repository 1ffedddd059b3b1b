package blob

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
)

// bucket keeps files in a bucket of a server that speaks S3. Its address comes from
// the administrator, as those of the databases do, and may be in a private network: so
// it is not asked through egress, which is for addresses that others give.
type bucket struct {
	at     *url.URL // of the bucket, with the slash
	prefix string   // of every file's key in it
	region string
	creds  aws.Credentials
	temp   string
	clock  clock.Clock
	http   *http.Client
	signer *v4.Signer
	pause  func(ctx context.Context, try int) error
}

const (
	dialLimit   = 5 * time.Second
	answerLimit = 20 * time.Second // for the answer to begin, once all was sent
	wholeLimit  = 5 * time.Minute
	tries       = 4
	maxProblem  = 64 << 10 // bytes of an error that are read
	maxListing  = 4 << 20
)

func newBucket(u *url.URL, d Deps) (*bucket, error) {
	secret, ok := u.User.Password()
	if !ok || u.User.Username() == "" || u.Host == "" {
		return nil, errors.New("blob: the URL must be s3://KEY:SECRET@bucket")
	}
	region := u.Query().Get("region")
	if region == "" {
		region = "us-east-1"
	}
	at := &url.URL{Scheme: "https", Host: u.Host + ".s3." + region + ".amazonaws.com", Path: "/"}
	if endpoint := u.Query().Get("endpoint"); endpoint != "" {
		e, err := url.Parse(endpoint)
		if err != nil || e.Host == "" || e.Scheme != "http" && e.Scheme != "https" {
			return nil, errors.New("blob: the endpoint must be https://host or http://host")
		}
		at = &url.URL{Scheme: e.Scheme, Host: e.Host, Path: strings.TrimSuffix(e.Path, "/") + "/" + u.Host + "/"}
	} else if strings.Contains(u.Host, ".") { // whose certificate would not fit
		at = &url.URL{Scheme: "https", Host: "s3." + region + ".amazonaws.com", Path: "/" + u.Host + "/"}
	}
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &bucket{at: at, prefix: prefix, region: region, temp: d.Temp, clock: d.Clock, pause: pause,
		creds:  aws.Credentials{AccessKeyID: u.User.Username(), SecretAccessKey: secret},
		signer: v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }), http: client()}, nil
}

// client asks the bucket's server alone: no proxy from the environment, no redirect,
// which would carry a signature elsewhere.
func client() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy, t.ResponseHeaderTimeout, t.TLSHandshakeTimeout, t.MaxIdleConnsPerHost = nil, answerLimit, dialLimit, 16
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Put sends a file once all of it is here: a signature is over its bytes and their
// number.
func (b *bucket) Put(ctx context.Context, name string, from io.Reader) error {
	if err := checkName(name); err != nil {
		return err
	}
	s, err := spool(ctx, b.temp, from)
	if err != nil {
		return err
	}
	defer s.Close()
	res, err := b.do(ctx, call{method: http.MethodPut, path: b.prefix + name, body: s})
	if err != nil {
		return err
	}
	return closed(res)
}

// Get asks for a file.
func (b *bucket) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	res, err := b.do(ctx, call{method: http.MethodGet, path: b.prefix + name}) //nolint:bodyclose // who reads the file closes it
	if err != nil {
		return nil, err
	}
	return body{res.Body}, nil
}

func (b *bucket) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	res, err := b.do(ctx, call{method: http.MethodDelete, path: b.prefix + name})
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return closed(res)
}

// listing is the answer of ListObjectsV2.
type listing struct {
	Contents []struct {
		Key          string
		LastModified time.Time
	}
	IsTruncated           bool
	NextContinuationToken string
}

func (b *bucket) List(ctx context.Context, each func(Entry) error) error {
	query := url.Values{"list-type": {"2"}, "prefix": {b.prefix}}
	for {
		page, err := b.page(ctx, query)
		if err != nil {
			return err
		}
		for _, c := range page.Contents {
			name := strings.TrimPrefix(c.Key, b.prefix)
			if checkName(name) != nil {
				continue // somebody else's
			}
			if err := each(Entry{name, c.LastModified}); err != nil {
				return err
			}
		}
		if !page.IsTruncated || page.NextContinuationToken == "" {
			return nil
		}
		query.Set("continuation-token", page.NextContinuationToken)
	}
}

func (b *bucket) page(ctx context.Context, query url.Values) (page listing, err error) {
	res, err := b.do(ctx, call{method: http.MethodGet, query: query})
	if err != nil {
		return page, err
	}
	err = xml.NewDecoder(io.LimitReader(res.Body, maxListing)).Decode(&page)
	if err = errors.Join(err, closed(res)); err != nil {
		return page, unavailable(err)
	}
	return page, nil
}

// spooled is a file on its way, with the hash that its signature is over.
type spooled struct {
	*os.File
	size int64
	hash string
}

// spool takes what comes into a file that has no name any more: it is gone when the
// process is.
func spool(ctx context.Context, temp string, from io.Reader) (*spooled, error) {
	f, err := os.CreateTemp(temp, partial+"*")
	if err != nil {
		return nil, unavailable(err)
	}
	s := &spooled{File: f}
	if err := os.Remove(f.Name()); err != nil {
		return nil, unavailable(errors.Join(err, f.Close()))
	}
	in := &source{ctx: ctx, r: from}
	sum := newHash()
	s.size, err = io.Copy(io.MultiWriter(f, sum), in)
	if in.err != nil {
		err = in.err
	} else if err != nil {
		err = unavailable(err)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s.hash = fmt.Sprintf("%x", sum.Sum(nil))
	return s, nil
}

// body has what breaks off said in our words.
type body struct{ io.ReadCloser }

func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = unavailable(err)
	}
	return n, err
}

func closed(res *http.Response) error {
	_, err := io.Copy(io.Discard, io.LimitReader(res.Body, maxProblem)) // so that the connection is used again
	return errors.Join(err, res.Body.Close())
}
