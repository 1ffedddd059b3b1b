package contacts

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Found is what a public source says of a person.
type Found struct {
	Provider   string  // its id
	Source     string  // its name, as it is shown
	For        string  // the address that it was asked by; it says nothing of who has another
	URL        string  // where it can be seen
	Confidence float64 // from 0 to 1
	// Fields are first_name, last_name, name and avatar_url; Attributes go by key.
	Fields     map[string]string
	Attributes map[string]string
	// Refused are fields that somebody took out by hand, an attribute as attributes.key.
	Refused map[string]bool
	// PictureStays keeps the picture that this source gave before, though it gives none now.
	PictureStays bool
}

// foundFields are the fields that a public source may fill in.
var foundFields = []string{"first_name", "last_name", "name", "avatar_url"}

// Look gives a contact as a public source is asked about them. It is no look of
// anybody's, so the access log is silent; who asks logs what leaves.
func (s *Service) Look(ctx context.Context, sub privacy.Subject) (Contact, *vault.Key, error) {
	r, key, err := s.load(ctx, sub)
	if err != nil {
		return Contact{}, nil, fault.Wrap("contacts.Look", err)
	}
	p, err := openProfile(key, r)
	return p.contact(r), key, fault.Wrap("contacts.Look", err)
}

// Enrich fills in what a public source says where nothing stands, or where what
// stands was found in a public source that was not surer. What anybody entered is
// never touched. What the source gave before and does not give now is taken out. In runs in the transaction, under the person's lock, before
// anything is written, and is told whether the picture will be this source's; its
// error keeps everything as it is. The changed fields are given, an attribute as
// attributes.key.
func (s *Service) Enrich(ctx context.Context, sub privacy.Subject, f Found, in func(tx *storage.Tx, picture bool) error) ([]string, error) {
	picture := false
	check := func(tx *storage.Tx) error { return in(tx, picture) }
	return s.revise(ctx, sub, check, func(p Profile, defs definitions, now time.Time) Profile {
		out := p.enriched(f, defs, now)
		picture = out.Provenance["avatar_url"].Provider == f.Provider
		return out
	})
}

// Forget takes out of a profile what was found in public sources, where which says
// so. What it said is not kept as a former value.
func (s *Service) Forget(ctx context.Context, sub privacy.Subject, which func(field string, from Provenance) bool, in func(tx *storage.Tx) error) ([]string, error) {
	return s.revise(ctx, sub, in, func(p Profile, _ definitions, _ time.Time) Profile { return p.without(which) })
}

// mayFill tells whether a source may say what a field holds.
func (p Profile) mayFill(field string, isSet bool, f Found) bool {
	if f.Refused[field] {
		return false
	}
	from := p.Provenance[field]
	return !isSet || from.Provider != "" && (from.Provider == f.Provider || f.Confidence > from.Confidence)
}

func (p Profile) copied() Profile {
	p.Attributes, p.Provenance = maps.Clone(p.Attributes), maps.Clone(p.Provenance)
	if p.Attributes == nil {
		p.Attributes = map[string]any{}
	}
	if p.Provenance == nil {
		p.Provenance = map[string]Provenance{}
	}
	return p
}

func (p Profile) enriched(f Found, defs definitions, now time.Time) Profile {
	if f.For != "" && f.For != p.Email {
		return p
	}
	out := p.without(func(field string, from Provenance) bool { // what it says now follows
		return from.Provider == f.Provider && !(field == "avatar_url" && f.PictureStays)
	})
	note := Provenance{Source: f.Source, At: now, Provider: f.Provider, URL: f.URL, Confidence: f.Confidence}
	places := map[string]func(*Profile) *string{}
	for _, field := range (Change{}).fields() {
		places[field.name] = field.at
	}
	for _, name := range foundFields {
		at, value := places[name](&out), strings.TrimSpace(f.Fields[name])
		if value != "" && p.mayFill(name, *at != "", f) {
			*at, out.Provenance[name] = value, note
		}
	}
	given, family := out.Provenance["first_name"].Provider, out.Provenance["last_name"].Provider
	if out.Name == "" && !f.Refused["name"] && (given == f.Provider || family == f.Provider) {
		if out.Name = strings.TrimSpace(out.FirstName + " " + out.LastName); out.Name != "" {
			out.Provenance["name"] = note
		}
	}
	for key, text := range f.Attributes {
		_, isSet := p.Attributes[key]
		field := "attributes." + key
		if !p.mayFill(field, isSet, f) || len(defs.check(map[string]any{key: text})) > 0 {
			continue
		}
		out.Attributes[key], out.Provenance[field] = text, note
	}
	return out
}

func (p Profile) without(which func(field string, from Provenance) bool) Profile {
	out := p.copied()
	for _, field := range (Change{}).fields() {
		if from := p.Provenance[field.name]; from.Provider != "" && which(field.name, from) {
			*field.at(&out) = ""
			delete(out.Provenance, field.name)
		}
	}
	for key := range p.Attributes {
		if from := p.Provenance["attributes."+key]; from.Provider != "" && which("attributes."+key, from) {
			delete(out.Attributes, key)
			delete(out.Provenance, "attributes."+key)
		}
	}
	return out
}

// revise changes a profile by what the system found or forgets.
func (s *Service) revise(ctx context.Context, sub privacy.Subject, in func(tx *storage.Tx) error, change func(Profile, definitions, time.Time) Profile) ([]string, error) {
	for range attempts {
		fields, err := s.tryRevise(ctx, sub, in, change)
		if e := fault.As(err); e != nil && e.Code == "changed_meanwhile" {
			continue
		}
		return fields, err
	}
	return nil, fault.Conflict("changed_meanwhile", "Others are changing this contact right now. Try again in a moment.")
}

func (s *Service) tryRevise(ctx context.Context, sub privacy.Subject, in func(tx *storage.Tx) error, change func(Profile, definitions, time.Time) Profile) ([]string, error) {
	r, key, err := s.load(ctx, sub)
	if err != nil {
		return nil, err
	}
	former, err := openProfile(key, r)
	if err != nil {
		return nil, err
	}
	defs, err := s.checkDeclared(ctx, sub.WorkspaceID, Change{})
	if err != nil {
		return nil, err
	}
	a, now := actor.From(ctx), s.clock.Now()
	if !now.After(r.updated) {
		now = r.updated.Add(time.Microsecond)
	}
	profile := change(former, defs, now)
	if err := profile.checkStored(); err != nil {
		return nil, err
	}
	changed, err := s.rectify(key, former, profile, a, now)
	if err != nil {
		return nil, err
	}
	if changed == nil { // nothing said anything new, but the date may be
		return nil, s.db.Write(ctx, func(tx *storage.Tx) error {
			if err := privacy.LockSubject(tx, sub); err != nil {
				return err
			}
			return in(tx)
		})
	}
	changed.former = nil // what is forgotten is not kept as history
	sealed, err := s.seal(ctx, sub, key, defs, profile, r.created)
	if err != nil {
		return nil, err
	}
	verified := !r.verified.IsZero()
	follows, err := s.following(ctx, sub.WorkspaceID, former, profile, verified, verified)
	if err != nil {
		return nil, err
	}
	before := r.updated
	r.updated = now
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := privacy.LockSubject(tx, sub); err != nil {
			return err
		}
		if err := in(tx); err != nil {
			return err
		}
		_, moved, err := s.settleCompany(tx, sub, nil, follows)
		if err != nil {
			return err
		}
		if err := changed.insert(tx, sub); err != nil {
			return err
		}
		if err := saveProfile(tx, sub, r, before, sealed); err != nil {
			return err
		}
		if err := writeIndex(tx, sub.WorkspaceID, now, false, sealed.index); err != nil {
			return err
		}
		names := changed.names()
		if moved {
			names = append(names, "company_id")
		}
		s.updated(tx, sub, a, now, names...)
		return nil
	})
	return slices.Sorted(maps.Keys(former.differences(profile))), err
}
