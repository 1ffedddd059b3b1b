package contacts

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/botimum/botimum/internal/fault"
)

// maxAddresses bounds the e-mail addresses, and the phone numbers, of a person.
const maxAddresses = 20

// Address is one of a person's e-mail addresses or phone numbers.
type Address struct {
	Address  string     `json:"address"`
	Verified bool       `json:"verified" doc:"Whether somebody vouched that it is theirs."`
	Primary  bool       `json:"primary" doc:"Whether it is the one that they are written to at: the contact's email, or phone."`
	Source   string     `json:"source" doc:"Through what it came."`
	At       *time.Time `json:"at" doc:"When it came; null where that is not known."`
}

// AddressChange is an e-mail address or phone number that somebody shall have.
type AddressChange struct {
	Address  string `json:"address" minLength:"1" maxLength:"254"`
	Verified *bool  `json:"verified,omitempty" doc:"True if absent."`
	Primary  bool   `json:"primary,omitempty" doc:"The first one is if none is named."`
}

// Claim is what a visitor said of themselves where a fact stands already, or where
// nobody vouches for what visitors say. It never becomes a fact by itself.
type Claim struct {
	Value any       `json:"value"`
	At    time.Time `json:"at"`
}

const maxClaims = 50

// foldEmail and foldPhone give the forms in which addresses are the same, as their
// tokens are.
func foldEmail(s string) string { return strings.ToLower(norm.NFKC.String(strings.TrimSpace(s))) }

func foldPhone(s string) string {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
	if strings.HasPrefix(strings.TrimSpace(s), "+") {
		return "+" + digits
	}
	return digits
}

// channel is a sort of address: the e-mail addresses or the phone numbers of a
// profile, the primary one of which stands in a field of its own, too.
type channel struct {
	name, list string
	fold       func(string) string
	problem    func(string) string
	one        func(*Profile) *string
	all        func(*Profile) *[]Address
	wish       func(Change) (one *string, all []AddressChange)
}

func channels() []channel {
	return []channel{
		{name: "email", list: "emails", fold: foldEmail, problem: emailProblem,
			one: func(p *Profile) *string { return &p.Email }, all: func(p *Profile) *[]Address { return &p.Emails },
			wish: func(c Change) (*string, []AddressChange) { return c.Email, c.Emails }},
		{name: "phone", list: "phones", fold: foldPhone, problem: phoneProblem,
			one: func(p *Profile) *string { return &p.Phone }, all: func(p *Profile) *[]Address { return &p.Phones },
			wish: func(c Change) (*string, []AddressChange) { return c.Phone, c.Phones }},
	}
}

// addresses gives all addresses of a channel, the primary one first. A profile from
// before there were several has its one, as verified as the contact.
func (p Profile) addresses(ch channel, verified bool) []Address {
	if all := *ch.all(&p); len(all) > 0 {
		return all
	}
	one := *ch.one(&p)
	if one == "" {
		return []Address{}
	}
	from := p.Provenance[ch.name]
	return []Address{{Address: one, Verified: verified, Primary: true, Source: from.Source, At: pointer(from.At)}}
}

// problems says what is wrong with the addresses of a change, by field.
func (ch channel) problems(c Change, say func(field, detail string)) {
	one, all := ch.wish(c)
	if len(all) > maxAddresses {
		say(ch.list, fmt.Sprintf("are too many; at most %d", maxAddresses))
		return
	}
	seen, primaries, holdsOne := map[string]bool{}, 0, false
	for i, a := range all {
		field, text := fmt.Sprintf("%s[%d]", ch.list, i), strings.TrimSpace(a.Address)
		switch problem := ch.problem(text); {
		case problem != "" || text == "" || len(text) > 254:
			say(field, cmpOr(problem, "must not be empty"))
		case strings.ContainsFunc(text, unicode.IsControl):
			say(field, "must not hold control characters")
		case seen[ch.fold(text)]:
			say(field, "is there twice")
		}
		seen[ch.fold(text)] = true
		if a.Primary {
			primaries++
		}
		holdsOne = holdsOne || one != nil && ch.fold(*one) == ch.fold(text)
	}
	if primaries > 1 {
		say(ch.list, "have more than one primary")
	}
	if one != nil && *one != "" && all != nil && !holdsOne {
		say(ch.name, "is not among "+ch.list)
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// apply makes the change of a channel's addresses. verified is whether the contact
// was vouched for before, facts whether the change is vouched for.
func (ch channel) apply(p *Profile, c Change, verified, facts bool, source string, now time.Time) {
	one, wanted := ch.wish(c)
	if one == nil && wanted == nil {
		return
	}
	list := slices.Clone(p.addresses(ch, verified))
	if wanted != nil {
		list = ch.replace(list, wanted, facts, source, now)
	}
	if one != nil {
		list = ch.setPrimary(list, strings.TrimSpace(*one), facts, source, now)
	}
	slices.SortStableFunc(list, func(a, b Address) int { return flag(b.Primary) - flag(a.Primary) })
	if len(list) > 0 && !list[0].Primary {
		list[0].Primary = true
	}
	*ch.all(p), *ch.one(p) = list, ""
	delete(p.Provenance, ch.name)
	if len(list) > 0 {
		*ch.one(p) = list[0].Address
		from := Provenance{Source: list[0].Source}
		if list[0].At != nil {
			from.At = *list[0].At
		}
		p.Provenance[ch.name] = from
	}
	if len(list) == 0 {
		*ch.all(p) = nil
	}
}

// replace gives the wanted addresses; those that were there keep where they came from.
func (ch channel) replace(have []Address, wanted []AddressChange, facts bool, source string, now time.Time) []Address {
	out := make([]Address, 0, len(wanted))
	for _, w := range wanted {
		a := Address{Address: strings.TrimSpace(w.Address), Source: source, At: &now}
		if i := slices.IndexFunc(have, func(h Address) bool { return h.Address == a.Address }); i >= 0 {
			a = have[i]
		}
		a.Verified, a.Primary = facts && (w.Verified == nil || *w.Verified), w.Primary
		out = append(out, a)
	}
	return out
}

// setPrimary makes an address the primary one: in the place of the one that was, or
// as it stands where the person has it already. "" takes the primary one away.
func (ch channel) setPrimary(list []Address, text string, facts bool, source string, now time.Time) []Address {
	old := slices.IndexFunc(list, func(a Address) bool { return a.Primary })
	known := slices.IndexFunc(list, func(a Address) bool { return ch.fold(a.Address) == ch.fold(text) })
	switch {
	case text == "" && old >= 0:
		return slices.Delete(list, old, old+1)
	case text == "":
		return list
	case known >= 0 && list[known].Address == text:
		for i := range list {
			list[i].Primary = i == known
		}
		list[known].Verified = list[known].Verified || facts
		return list
	}
	next := Address{Address: text, Verified: facts, Primary: true, Source: source, At: &now}
	switch {
	case known >= 0 && known != old:
		list[known] = next
		if old >= 0 {
			list[old].Primary = false
		}
	case old >= 0:
		list[old] = next
	default:
		list = append(list, next)
	}
	return list
}

// othersOf gives the addresses beside the primary one.
func (p Profile) othersOf(ch channel) []string {
	var out []string
	for _, a := range *ch.all(&p) {
		if !a.Primary {
			out = append(out, a.Address)
		}
	}
	return out
}

// claimed parts a change by a visitor: what may be taken into the profile as what
// they say of themselves, and what stays a claim beside it, since a fact stands
// there or nobody vouches for such things.
func (p Profile) claimed(c Change) (Change, map[string]any, error) {
	if c.Emails != nil || c.Phones != nil {
		return c, nil, fault.Invalid("emails", "and phones are for your server; a page may say email and phone")
	}
	claims := map[string]any{}
	for key, value := range c.Attributes {
		claims["attributes."+key] = value
	}
	c.Attributes = nil
	for _, f := range []struct {
		name string
		wish **string
	}{{"email", &c.Email}, {"name", &c.Name}, {"first_name", &c.FirstName}, {"last_name", &c.LastName}, {"phone", &c.Phone}, {"avatar_url", &c.AvatarURL}} {
		stands, from := p.text(f.name), p.Provenance[f.name].Source
		if *f.wish == nil || stands == "" || saidByPerson(from) {
			continue
		}
		if strings.TrimSpace(**f.wish) != stands {
			claims[f.name] = strings.TrimSpace(**f.wish)
		}
		*f.wish = nil
	}
	return c, claims, nil
}

// saidByPerson tells whether a field came from the person, unproven.
func saidByPerson(source string) bool {
	return source == "widget" || source == "javascript" || source == ""
}

// text gives a text field by its name.
func (p Profile) text(name string) string {
	for _, f := range (Change{}).fields() {
		if f.name == name {
			return *f.at(&p)
		}
	}
	return ""
}

// claim keeps what a visitor said; null takes a claim back.
func (p *Profile) claim(claims map[string]any, now time.Time) error {
	if len(claims) == 0 {
		return nil
	}
	next := map[string]Claim{}
	for name, c := range p.Claims {
		next[name] = c
	}
	for name, value := range claims {
		if value == nil || value == "" {
			delete(next, name)
			continue
		}
		next[name] = Claim{Value: value, At: now}
	}
	if len(next) > maxClaims {
		return fault.Invalid("attributes", "would be more than 50")
	}
	p.Claims = next
	return nil
}

// settle drops claims that a change by the customer's people answered: what they
// set is the fact now.
func (p *Profile) settle(c Change) {
	names := slices.Clone(c.DismissClaims)
	for _, f := range c.fields() {
		if f.value != nil {
			names = append(names, f.name)
		}
	}
	for key := range c.Attributes {
		names = append(names, "attributes."+key)
	}
	next := map[string]Claim{}
	for name, claim := range p.Claims {
		if !slices.Contains(names, name) {
			next[name] = claim
		}
	}
	if p.Claims = next; len(next) == 0 {
		p.Claims = nil
	}
}
