package enrich

import (
	"context"

	"github.com/botimum/botimum/internal/egress"
)

// gravatar asks Gravatar's profiles by the SHA-256 of an address
// (docs.gravatar.com/rest-api, version 3), and for a picture by the same.
type gravatar struct {
	out           *egress.Client
	api, pictures string
	secret        string // raises the limit from 100 to 1000 an hour; may be empty
}

func (gravatar) asks() []string { return []string{AsksSHA256} }
func (gravatar) host() string   { return "gravatar.com" }

func (g gravatar) look(ctx context.Context, q question) (answer, error) {
	d := declared{out: g.out, secret: g.secret, Definition: Definition{URL: g.api + "/profiles/{email_sha256}", Confidence: 0.7,
		Mapping: map[string]string{"first_name": "first_name", "last_name": "last_name", "name": "display_name", "company": "company", "title": "job_title", "url": "profile_url"}}}
	if g.secret != "" {
		d.Headers = []Header{{"Authorization", "Bearer {secret}"}}
	}
	a, err := d.look(ctx, q)
	if err != nil {
		return a, err
	}
	a.picture = q.fillURL(g.pictures + "/avatar/{email_sha256}?s=256&d=404")
	return a, nil
}

// libravatar asks for a picture alone, by the SHA-256 of an address
// (wiki.libravatar.org/api). With that hash it does not ask Gravatar in its turn.
type libravatar struct {
	out      *egress.Client
	pictures string
}

func (libravatar) asks() []string { return []string{AsksSHA256} }
func (libravatar) host() string   { return "libravatar.org" }

func (l libravatar) look(_ context.Context, q question) (answer, error) {
	return answer{picture: q.fillURL(l.pictures + "/avatar/{email_sha256}?s=256&d=404"), confidence: 0.7}, nil
}

// fetch gets a picture.
func fetch(ctx context.Context, out *egress.Client, address string) ([]byte, error) {
	return exchange(ctx, out, call{method: "GET", url: address, accept: "image/png, image/jpeg, image/gif", takes: isImage})
}
