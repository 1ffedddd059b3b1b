package boards

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/fault"
)

// Who may see a board.
const (
	Public   = "public"   // everybody
	Contacts = "contacts" // who signed in
	Segment  = "segment"  // who signed in and is in a segment
	Private  = "private"  // operators
)

// Who may write posts.
const (
	PostedByContacts  = "contacts"
	PostedByOperators = "operators"
)

// What becomes of an erased person's contributions.
const (
	Anonymise = "anonymise" // their words stay, without them
	Remove    = "remove"    // their words go, too
)

// Board is where posts are.
type Board struct {
	ID             string      `json:"id" example:"brd_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Slug           string      `json:"slug" doc:"Its part of the public address."`
	Name           string      `json:"name"`
	Intro          string      `json:"intro" doc:"What stands on top, as Markdown."`
	Color          string      `json:"color"`
	Visibility     string      `json:"visibility" enum:"public,contacts,segment,private" doc:"Who reads it: everybody, contacts who signed in, those of a segment, or operators."`
	SegmentID      *string     `json:"segment_id" doc:"The segment that may read it, where the visibility is segment."`
	OnErasure      string      `json:"on_erasure" enum:"anonymise,remove" doc:"What becomes of the contributions of somebody who is erased. Their votes go either way, and stay counted where contributions are made anonymous."`
	Approval       bool        `json:"approval" doc:"Whether what contacts write waits until an operator publishes it."`
	Posting        string      `json:"posting" enum:"contacts,operators" doc:"Who may write posts; operators always may."`
	AnonymousVotes bool        `json:"anonymous_votes" doc:"Whether people vote who did not sign in."`
	Weight         BoardWeight `json:"weight" doc:"What votes weigh, for operators to sort by. The public pages know nothing of it."`
	Language       string      `json:"language" doc:"Of the pages; empty for the reader's." example:"en"`
	CSS            string      `json:"css" doc:"Of the pages, besides their own. What is not allowed there is left out when it is served."`
	Logo           string      `json:"logo" doc:"Names the picture; empty for none."`
	Domain         *string     `json:"domain" doc:"The host under which the pages are, besides their address here." example:"feedback.example.org"`
	Indexable      bool        `json:"indexable" doc:"Whether search engines may list a public board."`
	URL            string      `json:"url" doc:"Where the pages are."`
	Categories     []Category  `json:"categories" doc:"What posts are sorted by, in their order. Where a board declares some, a post's category is one of them; where it declares none, it is any word."`
	Statuses       []Status    `json:"statuses" doc:"What a post can be at, in the order of the roadmap. New posts are at the first one of the kind open."`
	ArchivedAt     *time.Time  `json:"archived_at"`
	CreatedAt      time.Time   `json:"created_at"`
	UpdatedAt      time.Time   `json:"updated_at"`
}

// Status is what a post can be at.
type Status struct {
	Key   string `json:"key" maxLength:"40" example:"planned"`
	Name  string `json:"name" maxLength:"60"`
	Color string `json:"color" maxLength:"7" example:"#0f766e"`
	Kind  string `json:"kind" enum:"open,planned,started,done,declined"`
}

// NewBoard says what a board is to be. What is left out gets the usual value.
type NewBoard struct {
	Name           string      `json:"name" minLength:"1" maxLength:"100"`
	Slug           string      `json:"slug,omitempty" maxLength:"60" doc:"Made from the name if absent."`
	Intro          string      `json:"intro,omitempty" maxLength:"5000"`
	Color          string      `json:"color,omitempty" maxLength:"7"`
	Visibility     string      `json:"visibility,omitempty" enum:"public,contacts,segment,private" doc:"private if absent: nothing is published by mistake."`
	SegmentID      string      `json:"segment_id,omitempty" maxLength:"64"`
	OnErasure      string      `json:"on_erasure,omitempty" enum:"anonymise,remove" doc:"remove if absent."`
	Approval       bool        `json:"approval,omitempty"`
	Posting        string      `json:"posting,omitempty" enum:"contacts,operators" doc:"contacts if absent."`
	AnonymousVotes bool        `json:"anonymous_votes,omitempty"`
	Weight         *WeightForm `json:"weight,omitempty" doc:"What votes weigh; one each if absent."`
	Language       string      `json:"language,omitempty" maxLength:"10"`
	CSS            string      `json:"css,omitempty" maxLength:"20000"`
	Domain         string      `json:"domain,omitempty" maxLength:"253"`
	Indexable      bool        `json:"indexable,omitempty"`
	Categories     []Category  `json:"categories,omitempty" maxItems:"50"`
	Statuses       []Status    `json:"statuses,omitempty" maxItems:"30"`
}

// BoardChange is what is to change of a board; nil leaves it.
type BoardChange struct {
	Name           *string     `json:"name,omitempty" maxLength:"100"`
	Slug           *string     `json:"slug,omitempty" maxLength:"60"`
	Intro          *string     `json:"intro,omitempty" maxLength:"5000"`
	Color          *string     `json:"color,omitempty" maxLength:"7"`
	Visibility     *string     `json:"visibility,omitempty" enum:"public,contacts,segment,private"`
	SegmentID      *string     `json:"segment_id,omitempty" maxLength:"64" doc:"Empty for none."`
	OnErasure      *string     `json:"on_erasure,omitempty" enum:"anonymise,remove"`
	Approval       *bool       `json:"approval,omitempty"`
	Posting        *string     `json:"posting,omitempty" enum:"contacts,operators"`
	AnonymousVotes *bool       `json:"anonymous_votes,omitempty"`
	Weight         *WeightForm `json:"weight,omitempty" doc:"All of it: what is left out goes back to the usual."`
	Language       *string     `json:"language,omitempty" maxLength:"10"`
	CSS            *string     `json:"css,omitempty" maxLength:"20000"`
	Domain         *string     `json:"domain,omitempty" maxLength:"253" doc:"Empty for none."`
	Indexable      *bool       `json:"indexable,omitempty"`
	Archived       *bool       `json:"archived,omitempty" doc:"An archived board is read, and nothing is added to it."`
	Categories     []Category  `json:"categories,omitempty" maxItems:"50" doc:"All of them; an empty list for none, and posts keep what they have then. One that posts have cannot be left out while others stay; one that comes with its key and another name is renamed, and its posts with it."`
	Statuses       []Status    `json:"statuses,omitempty" maxItems:"30" doc:"All of them. One that posts are at cannot be left out."`
}

const maxStatuses = 30

var (
	slugForm  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	keyForm   = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)
	colorForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)
)

const defaultColor = "#0f766e"

func defaultStatuses() []Status {
	return []Status{
		{"open", "Open", "#64748b", "open"},
		{"planned", "Planned", "#2563eb", "planned"},
		{"in_progress", "In progress", "#b45309", "started"},
		{"done", "Done", "#15803d", "done"},
		{"declined", "Declined", "#9f1239", "declined"},
	}
}

// board gives a new board, or everything that is wrong with it, by field.
func (n NewBoard) board() (Board, error) {
	b := Board{Name: n.Name, Slug: n.Slug, Intro: n.Intro, Color: or(n.Color, defaultColor), Visibility: or(n.Visibility, Private),
		OnErasure: or(n.OnErasure, Remove), Approval: n.Approval, Statuses: n.Statuses, SegmentID: orNil(n.SegmentID), Posting: or(n.Posting, PostedByContacts),
		AnonymousVotes: n.AnonymousVotes, Language: n.Language, CSS: n.CSS, Domain: orNil(n.Domain), Indexable: n.Indexable,
		Categories: n.Categories}
	if b.Slug == "" {
		b.Slug = slugOf(n.Name)
	}
	if len(b.Statuses) == 0 {
		b.Statuses = defaultStatuses()
	}
	rule, bad := ruleFrom(n.Weight)
	b.Weight = rule
	return b, b.clean(bad...)
}

// with gives the board with a change made.
func (b Board) with(c BoardChange, now time.Time) (Board, error) {
	for _, f := range []struct{ from, to *string }{{c.Name, &b.Name}, {c.Slug, &b.Slug}, {c.Intro, &b.Intro}, {c.Color, &b.Color},
		{c.Visibility, &b.Visibility}, {c.OnErasure, &b.OnErasure}, {c.Posting, &b.Posting}, {c.Language, &b.Language}, {c.CSS, &b.CSS}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	for _, f := range []struct{ from, to *bool }{{c.Approval, &b.Approval}, {c.AnonymousVotes, &b.AnonymousVotes}, {c.Indexable, &b.Indexable}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if c.SegmentID != nil {
		b.SegmentID = orNil(*c.SegmentID)
	}
	if c.Domain != nil {
		b.Domain = orNil(*c.Domain)
	}
	if c.Categories != nil {
		b.Categories = c.Categories
	}
	if c.Statuses != nil {
		b.Statuses = c.Statuses
	}
	if c.Archived != nil && *c.Archived != (b.ArchivedAt != nil) {
		b.ArchivedAt = nil
		if *c.Archived {
			b.ArchivedAt = &now
		}
	}
	var bad []fault.FieldError
	if c.Weight != nil {
		b.Weight, bad = ruleFrom(c.Weight)
	}
	return b, b.clean(bad...)
}

// clean trims the board's words and says everything that is wrong with it, beside what
// is known to be wrong already.
func (b *Board) clean(bad ...fault.FieldError) error {
	say := func(field, detail string) { bad = append(bad, fault.FieldError{Field: field, Detail: detail}) }
	b.Name, b.Color = strings.TrimSpace(b.Name), strings.ToLower(b.Color)
	if problem := lineProblem(b.Name, 100); problem != "" {
		say("name", problem)
	}
	if !slugForm.MatchString(b.Slug) || len(b.Slug) > 60 {
		say("slug", "must be of lower-case letters, digits and single hyphens, such as ideas")
	}
	if problem := textProblem(b.Intro, 5000); problem != "" {
		say("intro", problem)
	}
	if !colorForm.MatchString(b.Color) {
		say("color", "must be a colour such as #0f766e")
	}
	if !slices.Contains([]string{Public, Contacts, Segment, Private}, b.Visibility) {
		say("visibility", "must be public, contacts, segment or private")
	}
	if b.OnErasure != Anonymise && b.OnErasure != Remove {
		say("on_erasure", "must be anonymise or remove")
	}
	bad = append(bad, b.cleanPages()...)
	bad = append(bad, b.cleanCategories()...)
	b.Statuses = slices.Clone(b.Statuses)
	bad = append(bad, cleanStatuses(b.Statuses)...)
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

func cleanStatuses(all []Status) (bad []fault.FieldError) {
	seen, open := map[string]bool{}, false
	for i := range all {
		st := &all[i]
		st.Name, st.Color = strings.TrimSpace(st.Name), strings.ToLower(st.Color)
		at := fmt.Sprintf("statuses[%d].", i)
		if !keyForm.MatchString(st.Key) || seen[st.Key] {
			bad = append(bad, fault.FieldError{Field: at + "key", Detail: "must be of lower-case letters, digits and underscores, and no other status's"})
		}
		if problem := lineProblem(st.Name, 60); problem != "" {
			bad = append(bad, fault.FieldError{Field: at + "name", Detail: problem})
		}
		if !colorForm.MatchString(st.Color) {
			bad = append(bad, fault.FieldError{Field: at + "color", Detail: "must be a colour such as #0f766e"})
		}
		if !slices.Contains([]string{"open", "planned", "started", "done", "declined"}, st.Kind) {
			bad = append(bad, fault.FieldError{Field: at + "kind", Detail: "must be open, planned, started, done or declined"})
		}
		seen[st.Key], open = true, open || st.Kind == "open"
	}
	if len(all) > maxStatuses || !open {
		bad = append(bad, fault.FieldError{Field: "statuses", Detail: "must be at most 30, and one must be of the kind open, for new posts"})
	}
	return bad
}

// first gives the status of new posts.
func (b *Board) first() string {
	for _, st := range b.Statuses {
		if st.Kind == "open" {
			return st.Key
		}
	}
	return ""
}

func (b *Board) hasStatus(key string) bool {
	return slices.ContainsFunc(b.Statuses, func(st Status) bool { return st.Key == key })
}

// slugOf makes an address of words: a post's or a board's. Letters that are not of
// the Latin alphabet's first 26 are left out, so it may be empty.
func slugOf(words string) string {
	var out strings.Builder
	hyphen := false
	for _, r := range strings.ToLower(words) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if hyphen && out.Len() > 0 {
				out.WriteByte('-')
			}
			out.WriteRune(r)
			hyphen = false
		} else if unicode.IsSpace(r) || unicode.IsPunct(r) {
			hyphen = true
		}
		if out.Len() >= 59 {
			break
		}
	}
	return out.String()
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// lineProblem says what is wrong with one line of text, or "".
func lineProblem(s string, most int) string {
	switch {
	case s == "":
		return "must not be empty"
	case utf8.RuneCountInString(s) > most:
		return fmt.Sprintf("must have at most %d characters", most)
	case strings.ContainsFunc(s, unicode.IsControl):
		return "must not hold control characters"
	}
	return ""
}

// textProblem says what is wrong with a text of several lines, or "".
func textProblem(s string, most int) string {
	switch {
	case utf8.RuneCountInString(s) > most:
		return fmt.Sprintf("must have at most %d characters", most)
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }):
		return "must not hold control characters"
	}
	return ""
}
