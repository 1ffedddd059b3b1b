package imports

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/privacy"
)

// problem is what is wrong with a row, as it is stored: the column by number, from
// 0, and -1 for the whole row.
type problem struct {
	Column  int    `json:"c"`
	Detail  string `json:"d"`
	Warning bool   `json:"w,omitempty"`
}

// decided is a decision about a purpose that a row tells of.
type decided struct {
	purpose  privacy.Purpose
	action   string
	at       time.Time
	evidence string
}

// person is what a row says.
type person struct {
	number   int64
	change   contacts.Change
	key      string // by which the person is recognised
	basis    privacy.Basis
	consents []decided
	tags     []string
	company  employer // as the row names it

	companyID string // of that company as it is now; "" where it is not there yet
	problems  []problem
}

func (p *person) failed() bool {
	return slices.ContainsFunc(p.problems, func(x problem) bool { return !x.Warning })
}

func (p *person) say(column int, detail string) {
	p.problems = append(p.problems, problem{Column: column, Detail: detail})
}

func (p *person) warn(column int, detail string) {
	p.problems = append(p.problems, problem{Column: column, Detail: detail, Warning: true})
}

// converter makes people of rows, by an import's settings and the workspace's rules.
type converter struct {
	settings ImportSettings
	columns  []ImportColumn
	rules    contacts.Rules
	purposes []privacy.Purpose
	names    CompanyNames
	basis    privacy.Basis // of rows that state none; without a purpose if there is none
	at       map[string]int

	basisLater bool // it has not been stated yet, which is no row's fault
}

func newConverter(s stored, rules contacts.Rules, purposes []privacy.Purpose, names CompanyNames, basis privacy.Basis) *converter {
	c := &converter{names: names, settings: s.Settings, columns: s.Columns, rules: rules, purposes: purposes, basis: basis, at: map[string]int{}}
	for i, col := range s.Columns {
		if col.Target != "" {
			c.at[col.Target] = i
		}
	}
	return c
}

func (c *converter) purpose(key string) (privacy.Purpose, bool) {
	i := slices.IndexFunc(c.purposes, func(p privacy.Purpose) bool { return p.Key == key })
	if i < 0 {
		return privacy.Purpose{}, false
	}
	return c.purposes[i], true
}

// person reads a row.
func (c *converter) person(r row) *person {
	p := &person{number: r.number, basis: c.basis}
	if r.problem != "" {
		p.say(-1, r.problem)
		return p
	}
	if len(r.cells) > len(c.columns) {
		p.say(-1, fmt.Sprintf("has %d cells where the table has %d columns", len(r.cells), len(c.columns)))
		return p
	}
	for i, cell := range r.cells {
		if target := c.columns[i].Target; target != "" {
			c.take(p, i, target, strings.TrimSpace(cell), r.cells)
		}
	}
	c.check(p)
	return p
}

func (c *converter) take(p *person, i int, target, cell string, cells []string) {
	if cell == "" {
		return
	}
	attribute, isAttribute := strings.CutPrefix(target, toAttribute)
	purpose, isConsent := strings.CutPrefix(target, toConsent)
	switch {
	case isAttribute:
		value, wrong := c.value(attribute, cell)
		if wrong != "" {
			p.say(i, wrong)
			return
		}
		p.change.Set(target, value)
	case isConsent:
		c.consent(p, i, purpose, cell, cells)
	case target == toCompany || target == toDomain:
		c.takeCompany(p, i, target, cell)
	case target == toTags:
		c.takeTags(p, i, cell)
	case target == toPurpose:
		p.basis.Purpose = cell
	case target == toLawful:
		p.basis.LawfulBasis = strings.ReplaceAll(strings.ToLower(cell), " ", "_")
	case target == toEvidence:
		p.basis.Evidence = cell
	case target == toConsentAt || target == toConsentFrom:
	default:
		p.change.Set(target, cell)
	}
}

// check says what is wrong with a row as a whole, and how the person is recognised.
func (c *converter) check(p *person) {
	for _, bad := range c.rules.Check(p.change) {
		i, known := c.at[bad.Field]
		if !known {
			i = -1
		}
		p.say(i, bad.Detail)
	}
	by := c.settings.MatchBy
	if value := matchValue(p.change, by); value != "" {
		p.key = value
	} else if i, has := c.at[by]; has {
		p.say(i, "is empty, and people are recognised by it")
	}
	if !c.basisLater {
		c.checkBasis(p)
	}
}

func (c *converter) checkBasis(p *person) {
	column := func(target string) int {
		if i, has := c.at[target]; has {
			return i
		}
		return -1
	}
	if _, known := c.purpose(p.basis.Purpose); !known {
		p.say(column(toPurpose), "does not name a purpose of this workspace")
	}
	if !slices.Contains(privacy.LawfulBases, p.basis.LawfulBasis) {
		p.say(column(toLawful), "is not one of "+strings.Join(privacy.LawfulBases, ", "))
	}
	if len([]rune(p.basis.Evidence)) > 500 {
		p.say(column(toEvidence), "is too long; at most 500 characters")
	}
}

func matchValue(c contacts.Change, by string) string {
	value := map[string]*string{toEmail: c.Email, toExternal: c.ExternalID, toPhone: c.Phone}[by]
	if value == nil {
		return ""
	}
	return strings.TrimSpace(*value)
}

// Only explicit words count, in the product's languages: what is neither yes nor no
// is no consent.
var (
	yesWords = []string{"yes", "y", "true", "1", "granted", "grant", "optin", "subscribed", "ja", "j", "wahr", "oui", "o", "vrai", "si", "s", "verdadero", "tak", "t", "prawda", "نعم"}
	noWords  = []string{"no", "n", "false", "0", "withdrawn", "denied", "optout", "unsubscribed", "nein", "falsch", "non", "faux", "falso", "nie", "falsz", "لا"}
)

func (c *converter) consent(p *person, i int, purpose, cell string, cells []string) {
	d := decided{}
	switch word := plainWord(cell); {
	case slices.Contains(yesWords, word):
		d.action = privacy.Grant
	case slices.Contains(noWords, word):
		d.action = privacy.Withdraw
	default:
		p.warn(i, "is neither yes nor no, so no consent was recorded")
		return
	}
	var known bool
	if d.purpose, known = c.purpose(purpose); !known {
		p.say(i, "is about a purpose that is not there any more")
		return
	}
	if at, has := c.at[toConsentAt]; has && at < len(cells) && strings.TrimSpace(cells[at]) != "" {
		moment, ok := c.moment(strings.TrimSpace(cells[at]))
		if !ok {
			p.say(at, "is not a date in the chosen order")
			return
		}
		d.at = moment
	}
	if from, has := c.at[toConsentFrom]; has && from < len(cells) {
		d.evidence = strings.TrimSpace(cells[from])
		if len([]rune(d.evidence)) > 1000 {
			p.say(from, "is too long; at most 1,000 characters")
		}
	}
	p.consents = append(p.consents, d)
}

var commaNumber = regexp.MustCompile(`^-?\d+,\d+$`)

// value reads a cell as an attribute is declared; what is not declared is a text.
func (c *converter) value(key, cell string) (any, string) {
	a, _ := c.rules.Attribute(key)
	switch a.Kind {
	case contacts.KindNumber:
		text := cell
		if commaNumber.MatchString(text) {
			text = strings.Replace(text, ",", ".", 1)
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n != n || n > 1e300 || n < -1e300 {
			return nil, "is not a number such as 1250.5"
		}
		return n, ""
	case contacts.KindBoolean:
		switch word := plainWord(cell); {
		case slices.Contains(yesWords, word):
			return true, ""
		case slices.Contains(noWords, word):
			return false, ""
		}
		return nil, "is neither yes nor no"
	case contacts.KindDate:
		at, ok := c.moment(cell)
		if !ok {
			return nil, "is not a date in the chosen order"
		}
		if at.Equal(at.Truncate(24 * time.Hour)) {
			return at.Format(time.DateOnly), ""
		}
		return at.Format(time.RFC3339), ""
	case contacts.KindList:
		return listOf(cell), ""
	}
	return cell, ""
}

func listOf(cell string) []any {
	separator := ","
	for _, s := range []string{";", "|"} {
		if strings.Contains(cell, s) {
			separator = s
			break
		}
	}
	out := []any{}
	for part := range strings.SplitSeq(cell, separator) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

var dateForms = map[string][]string{
	"ymd": {},
	"dmy": {"2.1.2006", "2/1/2006", "2-1-2006", "2.1.2006 15:04", "2/1/2006 15:04", "2.1.2006 15:04:05", "2/1/2006 15:04:05"},
	"mdy": {"1/2/2006", "1-2-2006", "1.2.2006", "1/2/2006 15:04", "1/2/2006 15:04:05", "1/2/2006 3:04 PM"},
}

// moment reads a date, with or without a time; without a zone it is UTC.
func (c *converter) moment(cell string) (time.Time, bool) {
	forms := append([]string{time.RFC3339, time.DateOnly, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006/1/2", "2006.1.2"},
		dateForms[c.settings.Dates]...)
	for _, form := range forms {
		if at, err := time.Parse(form, cell); err == nil && at.Year() >= 1 && at.Year() <= 9999 {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}
