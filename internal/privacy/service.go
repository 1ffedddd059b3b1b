package privacy

import (
	"context"
	"log/slog"
	"slices"

	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB     *storage.DB
	Vault  *vault.Vault
	Audit  *audit.Log
	Outbox *live.Outbox
	Clock  clock.Clock
	IDs    id.Source
	Logger *slog.Logger
	// People is the table of contacts.
	People People
	// Notify, if not nil, prepares what a person is told, outside of the transaction,
	// and gives what queues it in the transaction that causes it.
	Notify func(ctx context.Context, n Notice) (queue func(tx *storage.Tx) error, err error)
	// Farewell, if not nil, prepares the mail that tells a person of their erasure,
	// before it: afterwards nobody knows where to write.
	Farewell func(ctx context.Context, sub Subject, receiptID string) (Farewell, error)
	// ReceiptSeed signs erasure receipts: 32 bytes, an instance secret.
	ReceiptSeed []byte
}

// Service keeps purposes, consents and the catalogue, and erases people.
type Service struct {
	db        *storage.DB
	vault     *vault.Vault
	audit     *audit.Log
	outbox    *live.Outbox
	clock     clock.Clock
	ids       id.Source
	log       *slog.Logger
	people    People
	notify    func(ctx context.Context, n Notice) (func(tx *storage.Tx) error, error)
	farewells func(ctx context.Context, sub Subject, receiptID string) (Farewell, error)
	readers   EventReader
	gates     []func(tx *storage.Tx, sub Subject, purpose string) error
	signer    receiptSigner
	holders   []Holder
	catalogue Catalogue
	terms     func(ctx context.Context, workspaceID string) ([]Term, error)
}

// New gives the service. [Service.Hold] completes it with the holders.
func New(d Deps) *Service {
	return &Service{db: d.DB, vault: d.Vault, audit: d.Audit, outbox: d.Outbox, clock: d.Clock, ids: d.IDs, log: d.Logger,
		people: d.People, notify: d.Notify, farewells: d.Farewell, signer: newReceiptSigner(d.ReceiptSeed)}
}

// Hold hands over the holders, this package's own included, and builds the
// catalogue from them.
func (s *Service) Hold(holders ...Holder) error {
	all := append([]Holder{ground{s.audit, s.exists, s}, records{s}}, holders...)
	c, err := NewCatalogue(all)
	if err != nil {
		return err
	}
	s.holders, s.catalogue = all, c
	return nil
}

// Catalogue gives every stored field.
func (s *Service) Catalogue() Catalogue { return s.catalogue }

// Export hands out everything that is held about a person, holder by holder.
func (s *Service) Export(ctx context.Context, sub Subject, out Export) error {
	return s.Snapshot(ctx, sub, func(_ *storage.Tx, walk func(Export) error) error { return walk(out) })
}

// Snapshot lets fn walk over everything that is held about a person as often as it
// likes: each walk sees the same moment. Fn must not wait for anybody: while it
// runs, a transaction is open.
func (s *Service) Snapshot(ctx context.Context, sub Subject, fn func(tx *storage.Tx, walk func(Export) error) error) error {
	return s.db.Read(ctx, func(tx *storage.Tx) error {
		members, err := s.people.Members(tx, sub)
		if fault.Is(err, fault.KindNotFound) {
			members, err = []Member{{Subject: sub}}, nil // whatever is left of nobody is looked for
		}
		if err != nil {
			return err
		}
		return fn(tx, func(out Export) error {
			for _, h := range s.told() {
				if err := exportAll(ctx, tx, h, members, out); err != nil {
					return fault.Wrap(h.Name()+".Export", err)
				}
			}
			return nil
		})
	})
}

// SnapshotOf lets fn walk over one section of what is held about a person; no other
// holder is asked.
func (s *Service) SnapshotOf(ctx context.Context, sub Subject, section string, fn func(walk func(Export) error) error) error {
	return s.db.Read(ctx, func(tx *storage.Tx) error {
		members, err := s.people.Members(tx, sub)
		if err != nil {
			return err
		}
		return fn(func(out Export) error {
			only := func(name string, record any) error {
				if name != section {
					return nil
				}
				return out(name, record)
			}
			for _, h := range s.told() {
				sectioned, ok := h.(Sectioned)
				if !ok || !slices.ContainsFunc(sectioned.Sections(), func(one Section) bool { return one.Name == section }) {
					continue
				}
				for _, m := range members {
					if err := h.Export(ctx, tx, m.Subject, only); err != nil {
						return fault.Wrap(h.Name()+".Export", err)
					}
				}
			}
			return nil
		})
	})
}

// exportAll hands out what a holder has of a person. Of one who is several contacts
// it is asked once for each section, so that the records of a section stay together.
func exportAll(ctx context.Context, tx *storage.Tx, h Holder, members []Member, out Export) error {
	sectioned, ok := h.(Sectioned)
	if len(members) == 1 || !ok {
		for _, m := range members {
			if err := h.Export(ctx, tx, m.Subject, out); err != nil {
				return err
			}
		}
		return nil
	}
	for _, section := range sectioned.Sections() {
		only := func(name string, record any) error {
			if name != section.Name {
				return nil
			}
			return out(name, record)
		}
		for _, m := range members {
			if err := h.Export(ctx, tx, m.Subject, only); err != nil {
				return err
			}
		}
	}
	return nil
}

// told gives the holders in the order in which a person reads: first who they are
// and what was said, then consents and bases, and the logs last.
func (s *Service) told() []Holder {
	const own = 2 // this package's two stand first
	if len(s.holders) < own {
		return s.holders
	}
	return append(slices.Clone(s.holders[own:]), s.holders[1], s.holders[0])
}

// Check tells whether a person is held and can be read: nil, not found, or gone
// where their key was destroyed.
func (s *Service) Check(ctx context.Context, sub Subject) error {
	err := s.db.Read(ctx, func(tx *storage.Tx) error { return s.exists(tx, sub) })
	if err == nil {
		_, err = s.vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	}
	return fault.Wrap("privacy.Check", err)
}

// Sections gives what the holders hand out, in the order in which they do.
func (s *Service) Sections() []Section {
	var all []Section
	for _, h := range s.told() {
		if sectioned, ok := h.(Sectioned); ok {
			all = append(all, sectioned.Sections()...)
		}
	}
	return all
}
