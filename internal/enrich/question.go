package enrich

import (
	"context"
	"crypto/md5" //nolint:gosec // some providers take no other hash
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The sorts of data that may leave.
const (
	AsksEmail  = "email"
	AsksSHA256 = "email_sha256"
	AsksMD5    = "email_md5"
	AsksDomain = "domain"
	AsksName   = "name"
)

func sorts() []string { return []string{AsksEmail, AsksSHA256, AsksMD5, AsksDomain, AsksName} }

// question is what may be said of a person: an address that somebody vouched for,
// the domain where it is a company's, and the name.
type question struct{ email, domain, name string }

// of gives a sort of data; "" where there is none.
func (q question) of(sort string) string {
	email := strings.ToLower(strings.TrimSpace(q.email))
	switch {
	case sort == AsksDomain:
		return q.domain
	case sort == AsksName:
		return q.name
	case email == "":
		return ""
	case sort == AsksSHA256:
		sum := sha256.Sum256([]byte(email))
		return hex.EncodeToString(sum[:])
	case sort == AsksMD5:
		sum := md5.Sum([]byte(email)) //nolint:gosec // as above
		return hex.EncodeToString(sum[:])
	}
	return email
}

// has tells whether everything is there that is asked for.
func (q question) has(asks []string) bool {
	return !slices.ContainsFunc(asks, func(sort string) bool { return q.of(sort) == "" })
}

// answer is what a provider says.
type answer struct {
	fields  map[string]string // as they are mapped
	picture string            // where one is
	// pictureStays says that there may be one still, which could not be had now.
	pictureStays bool
	url          string // where it can be seen
	confidence   float64
}

// isEmpty tells whether nothing was found.
func (a answer) isEmpty() bool { return len(a.fields) == 0 && a.picture == "" }

// failure is why a question came to nothing.
type failure struct {
	code  string        // a word
	wait  time.Duration // until the next attempt; 0: as attempts go
	again bool          // whether there is a next attempt
	block bool          // whether the provider is to be left alone meanwhile
}

// Error gives the word.
func (f *failure) Error() string { return "enrich: " + f.code }

// gone tells whether the source says nothing of the person any more.
func (f *failure) gone() bool { return f == errUnknown || f.code == codeMayNotSay }

// source is somewhere people are looked up.
type source interface {
	// asks says which sorts of data leave.
	asks() []string
	// host says to whom, in words that hold nothing personal.
	host() string
	// look asks. Its errors are failures, or the context's.
	look(ctx context.Context, q question) (answer, error)
}

var placeholder = regexp.MustCompile(`\{([a-z0-9_]+)\}`)

// named gives the sorts of data that templates name, each once.
func named(templates ...string) []string {
	var out []string
	for _, t := range templates {
		for _, m := range placeholder.FindAllStringSubmatch(t, -1) {
			if slices.Contains(sorts(), m[1]) {
				out = append(out, m[1])
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// fill puts what is known in the places of a template, written by escape.
func (q question) fill(template string, escape func(string) string) string {
	return placeholder.ReplaceAllStringFunc(template, func(m string) string {
		sort := strings.Trim(m, "{}")
		if !slices.Contains(sorts(), sort) {
			return m
		}
		return escape(q.of(sort))
	})
}

// fillURL puts what is known into an address.
func (q question) fillURL(template string) string { return q.fill(template, url.QueryEscape) }

// domainOf gives the domain of an address; "" where everybody may have one there.
func domainOf(email string, isPublic func(domain string) bool) string {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return ""
	}
	domain := strings.ToLower(strings.TrimSpace(email[at+1:]))
	if domain == "" || !strings.Contains(domain, ".") || strings.ContainsAny(domain, "[]:/") || isPublic(domain) {
		return ""
	}
	return domain
}
