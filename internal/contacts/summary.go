package contacts

import (
	"context"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Summary gives what a list shows of the person.
func (c Contact) Summary() Summary {
	return Summary{ID: c.ID, Name: c.Name, Email: c.Email, AvatarURL: c.AvatarURL, Verified: c.Verified, RestrictedAt: c.RestrictedAt}
}

// SummaryColumns are what [ScanSummary] needs of a contacts row that another
// domain joins as c.
const SummaryColumns = `c.profile_sealed, COALESCE(c.verified_at, 0), COALESCE(c.restricted_at, 0), COALESCE(c.merged_into, '')`

// Sealed is the joined part of a contacts row, before it is opened.
type Sealed struct {
	Profile    []byte
	Verified   int64
	Restricted int64
	// Survivor is the contact that stands for the person; "" unless it was merged.
	Survivor string
}

// Dest gives the scan destinations for [SummaryColumns].
func (s *Sealed) Dest() []any { return []any{&s.Profile, &s.Verified, &s.Restricted, &s.Survivor} }

// Open gives the summary, with the contact's key.
func (s Sealed) Open(key *vault.Key, contactID string) (Summary, error) {
	p, err := openProfile(key, record{id: contactID, sealed: s.Profile})
	if err != nil {
		return Summary{}, err
	}
	return Summary{ID: contactID, Name: p.Name, Email: p.Email, AvatarURL: p.AvatarURL, Verified: s.Verified != 0,
		RestrictedAt: pointer(clock.FromMicros(s.Restricted))}, nil
}

// Persons gives, by id, the summaries of survivors: what is about a merged contact is
// shown with who stands for the person. Those who cannot be read are absent.
func (s *Service) Persons(ctx context.Context, workspaceID string, ids []string) (map[string]Summary, error) {
	out := map[string]Summary{}
	if len(ids) == 0 {
		return out, nil
	}
	var records []record
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		records = nil
		seen := map[string]bool{}
		for _, id := range ids { // at most a page, and each by primary key
			if seen[id] {
				continue
			}
			seen[id] = true
			r, err := loadByID(tx, workspaceID, id)
			if fault.Is(err, fault.KindNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			records = append(records, r)
		}
		return nil
	})
	if err != nil {
		return nil, fault.Wrap("contacts.Persons", err)
	}
	opened, err := s.openAll(ctx, workspaceID, records)
	for _, c := range opened {
		out[c.ID] = c.Summary()
	}
	return out, fault.Wrap("contacts.Persons", err)
}

// FindPerson is [Service.FindForVisitor] for the person as a whole: of a contact who
// was merged it gives the survivor, whose address is the one to write to.
func (s *Service) FindPerson(ctx context.Context, workspaceID, contactID string) (Contact, error) {
	survivor, err := s.SurvivorOf(ctx, workspaceID, contactID)
	if err != nil {
		return Contact{}, err
	}
	return s.FindForVisitor(ctx, workspaceID, survivor)
}

// FindForVisitor gives a contact as its own visitor sees it, without an entry in
// the access log: people may look at themselves.
func (s *Service) FindForVisitor(ctx context.Context, workspaceID, contactID string) (Contact, error) {
	var r record
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = loadByID(tx, workspaceID, contactID)
		return err
	})
	if err != nil {
		return Contact{}, err
	}
	key, err := s.vault.Key(ctx, vault.Subject{Workspace: workspaceID, ID: contactID})
	if err != nil {
		return Contact{}, err
	}
	p, err := openProfile(key, r)
	return p.contact(r), err
}
