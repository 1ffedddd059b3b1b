package mail

import "strings"

// words are all that mails say in one language. {workspace}, {child_service} and
// {name} stand for values; no other value stands inside a sentence, so that none of
// them needs another form there.
type words struct {
	lang string
	rtl  bool

	hello     string // to somebody whose name is known
	helloAll  string
	ifNot     string // above the address of the button, for those who see no button
	automatic string // who sent this, and that nobody reads answers to it
	notice    string // what the link to the privacy notice is called

	labels      map[string]string // of values
	kinds       map[string]string // of requests, to the person
	kindsInside map[string]string // of requests, to operators
	fields      map[string]string
	months      [12]string
	date        string
	minutes     string
	comma       string

	mails map[string]wording
}

// wording is what a template says in one language.
type wording struct {
	subject string
	title   string
	before  []string // the values
	button  string   // empty where there is no link
	after   []string // the button
}

// languages are those that mails are written in; the first is for everybody else.
func languages() []*words { return []*words{&english, &german, &french, &spanish, &polish, &arabic} }

// language gives the words for the first of the locales that there are words for.
func language(locales ...string) *words {
	for _, locale := range locales {
		base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
		for _, w := range languages() {
			if w.lang == base {
				return w
			}
		}
	}
	return languages()[0]
}
