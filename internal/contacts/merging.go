package contacts

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
)

// KeepMerged is how long a merge can be undone, and its former profiles are kept.
const KeepMerged = 30 * 24 * time.Hour

// maxMembers bounds how many contacts one person may be.
const maxMembers = 100

// fromIdentity is the source of a merge that a sign-in made.
const fromIdentity = "identity"

// Merging says who is merged into a contact, and which of two values stays where
// both have one.
type Merging struct {
	ContactID string            `json:"contact_id" minLength:"1" maxLength:"64" doc:"Who is merged into the contact of the path, and is found under that one from then on."`
	Fields    map[string]string `json:"fields,omitempty" doc:"By field, such as email or attributes.plan: survivor or other. Without a word the survivor's value stays, and where it has none the other's is taken."`
}

// The two sides of a choice.
const (
	ofSurvivor = "survivor"
	ofOther    = "other"
)

// validate says what is wrong with a merging, by field.
func (m Merging) validate(survivorID string) error {
	var bad []fault.FieldError
	if m.ContactID == survivorID {
		bad = append(bad, fault.FieldError{Field: "contact_id", Detail: "is the same contact; name another one"})
	}
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		if side := m.Fields[name]; side != ofSurvivor && side != ofOther {
			bad = append(bad, fault.FieldError{Field: "fields", Detail: "must say survivor or other for each field"})
		}
		key, isAttribute := strings.CutPrefix(name, "attributes.")
		isText := slices.ContainsFunc(Change{}.fields(), func(f textField) bool { return f.name == name })
		if !isText && (!isAttribute || !attributeKey.MatchString(key)) {
			bad = append(bad, fault.FieldError{Field: "fields", Detail: "must name fields of a contact, such as email or attributes.plan"})
		}
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// value gives what a profile says in a field, named as in a merging; nil for nothing.
func (p Profile) value(name string) any {
	if key, isAttribute := strings.CutPrefix(name, "attributes."); isAttribute {
		return p.Attributes[key]
	}
	for _, f := range (Change{}).fields() {
		if f.name == name && *f.at(&p) != "" {
			return *f.at(&p)
		}
	}
	return nil
}

// set puts a value and where it came from into a field of a profile whose maps are
// its own; nil takes it out.
func (p *Profile) set(name string, value any, from Provenance) {
	if key, isAttribute := strings.CutPrefix(name, "attributes."); isAttribute {
		if value == nil {
			delete(p.Attributes, key)
		} else {
			p.Attributes[key] = value
		}
	}
	for _, f := range (Change{}).fields() {
		if f.name == name {
			text, _ := value.(string)
			*f.at(p) = text
		}
	}
	if value == nil || from.Source == "" {
		delete(p.Provenance, name)
	} else {
		p.Provenance[name] = from
	}
}

// own gives a profile that can be changed without changing this one.
func (p Profile) own() Profile {
	p.Attributes, p.Provenance = maps.Clone(p.Attributes), maps.Clone(p.Provenance)
	if p.Attributes == nil {
		p.Attributes = map[string]any{}
	}
	if p.Provenance == nil {
		p.Provenance = map[string]Provenance{}
	}
	return p
}

// fieldsOf names every field in which one of the profiles says something.
func fieldsOf(profiles ...Profile) []string {
	var out []string
	for _, f := range (Change{}).fields() {
		if slices.ContainsFunc(profiles, func(p Profile) bool { return *f.at(&p) != "" }) {
			out = append(out, f.name)
		}
	}
	keys := map[string]bool{}
	for _, p := range profiles {
		for key := range p.Attributes {
			keys[key] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		out = append(out, "attributes."+key)
	}
	return out
}

// joined gives the profile of a person who is both: the survivor's values, and the
// other's where it has none or they were chosen.
func (s side) joined(other side, choice map[string]string) Profile {
	p, out := s.profile, s.profile.own()
	for _, ch := range channels() {
		ch.joinAddresses(&out, s.addresses(ch), other.addresses(ch), choice[ch.name])
	}
	for _, name := range fieldsOf(p, other.profile) {
		if isAddressField(name) {
			continue
		}
		theirs := other.profile.value(name)
		if theirs != nil && (choice[name] == ofOther || p.value(name) == nil && choice[name] != ofSurvivor) {
			out.set(name, theirs, other.profile.Provenance[name])
		}
	}
	return out
}

// formerly is what a merge changed in the survivor: it is sealed with the
// survivor's key, and put back by an undo.
type formerly struct {
	Before   map[string]any        `json:"before"` // by field, null where there was nothing
	After    map[string]any        `json:"after"`
	From     map[string]Provenance `json:"from,omitempty"` // of what was before
	Emails   [2][]Address          `json:"emails"`         // before and after
	Phones   [2][]Address          `json:"phones"`
	Company  string                `json:"company,omitempty"` // that the other brought
	Verified bool                  `json:"verified"`          // whether somebody had vouched for the survivor
}

// lists gives where the addresses of a channel are kept.
func (f *formerly) lists(ch channel) *[2][]Address {
	if ch.name == "email" {
		return &f.Emails
	}
	return &f.Phones
}

func (s side) formerly(after Profile) formerly {
	p := s.profile
	out := formerly{Before: p.differences(after), After: after.differences(p), From: map[string]Provenance{}, Verified: !s.verified.IsZero()}
	for _, ch := range channels() {
		*out.lists(ch) = [2][]Address{s.addresses(ch), after.addresses(ch, true)}
	}
	for name := range out.Before {
		if from, known := p.Provenance[name]; known {
			out.From[name] = from
		}
	}
	return out
}

// undo gives the profile with what nobody changed since the merge put back.
func (s side) undo(was formerly) Profile {
	p, out := s.profile, s.profile.own()
	for _, ch := range channels() {
		if lists := was.lists(ch); len(lists[1]) > 0 {
			ch.partAddresses(&out, s.addresses(ch), lists[0], lists[1])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was.After)) {
		if isAddressField(name) {
			continue
		}
		now := p.differences(p.with(name, was.After[name]))
		if len(now) > 0 {
			continue // somebody changed it since: it stays
		}
		out.set(name, was.Before[name], was.From[name])
	}
	return out
}

// with gives the profile with one field replaced.
func (p Profile) with(name string, value any) Profile {
	out := p.own()
	out.set(name, value, Provenance{})
	return out
}

// checkJoined says whether a whole profile keeps within bounds after a merge.
func (p Profile) checkJoined() error {
	if len(p.Emails) > maxAddresses || len(p.Phones) > maxAddresses {
		return fault.Invalid("contact_id", "would give the person more than 20 addresses or numbers; remove some first")
	}
	return p.checkStored()
}

// Merge is one contact's joining of another, as the same person.
type Merge struct {
	ID         string     `json:"id" example:"mrg_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	ContactID  string     `json:"contact_id" doc:"The survivor."`
	MergedID   string     `json:"merged_id" doc:"Who was merged into it."`
	Fields     []string   `json:"fields" doc:"Which of the survivor's fields it changed."`
	Source     string     `json:"source" doc:"dashboard, api, or identity where a verified sign-in joined what the same browser did before."`
	Actor      actor.Ref  `json:"actor"`
	CreatedAt  time.Time  `json:"created_at"`
	UndoUntil  *time.Time `json:"undo_until" doc:"Until when it can be undone; null if it cannot any more."`
	UndoneAt   *time.Time `json:"undone_at"`
	UndoneBy   *actor.Ref `json:"undone_by"`
	Forgotten  bool       `json:"forgotten" doc:"Whether the former profiles are gone."`
	MergedName string     `json:"merged_name" doc:"What the merged contact was called, while that is kept."`
}
