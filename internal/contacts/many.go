package contacts

import (
	"context"
	"maps"
	"reflect"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Rules are a workspace's declarations at a moment, by which many changes are
// checked and prepared.
type Rules struct{ defs definitions }

// RulesOf gives a workspace's rules as they are now.
func (s *Service) RulesOf(ctx context.Context, workspaceID string) (Rules, error) {
	defs, err := s.definitionsNow(ctx, workspaceID)
	return Rules{defs}, err
}

// Attribute gives the declaration that a key goes by, and whether there is one.
func (r Rules) Attribute(key string) (Attribute, bool) { return r.defs.of(key) }

// Check says everything that is wrong with a change, by field.
func (r Rules) Check(c Change) []fault.FieldError {
	var bad []fault.FieldError
	if e := fault.As(c.Validate()); e != nil {
		bad = e.Fields
	}
	return append(bad, r.defs.check(c.Attributes)...)
}

// Newcomer is somebody to be added with others.
type Newcomer struct {
	Change Change // with the company, where one was chosen
	Basis  privacy.Basis
	Tags   []string // as [CleanTag] gives them
}

// PrepareMany makes the keys of many people in one transaction and seals their
// profiles: see [Service.Prepare]. They come by an import, which vouches for them.
func (s *Service) PrepareMany(ctx context.Context, workspaceID, importID string, rules Rules, many []Newcomer) ([]*Draft, error) {
	if len(many) == 0 {
		return nil, nil
	}
	subjects := make([]vault.Subject, len(many))
	for i := range many {
		subjects[i] = vault.Subject{Workspace: workspaceID, ID: s.ids.New(id.Contact)}
	}
	if err := s.vault.CreateMany(ctx, subjects); err != nil {
		return nil, fault.Wrap("contacts.PrepareMany", err)
	}
	keys, err := s.vault.Keys(ctx, subjects)
	if err != nil {
		return nil, fault.Wrap("contacts.PrepareMany", err)
	}
	a, now := actor.From(ctx), s.clock.Now()
	out := make([]*Draft, len(many))
	for i, n := range many {
		key := keys[subjects[i]]
		if key == nil {
			return nil, fault.Gone("subject_erased", "The key is gone.")
		}
		d := &Draft{service: s, subject: privacy.Subject{WorkspaceID: workspaceID, ContactID: subjects[i].ID}, key: key, importID: importID, company: n.Change.CompanyID, tags: n.Tags,
			profile: Profile{}.apply(n.Change, trust{verified: true, facts: true}, privacy.SourceImport, now), source: privacy.SourceImport, verified: now, now: now, by: a}
		if d.sealed, err = s.seal(ctx, d.subject, key, rules.defs, d.profile, now); err != nil {
			return nil, fault.Wrap("contacts.PrepareMany", err)
		}
		if d.follows, err = s.following(ctx, workspaceID, Profile{}, d.profile, false, true); err != nil {
			return nil, fault.Wrap("contacts.PrepareMany", err)
		}
		d.basis = privacy.SealBasis(key, s.ids, d.subject, n.Basis, d.source, now)
		out[i] = d
	}
	return out, nil
}

const insertContacts = `
	INSERT INTO contacts (workspace_id, id, profile_sealed, external_id_token, source, verified_at, import_id, company_id, company_source, created_at, updated_at) VALUES `

// InsertMany stores many prepared people with few statements. An external id that
// somebody else has is external_id_taken, for all of them.
func (s *Service) InsertMany(tx *storage.Tx, many []*Draft) error {
	if len(many) == 0 {
		return nil
	}
	workspaceID := many[0].subject.WorkspaceID
	if err := s.HoldCompanies(tx, workspaceID, companiesOf(many)); err != nil {
		return err
	}
	belong, err := companies(tx, many)
	if err != nil {
		return err
	}
	rows := make([]any, 0, 11*len(many))
	found := make([]index, len(many))
	bases := make([]privacy.BasisRecord, len(many))
	for i, d := range many {
		at := clock.Micros(d.now)
		company, source := belong[i].args()
		rows = append(rows, workspaceID, d.subject.ContactID, d.sealed.profile, d.sealed.externalOrNull(), d.source, nullable(d.verified), d.importID, company, source, at, at)
		found[i], bases[i] = d.sealed.index, d.basis
		found[i].company = belong[i].company
	}
	if _, err := storage.InsertRows(tx, insertContacts, 11, rows, ""); storage.IsUnique(err) {
		return fault.Conflict("external_id_taken", "Another contact has one of these external ids.")
	} else if err != nil {
		return fault.Wrap("contacts.InsertMany", err)
	}
	if err := writeIndex(tx, workspaceID, many[0].now, true, found...); err != nil {
		return fault.Wrap("contacts.InsertMany", err)
	}
	if err := insertTags(tx, many); err != nil {
		return fault.Wrap("contacts.InsertMany", err)
	}
	if err := privacy.InsertBases(tx, bases); err != nil {
		return err
	}
	for _, d := range many {
		s.event(tx, live.ContactCreated, d.subject, d.by, d.now)
	}
	return nil
}

// Known is somebody who is there already, opened.
type Known struct {
	sub     privacy.Subject
	record  record
	key     *vault.Key
	profile Profile
}

// ID is the contact's id.
func (k *Known) ID() string { return k.sub.ContactID }

// Key is the contact's own key.
func (k *Known) Key() *vault.Key { return k.key }

// Restricted tells whether nothing but storage may happen to the person's data.
func (k *Known) Restricted() bool { return !k.record.restricted.IsZero() }

// Binned tells whether the person is in the bin.
func (k *Known) Binned() bool { return !k.record.deleted.IsZero() }

// ByImport gives the import that the person came with, or "".
func (k *Known) ByImport() string { return k.record.importID }

// Find gives who has each of some values of one field: email, phone or external_id.
// Who has none is nil. Only who somebody vouched for is found by address or number:
// what a visitor typed is a claim. Of several it is the oldest.
func (s *Service) Find(ctx context.Context, workspaceID, field string, values []string) ([]*Known, error) {
	ix, err := s.vault.Index(ctx, workspaceID)
	if err != nil {
		return nil, fault.Wrap("contacts.Find", err)
	}
	tokens := make([][]byte, len(values))
	for i, v := range values {
		if v != "" {
			tokens[i] = ix.Equal(field, v)
		}
	}
	owners := map[string]string{}
	var records map[string]record
	err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		if owners, err = ownersOf(tx, workspaceID, field, tokens); err != nil {
			return err
		}
		records, err = recordsOf(tx, workspaceID, maps.Values(owners))
		return err
	})
	if err != nil {
		return nil, fault.Wrap("contacts.Find", err)
	}
	known, err := s.openKnown(ctx, workspaceID, records)
	if err != nil {
		return nil, fault.Wrap("contacts.Find", err)
	}
	out := make([]*Known, len(values))
	for i, t := range tokens {
		if k := known[owners[string(t)]]; t != nil && k != nil && k.vouched(field, values[i]) {
			out[i] = k
		}
	}
	return out, nil
}

// Know gives people by id, without those who are gone.
func (s *Service) Know(ctx context.Context, workspaceID string, ids []string) (map[string]*Known, error) {
	var records map[string]record
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		records, err = recordsOf(tx, workspaceID, func(yield func(string) bool) {
			for _, one := range ids {
				if !yield(one) {
					return
				}
			}
		})
		return err
	})
	if err != nil {
		return nil, fault.Wrap("contacts.Know", err)
	}
	known, err := s.openKnown(ctx, workspaceID, records)
	return known, fault.Wrap("contacts.Know", err)
}

func (s *Service) openKnown(ctx context.Context, workspaceID string, records map[string]record) (map[string]*Known, error) {
	subjects := make([]vault.Subject, 0, len(records))
	for contactID := range records {
		subjects = append(subjects, vault.Subject{Workspace: workspaceID, ID: contactID})
	}
	if len(subjects) == 0 {
		return map[string]*Known{}, nil
	}
	keys, err := s.vault.Keys(ctx, subjects)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*Known, len(records))
	for _, sub := range subjects {
		key, r := keys[sub], records[sub.ID]
		if key == nil {
			continue // erased
		}
		p, err := openProfile(key, r)
		if fault.Is(err, fault.KindGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[sub.ID] = &Known{sub: privacy.Subject{WorkspaceID: workspaceID, ContactID: sub.ID}, record: r, key: key, profile: p}
	}
	return out, nil
}

// Edit is a change of somebody who was there, prepared.
type Edit struct {
	known   *Known
	sealed  sealedProfile
	changed *rectified
	basis   privacy.BasisRecord
	before  map[string]any
	after   map[string]any
	by      actor.Actor
	undoing bool
	follows *following
}

// Known is who is changed.
func (e *Edit) Known() *Known { return e.known }

// Before gives what the fields that change said before, and After what they say then.
func (e *Edit) Before() map[string]any { return e.before }

// After gives what the fields that change say then; null where nothing.
func (e *Edit) After() map[string]any { return e.after }

// PrepareEdit seals somebody's profile with a change made by an import; nil if it
// changes nothing. With fill, only what is empty is changed.
func (s *Service) PrepareEdit(ctx context.Context, rules Rules, k *Known, c Change, basis *privacy.Basis, fill bool) (*Edit, error) {
	if fill {
		c = k.profile.onlyEmpty(c)
	}
	return s.prepareEdit(ctx, rules, k, c, basis)
}

func (s *Service) prepareEdit(ctx context.Context, rules Rules, k *Known, c Change, basis *privacy.Basis) (*Edit, error) {
	a, now := actor.From(ctx), s.clock.Now()
	if !now.After(k.record.updated) {
		now = k.record.updated.Add(1000)
	}
	after := k.profile.apply(c, trust{verified: !k.record.verified.IsZero(), facts: true}, privacy.SourceImport, now)
	if err := after.checkStored(); err != nil {
		return nil, err
	}
	changed, err := s.rectify(k.key, k.profile, after, a, now)
	if err != nil || changed == nil {
		return nil, err
	}
	changed.Source = privacy.SourceImport
	verified := !k.record.verified.IsZero()
	follows, err := s.following(ctx, k.sub.WorkspaceID, k.profile, after, verified, verified)
	if err != nil {
		return nil, err
	}
	e := &Edit{follows: follows, known: k, changed: changed, before: k.profile.differences(after), after: after.differences(k.profile), by: a, undoing: basis == nil}
	if e.sealed, err = s.seal(ctx, k.sub, k.key, rules.defs, after, k.record.created); err != nil {
		return nil, err
	}
	if basis != nil {
		e.basis = privacy.SealBasis(k.key, s.ids, k.sub, *basis, privacy.SourceImport, now)
	}
	return e, nil
}

// PrepareRevert seals somebody's profile with what an import replaced, where it
// still says what the import made of it; nil if nothing of that is left. kept counts
// the fields that somebody changed since.
func (s *Service) PrepareRevert(ctx context.Context, rules Rules, k *Known, before, after map[string]any) (e *Edit, kept int, err error) {
	now := k.profile.values()
	c := Change{Attributes: map[string]any{}}
	for field, made := range after {
		if !reflect.DeepEqual(now[field], made) {
			kept++
			continue
		}
		c.set(field, before[field])
	}
	e, err = s.prepareEdit(ctx, rules, k, c, nil)
	return e, kept, err
}

// StoreEdits stores prepared changes. The caller has asked whether each may be made,
// in the same transaction. It fails with changed_meanwhile where somebody was faster.
func (s *Service) StoreEdits(tx *storage.Tx, edits []*Edit) error {
	for _, e := range edits {
		k, r := e.known, e.known.record
		before := r.updated
		r.updated = e.changed.CreatedAt
		if err := e.changed.insert(tx, k.sub); err != nil {
			return fault.Wrap("contacts.StoreEdits", err)
		}
		_, moved, err := s.settleCompany(tx, k.sub, nil, e.follows)
		if err != nil {
			return fault.Wrap("contacts.StoreEdits", err)
		}
		if err := saveProfile(tx, k.sub, r, before, e.sealed); err != nil {
			return err
		}
		if err := writeIndex(tx, k.sub.WorkspaceID, r.updated, false, e.sealed.index); err != nil {
			return fault.Wrap("contacts.StoreEdits", err)
		}
		if !e.undoing {
			if err := privacy.InsertBasis(tx, e.basis); err != nil {
				return err
			}
		}
		names := e.changed.names()
		if moved {
			names = append(names, "company_id")
		}
		s.updated(tx, k.sub, e.by, r.updated, names...)
	}
	return nil
}
