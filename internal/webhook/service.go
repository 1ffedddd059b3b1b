package webhook

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB      *storage.DB
	Vault   *vault.Vault
	Audit   *audit.Log
	Privacy *privacy.Service
	Outbox  *live.Outbox
	Hub     *live.Hub
	Clock   clock.Clock
	IDs     id.Source
	Logger  *slog.Logger
	// Egress makes the requests. It must refuse redirects.
	Egress *egress.Client
	// AllowLoopback takes addresses of this machine, without https.
	AllowLoopback bool
	// People tells how things stand with a contact.
	People privacy.People
}

// Service keeps endpoints and delivers to them. It is safe for concurrent use.
type Service struct {
	Deps
	node   string // this process, as the holder of leases
	active atomic.Pointer[map[string]bool]
	wake   chan struct{}
	stop   context.CancelFunc
	done   sync.WaitGroup

	mu       sync.Mutex
	working  map[string]chan struct{} // by endpoint: tells its worker that there is more
	underWay map[privacy.Subject]map[*sending]struct{}
}

// New gives the service. [Service.Start] has it deliver.
func New(d Deps) *Service {
	s := &Service{Deps: d, node: id.New("nod"), wake: make(chan struct{}, 1), working: map[string]chan struct{}{},
		underWay: map[privacy.Subject]map[*sending]struct{}{}}
	s.active.Store(&map[string]bool{})
	d.Outbox.OnCommit(s.committed)
	return s
}

// placeOf is where an endpoint's sealed column lives.
func placeOf(column, id string) vault.Place {
	return vault.Place{Table: "webhook_endpoints", Column: column, Row: id}
}

func (s *Service) key(ctx context.Context, workspaceID string) (*vault.Key, error) {
	return s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID})
}

// open gives an endpoint as it is shown.
func (r row) open(key *vault.Key, now time.Time) (Endpoint, error) {
	url, err := key.Open(placeOf("url_sealed", r.id), r.url)
	if err != nil {
		return Endpoint{}, err
	}
	e := Endpoint{ID: r.id, URL: string(url), EventTypes: strings.Fields(r.types), State: r.state, FailingSince: nullMoment(r.failing),
		Waiting: r.waiting, CreatedAt: clock.FromMicros(r.createdAt), UpdatedAt: clock.FromMicros(r.changeAt)}
	if r.offReason.Valid {
		e.OffReason = &r.offReason.String
	}
	if until := nullMoment(r.oldUntil); until != nil && until.After(now) {
		e.OldSecretUntil = until
	}
	return e, nil
}

// Create adds an endpoint to the context's workspace, and gives the secret that
// signs its deliveries: here, and never again. It is told of what happens from now on.
func (s *Service) Create(ctx context.Context, n NewEndpoint) (Endpoint, string, error) {
	a, now := actor.From(ctx), s.Clock.Now()
	u, err := s.checkURL(n.URL)
	if err != nil {
		return Endpoint{}, "", err
	}
	types, err := checkTypes(n.EventTypes, a)
	if err != nil {
		return Endpoint{}, "", err
	}
	key, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return Endpoint{}, "", fault.Wrap("webhook.Create", err)
	}
	secret := newSecret()
	r := row{id: s.IDs.New(endpointID), types: strings.Join(types, " "), state: On, createdAt: clock.Micros(now), changeAt: clock.Micros(now)}
	r.url = key.Seal(placeOf("url_sealed", r.id), []byte(u.String()))
	r.secret = key.Seal(placeOf("secret_sealed", r.id), []byte(secret))
	if err := s.DB.Write(ctx, func(tx *storage.Tx) error { return s.insert(tx, a, r) }); err != nil {
		return Endpoint{}, "", fault.Wrap("webhook.Create", err)
	}
	s.look()
	e, err := r.open(key, now)
	return e, secret, fault.Wrap("webhook.Create", err)
}

func (s *Service) insert(tx *storage.Tx, a actor.Actor, r row) error {
	if err := tx.Lock("webhook endpoints " + a.WorkspaceID); err != nil {
		return err
	}
	var n int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM webhook_endpoints WHERE workspace_id = $1`, a.WorkspaceID).Scan(&n); err != nil {
		return err
	}
	if n >= maxEndpoints {
		return fault.Conflict("too_many_endpoints", "A workspace has at most 20 webhook endpoints. Remove one first.")
	}
	last, err := live.Last(tx, a.WorkspaceID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(insertEndpoint, a.WorkspaceID, r.id, r.url, r.types, r.secret, last, r.createdAt, r.changeAt); err != nil {
		return err
	}
	return s.record(tx, a, "webhook_endpoint.created", r.id, map[string]string{"event_types": inWords(r.types)})
}

// record appends to the audit log.
func (s *Service) record(tx *storage.Tx, a actor.Actor, action, target string, details map[string]string) error {
	kind, _, _ := strings.Cut(action, ".")
	return s.Audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: action,
		TargetType: kind, TargetID: target, Details: details})
}

// inWords writes types as the audit log takes them: contact_erased.
func inWords(types string) string {
	return strings.NewReplacer(".", "_", " ", ",").Replace(types)
}

// Get gives one endpoint of the context's workspace.
func (s *Service) Get(ctx context.Context, endpointID string) (Endpoint, error) {
	all, err := s.read(ctx, func(tx *storage.Tx, workspaceID string) ([]row, error) {
		r, err := endpointBy(tx, showEndpoint, workspaceID, endpointID)
		return []row{r}, err
	})
	if err != nil {
		return Endpoint{}, fault.Wrap("webhook.Get", err)
	}
	return all[0], nil
}

// List gives endpoints of the context's workspace, newest first: those before an id
// ("" for the first page), at most limit.
func (s *Service) List(ctx context.Context, before string, limit int) ([]Endpoint, error) {
	if before == "" {
		before = "~"
	}
	all, err := s.read(ctx, func(tx *storage.Tx, workspaceID string) ([]row, error) {
		return loadEndpoints(tx, workspaceID, before, limit)
	})
	return all, fault.Wrap("webhook.List", err)
}

func (s *Service) read(ctx context.Context, load func(tx *storage.Tx, workspaceID string) ([]row, error)) ([]Endpoint, error) {
	a := actor.From(ctx)
	key, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return nil, err
	}
	var rows []row
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = load(tx, a.WorkspaceID)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]Endpoint, len(rows))
	for i, r := range rows {
		if out[i], err = r.open(key, s.Clock.Now()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Update changes an endpoint. Check, if not nil, is asked whether the version that
// is there may be changed. Switched on again, an endpoint goes on where it stopped,
// and what waits is tried at once.
func (s *Service) Update(ctx context.Context, endpointID string, c Change, check func(updated time.Time) error) (Endpoint, error) {
	a, now := actor.From(ctx), s.Clock.Now()
	key, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return Endpoint{}, fault.Wrap("webhook.Update", err)
	}
	if c.URL != nil {
		u, err := s.checkURL(*c.URL)
		if err != nil {
			return Endpoint{}, err
		}
		*c.URL = u.String()
	}
	var r row
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("webhook endpoint " + endpointID); err != nil {
			return err
		}
		if r, err = endpointBy(tx, showEndpoint, a.WorkspaceID, endpointID); err != nil {
			return err
		}
		if check != nil {
			if err := check(clock.FromMicros(r.changeAt)); err != nil {
				return err
			}
		}
		return s.change(tx, a, &r, c, key, now)
	})
	if err != nil {
		return Endpoint{}, fault.Wrap("webhook.Update", err)
	}
	s.look()
	e, err := r.open(key, now)
	return e, fault.Wrap("webhook.Update", err)
}

// change applies a change to a row, and writes it down.
func (s *Service) change(tx *storage.Tx, a actor.Actor, r *row, c Change, key *vault.Key, now time.Time) error {
	if c.EventTypes != nil || c.URL != nil { // what is told, or to whom: only what the actor may see
		types := c.EventTypes
		if types == nil {
			types = strings.Fields(r.types)
		}
		types, err := checkTypes(types, a)
		if err != nil {
			return err
		}
		r.types = strings.Join(types, " ")
	}
	if c.URL != nil {
		r.url = key.Seal(placeOf("url_sealed", r.id), []byte(*c.URL))
	}
	details := map[string]string{"event_types": inWords(r.types), "address_changed": strconv.FormatBool(c.URL != nil)}
	if c.State != nil && *c.State != r.state {
		r.state = *c.State
		r.offReason.String, r.offReason.Valid = OffByOperator, r.state == Off
		details["state"] = r.state
		if r.state == On {
			r.failing.Valid = false
			if _, err := tx.Exec(hurryWaiting, clock.Micros(now), a.WorkspaceID, r.id); err != nil {
				return err
			}
		}
	}
	r.changeAt = max(clock.Micros(now), r.changeAt+1) // the version must move even if the clock does not
	if err := r.save(tx, a.WorkspaceID); err != nil {
		return err
	}
	return s.record(tx, a, "webhook_endpoint.updated", r.id, details)
}

// Delete removes an endpoint with its deliveries.
func (s *Service) Delete(ctx context.Context, endpointID string) error {
	a := actor.From(ctx)
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`DELETE FROM webhook_endpoints WHERE workspace_id = $1 AND id = $2`, a.WorkspaceID, endpointID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFound("webhook endpoint")
		}
		if _, err := tx.Exec(`DELETE FROM webhook_deliveries WHERE workspace_id = $1 AND endpoint_id = $2`, a.WorkspaceID, endpointID); err != nil {
			return err
		}
		return s.record(tx, a, "webhook_endpoint.deleted", endpointID, nil)
	})
	return fault.Wrap("webhook.Delete", err)
}

// committed is told of each commit on this node: endpoints of these workspaces have
// something to do.
func (s *Service) committed(events []live.Event) {
	active := *s.active.Load()
	if len(active) > 0 && slices.ContainsFunc(events, func(e live.Event) bool { return active[e.WorkspaceID] }) {
		s.look()
	}
}

// look has the loop look for work soon.
func (s *Service) look() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
