package privacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// The categories of rows that grow old. A retention rule is about one of them.
const (
	AgesMessages   = "messages"   // conversations with what was written in them
	AgesContacts   = "contacts"   // people who do not come any more; they are erased
	AgesTechnical  = "technical"  // when somebody was here, and when they read
	AgesEvents     = "events"     // the log of what happened, which streams resume from
	AgesAccessLog  = "access_log" // the index of who looked at whom; its entries stay
	AgesRequests   = "requests"   // data subject requests that are done
	AgesMails      = "mails"      // mails that were sent
	AgesDeliveries = "deliveries" // what webhooks were told
	AgesActivity   = "activity"   // what people did, as the customer's code told
	AgesNotes      = "notes"      // what operators wrote down about people
	AgesDevices    = "devices"    // what was kept of people's browsers
	AgesChanges    = "changes"    // former values that a correction replaced

	// Those that have always been bounded, for every workspace.
	AgesAnswers  = "technical_answers"  // kept for Idempotency-Key
	AgesSessions = "technical_sessions" // operators' sign-ins that are over
)

// The scopes of a rule about messages.
const (
	ScopeResolved = "resolved" // conversations that are done
	ScopeAll      = "all"      // those that wait, too
)

// Rule says which rows retention removes: those of a workspace and category that
// are older than a moment, at most so many at once. A holder removes rows of its
// own categories alone, and nothing for any other.
type Rule struct {
	WorkspaceID string // empty with the built-in categories: every workspace
	Category    string
	Purpose     string // people whose data rests on this purpose alone; empty: everybody
	Scope       string // narrows some categories
	Before      time.Time
	Limit       int
	// Spare is an SQL condition on contacts c: people of whom nothing is removed.
	Spare string
	// Counts, where it is not nil, is told how many rows of each table went.
	Counts Counts
}

// Note counts rows of a table that went.
func (r Rule) Note(table string, n int64) {
	if r.Counts != nil && n > 0 {
		r.Counts[table] += n
	}
}

// Of gives the end of an SQL condition: the rows of a table under this alias, which
// has workspace_id and contact_id, that the rule may touch for whom they are about.
func (r Rule) Of(alias string) string {
	if r.Spare == "" && r.Purpose == "" {
		return ""
	}
	return ` AND EXISTS (SELECT 1 FROM contacts c WHERE c.workspace_id = ` + alias + `.workspace_id AND c.id = ` + alias + `.contact_id` + r.OfContacts() + `)`
}

// OfContacts is Of for the table contacts, under the alias c.
func (r Rule) OfContacts() string {
	var b strings.Builder
	if r.Spare != "" {
		b.WriteString(` AND NOT (` + r.Spare + `)`)
	}
	if r.Purpose != "" {
		b.WriteString(` AND ` + RestsOn(r.Purpose))
	}
	return b.String()
}

// RestsOn is an SQL condition on contacts c: the data of the person, with all of their
// contacts, rest on this purpose alone.
func RestsOn(purpose string) string {
	if !purposeKey.MatchString(purpose) { // one that does needs no quoting
		return `1 = 0`
	}
	const bases = `EXISTS (SELECT 1 FROM processing_bases b WHERE b.workspace_id = c.workspace_id AND b.contact_id IN (SELECT COALESCE(c.merged_into, c.id)
		UNION ALL SELECT m.id FROM contacts m WHERE m.workspace_id = c.workspace_id AND m.merged_into = COALESCE(c.merged_into, c.id)) AND b.purpose `
	return bases + `= '` + purpose + `') AND NOT ` + bases + `<> '` + purpose + `')`
}

// Ager is a holder whose rows a workspace may set a term for.
type Ager interface {
	Holder
	// Ages names the categories that its Retain removes rows of.
	Ages() []string
	// Due counts, by table, what Retain would remove in all. It changes nothing.
	Due(ctx context.Context, tx *storage.Tx, r Rule) (Counts, error)
}

// Term is a rule in force in a workspace, in the words of the catalogue.
type Term struct {
	Category string `json:"category"`
	Purpose  string `json:"purpose,omitempty"`
	Scope    string `json:"scope,omitempty"`
	Days     int    `json:"days"`
}

// words say what a term does to a field.
func (t Term) words() string {
	days := "a day"
	if t.Days != 1 {
		days = fmt.Sprintf("%d days", t.Days)
	}
	var said string
	switch t.Category {
	case AgesMessages:
		if said = days + " after the last message of a conversation that is resolved"; t.Scope == ScopeAll {
			said = days + " after the last message of a conversation"
		}
	case AgesContacts:
		said = "erased after " + days + " without a sign of you"
	default:
		said = days
	}
	if t.Purpose != "" {
		said += " (where it is kept for " + t.Purpose + " alone)"
	}
	return said
}

// under gives the field as it is in a workspace with these terms.
func (f Field) under(terms []Term) Field {
	if f.Whose != OfContact {
		return f
	}
	for _, t := range terms {
		if t.Category == f.Ages || t.Category == AgesContacts && f.Ages != AgesAnswers {
			f.Terms = append(f.Terms, t)
		}
	}
	if len(f.Terms) == 0 {
		return f
	}
	said := make([]string, len(f.Terms))
	for i, t := range f.Terms {
		said[i] = t.words()
	}
	f.Otherwise = f.Retention
	f.Retention = strings.Join(said, "; ") + "; otherwise " + f.Retention
	return f
}

// TermsFrom says where the rules of a workspace are found. Call it before the
// service is in use.
func (s *Service) TermsFrom(fn func(ctx context.Context, workspaceID string) ([]Term, error)) {
	s.terms = fn
}

// CatalogueOf gives every stored field with how long a workspace keeps it, by the
// rules that it has in force.
func (s *Service) CatalogueOf(ctx context.Context, workspaceID string) (Catalogue, error) {
	if s.terms == nil {
		return s.catalogue, nil
	}
	terms, err := s.terms(ctx, workspaceID)
	if err != nil || len(terms) == 0 {
		return s.catalogue, fault.Wrap("privacy.CatalogueOf", err)
	}
	out := make(Catalogue, len(s.catalogue))
	for i, f := range s.catalogue {
		out[i] = f.under(terms)
	}
	return out, nil
}

// Ages names the categories that rules can be set for, each once.
func (s *Service) Ages() []string {
	var out []string
	for _, h := range s.holders {
		if ager, ok := h.(Ager); ok {
			out = append(out, ager.Ages()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// RetainAll has every holder remove what is older than the rule allows, and says
// how many rows went. What a rule has come to the end of gives none.
func (s *Service) RetainAll(ctx context.Context, tx *storage.Tx, r Rule) (int64, error) {
	var total int64
	for _, h := range s.holders {
		n, err := h.Retain(ctx, tx, r)
		if err != nil {
			return total, fault.Wrap(h.Name()+".Retain", err)
		}
		total += n
	}
	return total, nil
}

// DueAll counts what a rule would remove of every holder's rows.
func (s *Service) DueAll(ctx context.Context, tx *storage.Tx, r Rule) (Counts, error) {
	counts := Counts{}
	for _, h := range s.holders {
		ager, ok := h.(Ager)
		if !ok || !slices.Contains(ager.Ages(), r.Category) {
			continue
		}
		due, err := ager.Due(ctx, tx, r)
		if err != nil {
			return nil, fault.Wrap(h.Name()+".Due", err)
		}
		counts.Add(due)
	}
	return counts, nil
}
