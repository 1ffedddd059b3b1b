package enrich

import (
	"context"
	"encoding/json"
	"net/netip"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/fault"
)

// Definition says how an API is asked about people, and what its answer means.
type Definition struct {
	URL             string            `json:"url" minLength:"1" maxLength:"1000" doc:"https, with {email}, {email_sha256}, {email_md5}, {domain} or {name} where they belong; not in the host." example:"https://api.example.org/people?email={email}"`
	Method          string            `json:"method,omitempty" enum:"GET,POST" default:"GET"`
	Headers         []Header          `json:"headers,omitempty" maxItems:"10"`
	Body            string            `json:"body,omitempty" maxLength:"2000" doc:"JSON, for POST, with the same places."`
	Mapping         map[string]string `json:"mapping" doc:"Where in the answer something stands: first_name, last_name, name, avatar_url, company, company_domain, title or url, each with a path such as data.name.given or people.0.name."`
	ConfidencePath  string            `json:"confidence_path,omitempty" maxLength:"200" doc:"Where the answer says how sure it is."`
	ConfidenceScale float64           `json:"confidence_scale,omitempty" minimum:"0" maximum:"1000" doc:"What that is divided by to be between 0 and 1, such as 100."`
	Confidence      float64           `json:"confidence,omitempty" minimum:"0" maximum:"1" doc:"How sure it is where the answer does not say."`
	TimeoutSeconds  int               `json:"timeout_seconds,omitempty" minimum:"0" maximum:"30" doc:"10 if absent."`
}

// Header is a header that each request carries. {secret} in its value is the
// provider's secret.
type Header struct {
	Name  string `json:"name" minLength:"1" maxLength:"60" example:"Authorization"`
	Value string `json:"value" maxLength:"300" example:"Bearer {secret}"`
}

// mapped are what an answer may be mapped to, with how long each may be.
var mapped = map[string]int{"first_name": 100, "last_name": 100, "name": 200, "company": 200, "company_domain": 253, "title": 200, "avatar_url": 1000, "url": 1000}

var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,59}$`)

// forbidden are headers that are not for a definition to set.
var forbidden = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Cookie", "User-Agent", "Te", "Trailer", "Upgrade", "Expect"}

// check says everything that is wrong with a definition, by field. loopback lets
// addresses of this machine do without https.
func (d Definition) check(out *egress.Client, loopback bool) []fault.FieldError {
	var bad []fault.FieldError
	say := func(field, detail string) {
		bad = append(bad, fault.FieldError{Field: "definition." + field, Detail: detail})
	}
	if problem := checkURL(d.URL, out, loopback); problem != "" {
		say("url", problem)
	}
	if len(named(d.URL, d.Body)) == 0 {
		say("url", "must name what is asked by: {email}, {email_sha256}, {email_md5}, {domain} or {name}, here or in the body")
	}
	if d.Method != "" && d.Method != "GET" && d.Method != "POST" {
		say("method", "must be GET or POST")
	}
	if d.Body != "" && (d.Method != "POST" || !json.Valid([]byte(question{email: "a@b.example", domain: "b.example", name: "A"}.fill(d.Body, inJSON)))) {
		say("body", "must be JSON, and only with POST; places stand inside of quotes")
	}
	for _, h := range d.Headers {
		if !headerName.MatchString(h.Name) || slices.Contains(forbidden, textproto.CanonicalMIMEHeaderKey(h.Name)) || strings.ContainsFunc(h.Value, func(r rune) bool { return r < ' ' || r > '~' }) {
			say("headers", "hold one that cannot be sent")
		}
	}
	if len(d.Mapping) == 0 {
		say("mapping", "must say where at least one field stands")
	}
	for field, path := range d.Mapping {
		if _, known := mapped[field]; !known || !pathForm.MatchString(path) {
			say("mapping", "takes first_name, last_name, name, avatar_url, company, company_domain, title and url, each with a path such as data.name.given")
			break
		}
	}
	if d.ConfidencePath != "" && !pathForm.MatchString(d.ConfidencePath) {
		say("confidence_path", "must be a path such as data.score")
	}
	return bad
}

func checkURL(raw string, out *egress.Client, loopback bool) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || len(raw) > 1000:
		return "must be an address such as https://api.example.org/people?email={email}"
	case strings.ContainsAny(u.Host, "{}") || u.User != nil || u.Fragment != "":
		return "must not have a place in its host, a user name, or a part behind #"
	case strings.Contains(raw, "{secret}"):
		return "must not hold the secret, which would be in logs of others; put it into a header"
	case u.Scheme != "https" && (!loopback || u.Scheme != "http" || !isLoopback(u.Hostname())):
		return "must begin with https://"
	}
	if err := out.Check(u); err != nil {
		return "must lead to a public host, on port 443"
	}
	return ""
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || strings.EqualFold(host, "localhost")
}

// inJSON writes a text as it stands between quotes.
func inJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return strings.Trim(string(b), `"`)
}

// declared is a source by its definition.
type declared struct {
	Definition
	out    *egress.Client
	secret string
}

func (d declared) asks() []string { return named(d.URL, d.Body) }

func (d declared) host() string {
	u, err := url.Parse(d.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func (d declared) look(ctx context.Context, q question) (answer, error) {
	c := call{method: d.Method, url: q.fillURL(d.URL), body: q.fill(d.Body, inJSON), limit: time.Duration(d.TimeoutSeconds) * time.Second,
		accept: "application/json", takes: isJSON}
	if c.method == "" {
		c.method = "GET"
	}
	for _, h := range d.Headers {
		c.headers = append(c.headers, Header{h.Name, strings.ReplaceAll(h.Value, "{secret}", d.secret)})
	}
	body, err := exchange(ctx, d.out, c)
	if err != nil {
		return answer{}, err
	}
	v, err := decode(body)
	if err != nil {
		return answer{}, err
	}
	return d.read(v), nil
}

// read gives what the mapping finds in an answer.
func (d declared) read(v any) answer {
	a := answer{fields: map[string]string{}, confidence: d.Confidence}
	for field, path := range d.Mapping {
		if text := textAt(v, path, mapped[field]); text != "" {
			a.fields[field] = text
		}
	}
	if n, is := numberAt(v, d.ConfidencePath); is {
		scale := d.ConfidenceScale
		if scale <= 0 {
			scale = 1
		}
		a.confidence = min(max(n/scale, 0), 1)
	}
	if seen := a.fields["url"]; strings.HasPrefix(seen, "https://") {
		a.url = seen
	}
	if picture := a.fields["avatar_url"]; strings.HasPrefix(picture, "http") {
		a.picture = picture
	}
	delete(a.fields, "url")
	delete(a.fields, "avatar_url")
	return a
}
