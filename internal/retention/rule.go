package retention

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
)

// Rule is how long a workspace keeps something.
type Rule struct {
	Category  string    `json:"category" minLength:"1" maxLength:"32" example:"messages"`
	Purpose   string    `json:"purpose,omitempty" maxLength:"64" doc:"People whose data rests on this purpose alone; if absent, everybody who has no such rule. For contacts, messages and technical data."`
	Scope     string    `json:"scope,omitempty" enum:"resolved,all" doc:"Of messages: conversations that are resolved (the default), or all of them, open ones too."`
	Days      int       `json:"days" minimum:"1" maximum:"36500" doc:"What is older goes."`
	Version   int64     `json:"version" required:"false" readOnly:"true" doc:"Grows with each change of this rule."`
	UpdatedAt time.Time `json:"updated_at" required:"false" readOnly:"true"`
}

// key is what there is one rule of.
type key struct{ category, purpose string }

func (r Rule) key() key { return key{r.Category, r.Purpose} }

// Category is something that a rule can be set for.
type Category struct {
	Category string   `json:"category"`
	What     string   `json:"what" doc:"What goes, in words."`
	Spared   string   `json:"spared" doc:"What stays all the same, in words, besides all of people whose data is restricted or under a legal hold."`
	MinDays  int      `json:"min_days"`
	Scopes   []string `json:"scopes" doc:"What a rule may be narrowed or widened to, the default first."`
	Purposes bool     `json:"purposes" doc:"Whether a rule may be about one purpose."`
}

// categories in the order in which a run takes them. People come first, as what is
// theirs goes with them; conversations after what is forgotten of them. So a dry
// run can count each for itself.
var categories = []Category{
	{Category: privacy.AgesContacts, MinDays: 30, Purposes: true, Scopes: []string{},
		What:   "People whom nobody has seen, heard of or changed for so long are erased, with their key, and with a receipt.",
		Spared: "People with an open conversation or an open request stay."},
	{Category: privacy.AgesTechnical, MinDays: 30, Purposes: true, Scopes: []string{},
		What:   "When somebody was last here is kept to 30 days only, and when they read a resolved conversation is forgotten.",
		Spared: ""},
	{Category: privacy.AgesMessages, MinDays: 1, Purposes: true, Scopes: []string{privacy.ScopeResolved, privacy.ScopeAll},
		What:   "Conversations in which nothing was written for so long go, with their messages, notes and words in the search.",
		Spared: "Conversations that are not resolved stay, unless the rule says all."},
	{Category: privacy.AgesRequests, MinDays: 365, Scopes: []string{}, What: "Requests that were completed or refused so long ago go.",
		Spared: "Open requests stay."},
	{Category: privacy.AgesActivity, MinDays: 1, Purposes: true, Scopes: []string{}, What: "What people did so long ago, as your own code told it, goes.", Spared: ""},
	{Category: privacy.AgesNotes, MinDays: 1, Purposes: true, Scopes: []string{},
		What: "Notes about people that nobody wrote or changed for so long go.", Spared: "Notes in conversations go with those."},
	{Category: privacy.AgesDevices, MinDays: 1, Purposes: true, Scopes: []string{},
		What:   "What was kept so long ago of the browsers in which people did something goes.",
		Spared: "The technical data settings end it after 90 days at most, whatever a rule says."},
	{Category: privacy.AgesMails, MinDays: 1, Scopes: []string{}, What: "Mails that were sent or given up so long ago go.",
		Spared: "Mails that wait stay."},
	{Category: privacy.AgesDeliveries, MinDays: 1, Scopes: []string{},
		What:   "Deliveries to webhooks that were finished so long ago go.",
		Spared: "Deliveries that wait stay, as does the list of hosts that were told of a person."},
	{Category: privacy.AgesChanges, MinDays: 30, Scopes: []string{}, What: "Former values that were corrected so long ago go.", Spared: ""},
	{Category: privacy.AgesEvents, MinDays: 7, Scopes: []string{},
		What:   "The list of what happened goes. It holds ids only; streams that were away for longer load anew.",
		Spared: "The newest events stay, so that streams can go on, and for 30 days what a webhook has not had yet."},
	{Category: privacy.AgesAccessLog, MinDays: 365, Scopes: []string{},
		What:   "Who looked at a person so long ago can no longer be listed by person.",
		Spared: "The entries themselves stay, with ids alone: otherwise nobody could prove that the log is whole."},
}

// BuiltIn is a term that every workspace has.
type BuiltIn struct {
	What string `json:"what"`
	Term string `json:"term"`
}

// builtIn are the terms that need no rule.
var builtIn = []BuiltIn{
	{"Contacts in the bin", "erased after 30 days"},
	{"Answers kept so that a repeated request changes nothing", "24 hours"},
	{"What a corrected field said before", "90 days"},
	{"Finished deliveries to webhooks", "30 days"},
	{"Technical data of browsers, where it is switched on", "as the settings say: 30 days, or 1 to 90"},
	{"Mails", "30 days"},
	{"Operators' sign-ins", "14 days without use, 60 days in all"},
	{"Everything else about a person", "until they are erased"},
}

// check says what is wrong with rules that a workspace wants, given what can be set
// and its purposes, and fills in what is left out.
func check(rules []Rule, known []Category, purposes []string) error {
	var bad []fault.FieldError
	seen := map[key]bool{}
	for i := range rules {
		r := &rules[i]
		field := func(name string) string { return fmt.Sprintf("rules[%d].%s", i, name) }
		at := slices.IndexFunc(known, func(c Category) bool { return c.Category == r.Category })
		if at < 0 {
			bad = append(bad, fault.FieldError{Field: field("category"), Detail: "must be one of " + names(known)})
			continue
		}
		c := known[at]
		if seen[r.key()] {
			bad = append(bad, fault.FieldError{Field: field("category"), Detail: "stands twice for the same purpose"})
		}
		seen[r.key()] = true
		if r.Days < c.MinDays {
			bad = append(bad, fault.FieldError{Field: field("days"), Detail: fmt.Sprintf("must be at least %d for this category", c.MinDays)})
		}
		if r.Scope == "" && len(c.Scopes) > 0 {
			r.Scope = c.Scopes[0]
		}
		if r.Scope != "" && !slices.Contains(c.Scopes, r.Scope) {
			bad = append(bad, fault.FieldError{Field: field("scope"), Detail: "is not one of this category"})
		}
		if r.Purpose != "" && (!c.Purposes || !slices.Contains(purposes, r.Purpose)) {
			bad = append(bad, fault.FieldError{Field: field("purpose"), Detail: "is not a purpose that this category can be narrowed to"})
		}
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

func names(known []Category) string {
	out := make([]string, len(known))
	for i, c := range known {
		out[i] = c.Category
	}
	return strings.Join(out, ", ")
}

// inOrder sorts rules as a run takes them.
func inOrder(rules []Rule) {
	place := func(r Rule) int {
		return slices.IndexFunc(categories, func(c Category) bool { return c.Category == r.Category })
	}
	slices.SortFunc(rules, func(a, b Rule) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(a.Purpose, b.Purpose)
	})
}
