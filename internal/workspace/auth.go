package workspace

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// grant is what a secret allows, as it is kept in memory.
type grant struct {
	actor   actor.Actor
	expires time.Time    // zero: never
	seen    atomic.Int64 // microseconds: the last use that is written or about to be
}

// concerns tells whether a change of what has the id may change the grant.
func (g *grant) concerns(id string) bool {
	return id == g.actor.ID || id == g.actor.SessionID || id == g.actor.WorkspaceID
}

// touchEvery is how exactly the last use of a session or key is known.
const touchEvery = time.Minute

// AuthenticateSession gives the operator whose session token it is, acting in the
// session's workspace. It reads from memory what was read in the last 10 seconds
// and never writes.
func (s *Service) AuthenticateSession(ctx context.Context, token string) (actor.Actor, error) {
	if !looksLikeSecret(token) {
		return actor.Actor{}, fault.Unauthorized("Sign in, then try again.")
	}
	a, err := s.authenticate(ctx, hashSecret(token), s.loadSession)
	if errors.Is(err, sql.ErrNoRows) {
		return actor.Actor{}, fault.Unauthorized("The session has ended. Sign in again.")
	}
	return a, fault.Wrap("workspace.AuthenticateSession", err)
}

// AuthenticateKey gives the API key whose secret a bearer token is. It reads from
// memory what was read in the last 10 seconds and never writes.
func (s *Service) AuthenticateKey(ctx context.Context, bearer string) (actor.Actor, error) {
	unknown := fault.Unauthorized("There is no such API key, or it was revoked. Make one under Settings, API keys.")
	secret, ok := strings.CutPrefix(bearer, keyPrefix)
	if !ok || !looksLikeSecret(secret) {
		return actor.Actor{}, unknown
	}
	a, err := s.authenticate(ctx, hashSecret(bearer), s.loadKey)
	if errors.Is(err, sql.ErrNoRows) {
		return actor.Actor{}, unknown
	}
	return a, fault.Wrap("workspace.AuthenticateKey", err)
}

// authenticate finds the grant of a secret; sql.ErrNoRows where there is none, or
// it is over.
func (s *Service) authenticate(ctx context.Context, secret hashed, load func(context.Context, hashed) (*grant, error)) (actor.Actor, error) {
	now := s.clock.Now()
	g, generation, ok := s.grants.get(now, secret)
	if !ok {
		var err error
		if g, err = load(ctx, secret); err != nil {
			return actor.Actor{}, err
		}
		s.grants.put(now, generation, secret, g)
	}
	if !g.expires.IsZero() && !now.Before(g.expires) {
		return actor.Actor{}, sql.ErrNoRows
	}
	s.touch(g, now)
	return g.actor, nil
}

const sessionByHash = `SELECT s.id, s.operator_id, s.workspace_id, s.last_seen_at, s.expires_at, m.role, o.profile_sealed
	FROM sessions s
	JOIN memberships m ON m.workspace_id = s.workspace_id AND m.operator_id = s.operator_id
	JOIN operators o ON o.id = s.operator_id
	WHERE s.token_hash = $1`

func (s *Service) loadSession(ctx context.Context, secret hashed) (*grant, error) {
	var (
		a             = actor.Actor{Type: actor.Operator}
		seen, expires int64
		role          Role
		sealed        []byte
	)
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(sessionByHash, secret[:]).Scan(&a.SessionID, &a.ID, &a.WorkspaceID, &seen, &expires, &role, &sealed)
	})
	if err != nil {
		return nil, err
	}
	p, err := s.openProfile(ctx, a.ID, sealed)
	if err != nil {
		return nil, err
	}
	w, err := s.Get(ctx, a.WorkspaceID)
	if err != nil {
		return nil, err
	}
	a.Name, a.Permissions = p.Name, role.in(w.Settings)
	g := &grant{actor: a, expires: clock.FromMicros(expires)}
	g.seen.Store(seen)
	return g, nil
}

const keyByHash = `SELECT workspace_id, id, name, scopes, last_used_at FROM api_keys WHERE secret_hash = $1 AND revoked_at IS NULL`

func (s *Service) loadKey(ctx context.Context, secret hashed) (*grant, error) {
	var (
		a      = actor.Actor{Type: actor.APIKey}
		scopes string
		used   sql.NullInt64
	)
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(keyByHash, secret[:]).Scan(&a.WorkspaceID, &a.ID, &a.Name, &scopes, &used)
	})
	if err != nil {
		return nil, err
	}
	a.Permissions = ofKey(strings.Fields(scopes))
	g := &grant{actor: a}
	g.seen.Store(used.Int64)
	return g, nil
}

// touches are the last uses that are not written yet, by session or key id.
type touches struct {
	mu sync.Mutex
	at map[string]touch
}

type touch struct {
	actor actor.Actor
	at    int64 // microseconds
}

// touch notes that a grant is used, at most once a minute.
func (s *Service) touch(g *grant, now time.Time) {
	at, seen := clock.Micros(now), g.seen.Load()
	if at-seen < touchEvery.Microseconds() || !g.seen.CompareAndSwap(seen, at) {
		return
	}
	id := g.actor.ID
	if g.actor.Type == actor.Operator {
		id = g.actor.SessionID
	}
	s.touched.mu.Lock()
	defer s.touched.mu.Unlock()
	waiting, known := s.touched.at[id]
	if known && at-waiting.at < touchEvery.Microseconds() { // the grant was read again before it was written
		return
	}
	if known || len(s.touched.at) < maxCached {
		s.touched.at[id] = touch{g.actor, at}
	}
}

// flushChunk is how many last uses one transaction writes.
const flushChunk = 200

// Flush writes the last uses that are waiting. What cannot be written is dropped:
// the next use notes it again.
func (s *Service) Flush(ctx context.Context) error {
	s.touched.mu.Lock()
	waiting := s.touched.at
	s.touched.at = make(map[string]touch)
	s.touched.mu.Unlock()
	ids := slices.Sorted(maps.Keys(waiting)) // one order everywhere, so that nodes cannot deadlock
	for chunk := range slices.Chunk(ids, flushChunk) {
		err := s.db.Write(ctx, func(tx *storage.Tx) error {
			for _, id := range chunk {
				if err := writeTouch(tx, waiting[id]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fault.Wrap("workspace.Flush", err)
		}
	}
	return nil
}

const (
	touchSession = `UPDATE sessions SET last_seen_at = $1,
		expires_at = CASE WHEN created_at + $2 < $3 THEN created_at + $4 ELSE $5 END
		WHERE id = $6 AND last_seen_at < $7`
	touchOperator = `UPDATE operators SET last_seen_at = $1 WHERE id = $2`
	touchKey      = `UPDATE api_keys SET last_used_at = $1 WHERE workspace_id = $2 AND id = $3`
)

func writeTouch(tx *storage.Tx, t touch) error {
	if t.actor.Type == actor.APIKey {
		_, err := tx.Exec(touchKey, t.at, t.actor.WorkspaceID, t.actor.ID)
		return err
	}
	life, idle := SessionLife.Microseconds(), t.at+SessionIdle.Microseconds()
	if _, err := tx.Exec(touchSession, t.at, life, idle, life, idle, t.actor.SessionID, t.at); err != nil {
		return err
	}
	_, err := tx.Exec(touchOperator, t.at, t.actor.ID)
	return err
}
