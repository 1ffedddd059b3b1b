package contacts

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/sensitive"
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
	// Basis resolves the lawful basis that applies to data which states one, or
	// none: the workspace's purposes and default decide.
	Basis func(ctx context.Context, workspaceID string, stated *privacy.Basis) (privacy.Basis, error)
	// Policy says what a workspace does with sensitive text. Nil: the default.
	Policy func(ctx context.Context, workspaceID string) (sensitive.Policy, error)
	// MayChange tells whether the customer's people may change somebody's data: nil,
	// or why not. A nil MayChange lets them.
	MayChange func(tx *storage.Tx, sub privacy.Subject) error
	// Purpose gives a workspace's purpose as it is in force, and MayUse tells whether
	// somebody's data may be used for it: nil, or why not. Exports need them.
	Purpose func(tx *storage.Tx, workspaceID, purpose string) (privacy.Purpose, error)
	MayUse  func(tx *storage.Tx, sub privacy.Subject, p privacy.Purpose) error
	// Segments finds who is in a segment.
	Segments *segment.Service
	// RefusesUndeclared tells whether a workspace takes only declared attributes. A
	// nil one takes all.
	RefusesUndeclared func(ctx context.Context, workspaceID string) (bool, error)
	// Consents gives what is in force of a person's consents, for the preview of a merge.
	Consents func(ctx context.Context, sub privacy.Subject) ([]privacy.ConsentState, error)
	// Part writes down for a contact who leaves a person what was said meanwhile and
	// holds for both, as a merge is undone.
	Part func(tx *storage.Tx, rest []privacy.Member, left privacy.Member, by actor.Ref) error
	// HoldCompany has a company stay until the transaction ends: nil, or not found.
	HoldCompany func(tx *storage.Tx, workspaceID, companyID string) error
	// Companies gives what companies follow by; nil: none ever follows. CompanyDomain
	// gives the domain of an organisation in its one form; "" for a public mail
	// provider's and for what is none.
	Companies     func(ctx context.Context, workspaceID string) (Companies, error)
	CompanyDomain func(domain string) string
	// MayHandle tells whether the customer's people may handle somebody's data: nil, or
	// why not. A nil one lets them.
	MayHandle func(tx *storage.Tx, sub privacy.Subject) error
	// CompanyName gives what a company is called.
	CompanyName func(ctx context.Context, tx *storage.Tx, workspaceID, companyID string) (string, error)
	// Holds tells whether somebody who began something still holds a permission. A nil
	// one says that they do.
	Holds func(ctx context.Context, workspaceID string, who actor.Ref, permission string) (bool, error)
	// Erase erases a person everywhere, not only here.
	Erase func(ctx context.Context, contactID string) (privacy.Receipt, error)
	// Restrict restricts a person's data to storage, or lifts that.
	Restrict func(ctx context.Context, contactID string, on bool, reason string) error
}

// Service knows contacts.
type Service struct {
	db     *storage.DB
	vault  *vault.Vault
	audit  *audit.Log
	outbox *live.Outbox
	clock  clock.Clock
	ids    id.Source
	basis  func(ctx context.Context, workspaceID string, stated *privacy.Basis) (privacy.Basis, error)
	may    func(tx *storage.Tx, sub privacy.Subject) error
	use    Deps // of the exports
	erase  func(ctx context.Context, contactID string) (privacy.Receipt, error)

	segments *segment.Service

	node string // this process, in leases
	wake chan struct{}
	bulk chan struct{} // as wake, for bulk jobs

	toldMu sync.Mutex
	told   map[string]time.Time // when each running bulk job was last told of

	log  *slog.Logger
	stop context.CancelFunc
	done sync.WaitGroup
}

// New gives the service.
func New(d Deps) *Service {
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return &Service{db: d.DB, vault: d.Vault, audit: d.Audit, outbox: d.Outbox, clock: d.Clock, ids: d.IDs, basis: d.Basis, may: d.MayChange, use: d, erase: d.Erase,
		segments: d.Segments, node: id.New("nod"), wake: make(chan struct{}, 1), bulk: make(chan struct{}, 1), told: map[string]time.Time{}, log: d.Logger}
}

// Create adds a contact. Customers' code and operators vouch for whom they add:
// such a contact is verified.
func (s *Service) Create(ctx context.Context, c Change) (Contact, error) {
	d, err := s.prepareNew(ctx, c, nil)
	if err != nil {
		return Contact{}, fault.Wrap("contacts.Create", err)
	}
	if err := s.db.Write(ctx, d.Insert); err != nil {
		return Contact{}, fault.Wrap("contacts.Create", err)
	}
	return d.contact(), nil
}

func (s *Service) prepareNew(ctx context.Context, c Change, external *string) (*Draft, error) {
	a := actor.From(ctx)
	if external != nil {
		c.ExternalID = external
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	basis, err := s.basis(ctx, a.WorkspaceID, c.Basis)
	if err != nil {
		return nil, err
	}
	return s.Prepare(ctx, a.WorkspaceID, "", c, basis, true)
}

// Get gives one contact; of one that was merged the survivor.
func (s *Service) Get(ctx context.Context, contactID string) (Contact, error) {
	a := actor.From(ctx)
	var r record
	var merged []string
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		if r, err = loadPerson(tx, a.WorkspaceID, contactID); err != nil {
			return err
		}
		merged, err = membersOf(tx, a.WorkspaceID, r.id)
		return err
	})
	if err != nil {
		return Contact{}, fault.Wrap("contacts.Get", err)
	}
	out, err := s.openAll(ctx, a.WorkspaceID, []record{r})
	if err != nil {
		return Contact{}, fault.Wrap("contacts.Get", err)
	}
	if len(out) == 0 {
		return Contact{}, fault.NotFound("contact") // its key is gone: erased
	}
	s.audit.Access(ctx, []string{r.id}, "contact")
	out[0].MergedIDs = append(out[0].MergedIDs, merged...)
	return out[0], nil
}

// List gives contacts, newest first: those before the id given ("" for the first
// page), at most limit, of the bin or of those not in it.
func (s *Service) List(ctx context.Context, before string, limit int, bin bool) ([]Contact, error) {
	if before == "" {
		before = beyond
	}
	query := selectPage
	if bin {
		query = selectBin
	}
	return s.list(ctx, "contacts.list", before, limit, func(tx *storage.Tx, workspaceID, before string, limit int) ([]record, error) {
		return scanRecords(tx.Query(query, workspaceID, before, limit))
	})
}

// Restricted gives contacts whose data is restricted, as [Service.List] does.
func (s *Service) Restricted(ctx context.Context, before string, limit int) ([]Contact, error) {
	if before == "" {
		before = beyond
	}
	return s.list(ctx, "contacts.list", before, limit, func(tx *storage.Tx, workspaceID, before string, limit int) ([]record, error) {
		return scanRecords(tx.Query(selectRestricted, workspaceID, before, limit))
	})
}

// list asks for rows until there are limit of them that can be read, or no more:
// rows whose key is gone, as after an old copy was put back, are passed over and do
// not end the list.
func (s *Service) list(ctx context.Context, through, before string, limit int, query func(tx *storage.Tx, workspaceID, before string, limit int) ([]record, error)) ([]Contact, error) {
	a := actor.From(ctx)
	out := []Contact{}
	for len(out) < limit {
		var records []record
		want := limit - len(out)
		err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
			records, err = query(tx, a.WorkspaceID, before, want)
			return err
		})
		if err != nil {
			return nil, fault.Wrap(through, err)
		}
		opened, err := s.openAll(ctx, a.WorkspaceID, records)
		if err != nil {
			return nil, fault.Wrap(through, err)
		}
		out = append(out, opened...)
		if len(records) < want {
			break
		}
		before = records[len(records)-1].id
	}
	s.audit.Access(ctx, idsOf(out), through)
	return out, nil
}

func idsOf(contacts []Contact) []string {
	ids := make([]string, len(contacts))
	for i, c := range contacts {
		ids[i] = c.ID
	}
	return ids
}

// openAll opens the profiles. Those whose key is gone are left out: an erased
// person that a restored backup brought back is not shown.
func (s *Service) openAll(ctx context.Context, workspaceID string, records []record) ([]Contact, error) {
	subjects := make([]vault.Subject, len(records))
	for i, r := range records {
		subjects[i] = vault.Subject{Workspace: workspaceID, ID: r.id}
	}
	keys, err := s.vault.Keys(ctx, subjects)
	if err != nil {
		return nil, err
	}
	out := make([]Contact, 0, len(records))
	for i, r := range records {
		key, ok := keys[subjects[i]]
		if !ok {
			continue
		}
		p, err := openProfile(key, r)
		if fault.Is(err, fault.KindGone) {
			continue // erased this moment
		}
		if err != nil {
			return nil, err
		}
		out = append(out, p.contact(r))
	}
	return out, s.tagged(ctx, workspaceID, out)
}

func openProfile(key *vault.Key, r record) (Profile, error) {
	plain, err := key.Open(profilePlace(r.id), r.sealed)
	if err != nil {
		return Profile{}, fault.Wrap("open profile of "+r.id, err)
	}
	return unmarshalProfile(plain)
}

// contact joins a profile and its row.
func (p Profile) contact(r record) Contact {
	c := Contact{ID: r.id, ExternalID: p.ExternalID, Email: p.Email, Name: p.Name, FirstName: p.FirstName, LastName: p.LastName,
		Phone: p.Phone, AvatarURL: p.AvatarURL, Attributes: p.Attributes, Locale: p.Locale, Timezone: p.Timezone, Source: r.source,
		Verified: !r.verified.IsZero(), RestrictedAt: pointer(r.restricted), HeldUntil: pointer(r.held), DeletedAt: pointer(r.deleted), LastSeenAt: pointer(r.lastSeen),
		CreatedAt: r.created, UpdatedAt: r.updated, Provenance: p.Provenance, Claims: p.Claims}
	all := channels()
	c.Emails, c.Phones = p.addresses(all[0], c.Verified), p.addresses(all[1], c.Verified)
	if c.Claims == nil {
		c.Claims = map[string]Claim{}
	}
	c.MergedIDs = []string{}
	if c.Attributes == nil {
		c.Attributes = map[string]any{}
	}
	if r.company != "" {
		c.CompanyID = &r.company
	}
	if r.belonging.source != "" {
		c.CompanyFrom = &r.belonging.source
	}
	if c.Tags == nil {
		c.Tags = []string{}
	}
	if c.Provenance == nil {
		c.Provenance = map[string]Provenance{}
	}
	return c
}

func pointer(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// mayChange refuses the customer's people what restriction forbids them. The
// person's own acts, and what is done at their wish, go on.
func (s *Service) mayChange(ctx context.Context, tx *storage.Tx, sub privacy.Subject) error {
	if s.may == nil || !privacy.WorksForCustomer(actor.From(ctx)) || ctx.Value(wish{}) != nil {
		return nil
	}
	return s.may(tx, sub)
}

// updated appends an event about a contact in which fields changed. It names the
// fields, so that whoever got the data before hears what to correct (GDPR article 19).
func (s *Service) updated(tx *storage.Tx, sub privacy.Subject, by actor.Actor, at time.Time, fields ...string) {
	e := live.Event{Type: live.ContactUpdated, WorkspaceID: sub.WorkspaceID, OccurredAt: at, ActorType: by.Type, ActorID: by.ID,
		ContactID: sub.ContactID, ObjectID: sub.ContactID}
	if len(fields) > 0 {
		e.Details = map[string]string{"fields": strings.Join(fields, ",")}
	}
	s.outbox.Append(tx, e)
}

// event appends one about a contact.
func (s *Service) event(tx *storage.Tx, eventType string, sub privacy.Subject, by actor.Actor, at time.Time) {
	s.outbox.Append(tx, live.Event{Type: eventType, WorkspaceID: sub.WorkspaceID, OccurredAt: at, ActorType: by.Type, ActorID: by.ID,
		ContactID: sub.ContactID, ObjectID: sub.ContactID})
}
