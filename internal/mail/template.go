package mail

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The templates.
const (
	PrivacyLink       = "privacy_link"
	RequestReceived   = "request_received"
	RequestCompleted  = "request_completed"
	RequestRefused    = "request_refused"
	RequestDue        = "request_due"       // to operators
	RequestEscalated  = "request_escalated" // to operators
	RestrictionLifted = "restriction_lifted"
	Rectified         = "rectified"
	RequestExtended   = "request_extended"
	Erased            = "erased" // goes to somebody who is gone already
	ParentalConsent   = "parental_consent"
	BoardSignIn       = "board_sign_in"
	PostStatus        = "post_status" // these to who follows a post
	PostAnswer        = "post_answer"
	PostMerged        = "post_merged"
	PostShipped       = "post_shipped"
	Test              = "test" // to operators
)

// sort is what a value is, which says how it is checked and written.
type sort int

const (
	link    sort = iota // an absolute URL; it becomes the button
	minutes             // a number
	date                // YYYY-MM-DD, or RFC 3339
	kind                // of a request
	prose               // text of several lines
	phrase              // text of one line
	stop                // an absolute URL that ends such mails; it stands at the end
	fields              // names of a contact's fields apart by commas
)

// value is one thing that a template takes.
type value struct {
	name string
	sort sort
}

// template is what a mail needs to be written. Its words are those of a language.
type template struct {
	name   string
	values []value
	inside bool // it is for operators, who know the terms
	right  bool // it belongs to exercising a right, which a restriction does not stop
}

var templates = []template{
	{name: PrivacyLink, values: []value{{"url", link}, {"minutes", minutes}}, right: true},
	{name: RequestReceived, values: []value{{"kind", kind}, {"due_date", date}, {"url", link}}, right: true},
	{name: RequestCompleted, values: []value{{"kind", kind}, {"url", link}}, right: true},
	{name: RequestRefused, values: []value{{"kind", kind}, {"reason", prose}, {"authority", phrase}, {"url", link}}, right: true},
	{name: RequestDue, values: []value{{"kind", kind}, {"due_date", date}, {"url", link}}, inside: true},
	{name: RequestEscalated, values: []value{{"kind", kind}, {"due_date", date}, {"url", link}}, inside: true},
	{name: RequestExtended, values: []value{{"kind", kind}, {"due_date", date}, {"reason", prose}, {"url", link}}, right: true},
	{name: Erased, values: []value{{"erased_at", date}, {"receipt", phrase}}, right: true},
	{name: RestrictionLifted, values: []value{{"reason", prose}}, right: true},
	{name: Rectified, values: []value{{"fields", fields}}},
	{name: ParentalConsent, values: []value{{"child_service", phrase}, {"url", link}}},
	{name: BoardSignIn, values: []value{{"url", link}, {"minutes", minutes}}},
	{name: PostStatus, values: []value{{"post", phrase}, {"status", phrase}, {"url", link}, {"stop", stop}}},
	{name: PostAnswer, values: []value{{"post", phrase}, {"answer", prose}, {"url", link}, {"stop", stop}}},
	{name: PostMerged, values: []value{{"post", phrase}, {"into", phrase}, {"url", link}, {"stop", stop}}},
	{name: PostShipped, values: []value{{"post", phrase}, {"entry", phrase}, {"url", link}, {"stop", stop}}},
	{name: Test, inside: true},
}

// Templates gives the names of all templates.
func Templates() []string {
	names := make([]string, len(templates))
	for i, t := range templates {
		names[i] = t.name
	}
	return names
}

// IsRight tells whether a template belongs to a person's exercise of their rights:
// such mails go out also while their data is restricted (GDPR article 18).
func IsRight(name string) bool {
	t, ok := templateCalled(name)
	return ok && t.right
}

func templateCalled(name string) (template, bool) {
	i := slices.IndexFunc(templates, func(t template) bool { return t.name == name })
	if i < 0 {
		return template{}, false
	}
	return templates[i], true
}

// check finds values that are missing, unknown or of another sort. Its errors never
// repeat a value.
func (t template) check(values map[string]string) error {
	for _, v := range t.values {
		text, given := values[v.name]
		if !given || !v.sort.takes(text) {
			return fmt.Errorf("the template %s needs a proper %s", t.name, v.name)
		}
	}
	if len(values) != len(t.values) {
		return fmt.Errorf("the template %s takes %d values, and got %d", t.name, len(t.values), len(values))
	}
	return nil
}

func (s sort) takes(text string) bool {
	if len(text) > maxValue || manyLines(text) == "" {
		return false
	}
	switch s {
	case link, stop:
		return isLink(text, "https", "http")
	case minutes:
		n, err := strconv.Atoi(text)
		return err == nil && n > 0
	case date:
		_, err := day(text)
		return err == nil
	case kind:
		_, known := english.kinds[text]
		return known
	}
	return true
}

// day reads a date.
func day(text string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	return t.UTC(), err
}

// show writes a value in a language.
func (s sort) show(w *words, inside bool, text string) string {
	switch s {
	case minutes:
		return strings.ReplaceAll(w.minutes, "{n}", text)
	case date:
		t, err := day(text)
		if err != nil {
			return ""
		}
		return strings.NewReplacer("{day}", strconv.Itoa(t.Day()), "{month}", w.months[t.Month()-1], "{year}", strconv.Itoa(t.Year())).Replace(w.date)
	case kind:
		if inside {
			return w.kindsInside[text]
		}
		return w.kinds[text]
	case fields:
		var names []string
		for f := range strings.SplitSeq(text, ",") {
			f = oneLine(f)
			if known, ok := w.fields[f]; ok {
				f = known
			}
			names = append(names, f)
		}
		return strings.Join(names, w.comma)
	case prose:
		return manyLines(text)
	}
	return oneLine(text)
}
