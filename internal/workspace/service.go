package workspace

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB     *storage.DB
	Vault  *vault.Vault
	Audit  *audit.Log
	Clock  clock.Clock
	IDs    id.Source
	Logger *slog.Logger

	// SecureCookies has browsers send the session cookie over https alone. Set it
	// when the public URL is https.
	SecureCookies bool
	// PasswordCost is the work of a password's hash; zero means
	// DefaultPasswordCost.
	PasswordCost PasswordCost
	// IsPurpose tells whether a workspace has a purpose: nil, or invalid. Nil takes all.
	IsPurpose func(tx *storage.Tx, workspaceID, purpose string) error
	// Announce tells the other nodes of ids that they should Forget. Nil where
	// there are none.
	Announce func(ctx context.Context, ids ...string)
	// Left erases what all packages hold of an operator who belongs to no workspace
	// any more, in the transaction of their leaving. Nil where only this one does.
	Left func(tx *storage.Tx, by actor.Actor, operatorID string) error
	// Gone destroys the key of an operator who left and gives the receipt. Nil where
	// none is wanted.
	Gone func(ctx context.Context, operatorID string) (privacy.Receipt, error)
}

// How long this node may rely on what it has read. Changes made here, and those
// that other nodes announce, are seen at once.
const (
	authLife      = 10 * time.Second
	workspaceLife = 10 * time.Second
	nameLife      = time.Minute

	maxCached = 20_000 // entries of each cache
)

// The limits of signing in.
const (
	accountEvery, accountBurst = 30 * time.Second, 10
	networkEvery, networkBurst = 5 * time.Second, 30

	maxLimited = 50_000 // accounts or networks in memory
)

// Service keeps workspaces and who may act in them. It is safe for concurrent
// use.
type Service struct {
	db        *storage.DB
	vault     *vault.Vault
	audit     *audit.Log
	clock     clock.Clock
	ids       id.Source
	log       *slog.Logger
	secure    bool
	announce  func(ctx context.Context, ids ...string)
	left      func(tx *storage.Tx, by actor.Actor, operatorID string) error
	gone      func(ctx context.Context, operatorID string) (privacy.Receipt, error)
	isPurpose func(tx *storage.Tx, workspaceID, purpose string) error

	hasher   *hasher
	accounts *limiter
	networks *limiter

	grants     *cache[hashed, *grant]
	workspaces *cache[string, Workspace]
	origins    *cache[struct{}, originSet]
	names      *cache[string, string]
	touched    touches

	settingUp  sync.Mutex // one set-up by token at a time
	setupToken atomic.Pointer[hashed]
	isSetUp    atomic.Bool
}

// New gives the service.
func New(d Deps) *Service {
	if d.Announce == nil {
		d.Announce = func(context.Context, ...string) {}
	}
	if d.Left == nil {
		d.Left = func(tx *storage.Tx, _ actor.Actor, operatorID string) error {
			_, err := (*Service)(nil).EraseOperator(tx, operatorID)
			return err
		}
	}
	if d.Gone == nil {
		d.Gone = func(ctx context.Context, operatorID string) (privacy.Receipt, error) {
			return privacy.Receipt{}, d.Vault.Erase(ctx, vault.Subject{ID: operatorID})
		}
	}
	return &Service{
		left: d.Left, gone: d.Gone, isPurpose: d.IsPurpose,
		db: d.DB, vault: d.Vault, audit: d.Audit, clock: d.Clock, ids: d.IDs, log: d.Logger,
		secure: d.SecureCookies, announce: d.Announce,
		hasher:     newHasher(d.PasswordCost),
		accounts:   newLimiter(accountEvery, accountBurst, maxLimited),
		networks:   newLimiter(networkEvery, networkBurst, maxLimited),
		grants:     newCache[hashed, *grant](authLife, maxCached),
		workspaces: newCache[string, Workspace](workspaceLife, maxCached),
		names:      newCache[string, string](nameLife, maxCached),
		origins:    newCache[struct{}, originSet](workspaceLife, 1),
		touched:    touches{at: make(map[string]touch)},
	}
}

// Forget drops what this node remembers of the ids: operators, sessions, keys or
// workspaces. Other nodes call it when a change is announced.
func (s *Service) Forget(ids ...string) {
	for _, one := range ids {
		s.grants.forget(func(_ hashed, g *grant) bool { return g.concerns(one) })
		s.workspaces.forget(func(_ string, w Workspace) bool { return w.ID == one })
		s.names.forget(func(operator, _ string) bool { return operator == one })
		if id.Valid(id.Workspace, one) {
			s.origins.forget(func(struct{}, originSet) bool { return true })
		}
	}
}

// changed forgets the ids here and tells the other nodes.
func (s *Service) changed(ctx context.Context, ids ...string) {
	s.Forget(ids...)
	s.announce(context.WithoutCancel(ctx), ids...)
}

// record appends to the audit log, in the transaction of what it tells of. An
// anonymous actor is the system.
func (s *Service) record(tx *storage.Tx, a actor.Actor, workspaceID, action, targetType, targetID string, details map[string]string) {
	if a.IsZero() {
		a = actor.Actor{Type: actor.System, ID: "workspace"}
	}
	// An entry that the log refuses fails the transaction by itself.
	_ = s.audit.Append(tx, audit.Entry{
		WorkspaceID: workspaceID, ActorType: a.Type, ActorID: a.ID,
		Action: action, TargetType: targetType, TargetID: targetID, Details: details,
	})
}

const (
	flushEvery = 30 * time.Second
	sweepEvery = time.Hour
	lastFlush  = 5 * time.Second
)

// Run writes, until the context ends, when sessions and keys were last used, and
// removes sessions that are over. It returns after a last write.
func (s *Service) Run(ctx context.Context) {
	flush, sweep := time.NewTicker(flushEvery), time.NewTicker(sweepEvery)
	defer flush.Stop()
	defer sweep.Stop()
	for {
		var err error
		select {
		case <-flush.C:
			err = s.Flush(ctx)
		case <-sweep.C:
			err = s.Sweep(ctx)
		case <-ctx.Done():
			s.flushLast(ctx)
			return
		}
		if err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "the use of sessions was not written", "error", err)
		}
	}
}

// flushLast writes what waits when the server ends.
func (s *Service) flushLast(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
	defer cancel()
	if err := s.Flush(ctx); err != nil {
		s.log.WarnContext(ctx, "the last use of sessions was not written", "error", err)
	}
}

// Sweep removes sessions that are over.
func (s *Service) Sweep(ctx context.Context) error {
	now := clock.Micros(s.clock.Now())
	return fault.Wrap("workspace.Sweep", s.db.Write(ctx, func(tx *storage.Tx) error {
		return deleteOverSessions(tx, now)
	}))
}
