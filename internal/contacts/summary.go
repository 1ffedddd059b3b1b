package contacts

import (
	"context"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Summary gives what a list shows of the person.
func (c Contact) Summary() Summary {
	return Summary{ID: c.ID, Name: c.Name, Email: c.Email, AvatarURL: c.AvatarURL, Verified: c.Verified, RestrictedAt: c.RestrictedAt}
}

// SummaryColumns are what [ScanSummary] needs of a contacts row that another
// domain joins as c.
const SummaryColumns = `c.profile_sealed, COALESCE(c.verified_at, 0), COALESCE(c.restricted_at, 0)`

// Sealed is the joined part of a contacts row, before it is opened.
type Sealed struct {
	Profile    []byte
	Verified   int64
	Restricted int64
}

// Dest gives the scan destinations for [SummaryColumns].
func (s *Sealed) Dest() []any { return []any{&s.Profile, &s.Verified, &s.Restricted} }

// Open gives the summary, with the contact's key.
func (s Sealed) Open(key *vault.Key, contactID string) (Summary, error) {
	p, err := openProfile(key, record{id: contactID, sealed: s.Profile})
	if err != nil {
		return Summary{}, err
	}
	return Summary{ID: contactID, Name: p.Name, Email: p.Email, AvatarURL: p.AvatarURL, Verified: s.Verified != 0,
		RestrictedAt: pointer(clock.FromMicros(s.Restricted))}, nil
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
