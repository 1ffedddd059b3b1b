package boards

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// How long a sign-in lasts: of somebody who did something, and of somebody who has
// done nothing yet and of whom nothing is kept but this.
const (
	SessionLife = 30 * 24 * time.Hour
	visitLife   = 24 * time.Hour
)

// How somebody proved who they are.
const (
	ByMail     = "mail"     // they opened a link that was sent to their address
	ByIdentity = "identity" // the customer's system vouched for them
)

// Guest is somebody who signed in to a workspace's boards. Their contact comes to be
// with the first thing that they do on purpose; until then its id is a promise.
type Guest struct {
	SessionID   string
	WorkspaceID string
	ContactID   string
	Promised    bool
	Proof       string
	Age         string // what the age gate found; "" where it was not asked
	Locale      string
	CreatedAt   time.Time
	ExpiresAt   time.Time

	hash    []byte // of their session's token
	address string // of somebody who is only promised
}

// As gives a context in which the guest acts.
func (g Guest) As(ctx context.Context) context.Context {
	return actor.With(ctx, g.actor())
}

func (g Guest) actor() actor.Actor {
	return actor.Actor{Type: actor.Contact, ID: g.ContactID, WorkspaceID: g.WorkspaceID, SignedIn: true, Surface: "board"}
}

func isNoRow(err error) bool { return errors.Is(err, sql.ErrNoRows) }

func (g Guest) subject() privacy.Subject {
	return privacy.Subject{WorkspaceID: g.WorkspaceID, ContactID: g.ContactID}
}

// newToken gives 256 random bits in letters that may stand in an address, and the
// hash under which they are stored.
func newToken() (token string, hash []byte) {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails: the process ends if the random source does
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, hashOf(token)
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// looksLikeToken refuses noise without a query.
func looksLikeToken(s string) bool {
	const digits = 43 // of base64, that hold 256 bits
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return len(s) == digits && err == nil && len(raw) == 32
}

func sessionEnded() error {
	return fault.Unauthorized("This sign-in has ended. Sign in again.")
}

// promise is what is kept, sealed, of somebody who signed in and did nothing yet.
type promise struct {
	Address string `json:"address"`
}

func sessionPlace(id string) vault.Place {
	return vault.Place{Table: "board_sessions", Column: "content_sealed", Row: id}
}

const insertSession = `
	INSERT INTO board_sessions (workspace_id, token_hash, id, contact_id, content_sealed, proof, age, locale, created_at, expires_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

// newSession stores a session for a guest and gives its token. A promise is sealed
// with the key that was made for them.
func (s *Service) newSession(tx *storage.Tx, g *Guest, content []byte) (token string, err error) {
	token, g.hash = newToken()
	g.CreatedAt = s.Clock.Now()
	g.ExpiresAt = g.CreatedAt.Add(SessionLife)
	var sealed any
	if g.Promised {
		g.ExpiresAt, sealed = g.CreatedAt.Add(visitLife), content
	}
	_, err = tx.Exec(insertSession, g.WorkspaceID, g.hash, g.SessionID, g.ContactID, sealed, g.Proof, g.Age, g.Locale, clock.Micros(g.CreatedAt), clock.Micros(g.ExpiresAt))
	if err != nil || g.Promised {
		return token, err
	}
	return token, s.Audit.Append(tx, audit.Entry{WorkspaceID: g.WorkspaceID, ActorType: actor.Contact, ActorID: g.ContactID, Action: "board.signed_in",
		TargetType: "contact", TargetID: g.ContactID, Details: map[string]string{"proof": g.Proof}})
}

const selectSession = `
	SELECT s.id, s.contact_id, s.content_sealed, s.proof, s.age, s.locale, s.created_at, s.expires_at, COALESCE(c.merged_into, c.id, '')
	FROM board_sessions s LEFT JOIN contacts c ON c.workspace_id = s.workspace_id AND c.id = s.contact_id
	WHERE s.workspace_id = $1 AND s.token_hash = $2 AND s.expires_at > $3`

// Guest gives who is behind a session's token: of somebody who was merged the contact
// that stands for them. One that was forged, has ended, or is of somebody who was
// erased is refused, without a hint which. It stores nothing.
func (s *Service) Guest(ctx context.Context, workspaceID, token string) (Guest, error) {
	if !looksLikeToken(token) {
		return Guest{}, sessionEnded()
	}
	g, err := s.guest(ctx, workspaceID, hashOf(token))
	return g, fault.Wrap("boards.Guest", err)
}

func (s *Service) guest(ctx context.Context, workspaceID string, hash []byte) (Guest, error) {
	g := Guest{WorkspaceID: workspaceID, hash: hash}
	var content []byte
	var created, expires int64
	var person string
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(selectSession, workspaceID, hash, clock.Micros(s.Clock.Now())).
			Scan(&g.SessionID, &g.ContactID, &content, &g.Proof, &g.Age, &g.Locale, &created, &expires, &person)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Guest{}, sessionEnded()
	}
	if err != nil {
		return Guest{}, err
	}
	g.CreatedAt, g.ExpiresAt = clock.FromMicros(created), clock.FromMicros(expires)
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID, ID: g.ContactID})
	if fault.Is(err, fault.KindGone) { // erased, whatever a restored copy says
		return Guest{}, sessionEnded()
	}
	if err != nil {
		return Guest{}, err
	}
	switch {
	case person != "":
		g.ContactID = person
	case content == nil:
		return Guest{}, sessionEnded()
	default:
		var p promise
		raw, err := key.Open(sessionPlace(g.SessionID), content)
		if err == nil {
			err = json.Unmarshal(raw, &p)
		}
		if err != nil {
			return Guest{}, fault.Wrap("open "+g.SessionID, err)
		}
		g.Promised, g.address = true, p.Address
	}
	return g, nil
}

// SignOut ends a guest's session. Of somebody who did nothing nothing is left.
func (s *Service) SignOut(ctx context.Context, g Guest) error {
	return fault.Wrap("boards.SignOut", s.endSession(ctx, g.WorkspaceID, g.hash, g.ContactID))
}

const deleteSession = `DELETE FROM board_sessions WHERE workspace_id = $1 AND token_hash = $2`

func (s *Service) endSession(ctx context.Context, workspaceID string, hash []byte, contactID string) error {
	sub, left := privacy.Subject{WorkspaceID: workspaceID, ContactID: contactID}, false
	err := s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		if err := privacy.LockSubject(tx, sub); err != nil {
			return err
		}
		if _, err = tx.Exec(deleteSession, workspaceID, hash); err != nil {
			return err
		}
		left, err = s.breakPromise(ctx, tx, sub)
		return err
	})
	if err == nil && left {
		err = s.Vault.Erase(ctx, vault.Subject{Workspace: workspaceID, ID: contactID})
	}
	return err
}

const selectPromise = `
	SELECT (SELECT COUNT(*) FROM contacts WHERE workspace_id = $1 AND id = $2)
		+ (SELECT COUNT(*) FROM board_sessions WHERE workspace_id = $1 AND contact_id = $2)
		+ (SELECT COUNT(*) FROM board_links WHERE workspace_id = $1 AND contact_id = $2)`

// breakPromise removes all that was kept of somebody who was promised and for whom
// nothing stands any more, and tells whether that was so: their key is to be erased
// then. A contact stays.
func (s *Service) breakPromise(ctx context.Context, tx *storage.Tx, sub privacy.Subject) (broken bool, err error) {
	var held int
	if err := tx.QueryRow(selectPromise, sub.WorkspaceID, sub.ContactID).Scan(&held); err != nil || held > 0 {
		return false, err
	}
	if s.Voices.Purge == nil {
		return true, nil
	}
	return true, s.Voices.Purge(ctx, tx, sub)
}

// Waits tells whether somebody who is no contact may be written to, since they asked
// to sign in.
func Waits(tx *storage.Tx, workspaceID, contactID string) (bool, error) {
	var n int
	err := tx.QueryRow(`
	SELECT (SELECT COUNT(*) FROM board_links WHERE workspace_id = $1 AND contact_id = $2)
		+ (SELECT COUNT(*) FROM board_sessions WHERE workspace_id = $1 AND contact_id = $2)`, workspaceID, contactID).Scan(&n)
	return n > 0, err
}

// Session is a sign-in as its person sees it.
type Session struct {
	ID        string
	Proof     string
	Current   bool
	CreatedAt time.Time
	ExpiresAt time.Time
}

const selectSessionsOf = `
	SELECT s.id, s.proof, s.created_at, s.expires_at FROM board_sessions s
	WHERE s.workspace_id = $1 AND s.expires_at > $2 AND s.contact_id IN (SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.id = $3
			UNION ALL SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.merged_into = $3)
	ORDER BY s.created_at DESC, s.id DESC LIMIT 100`

// Sessions gives a guest's sign-ins, newest first.
func (s *Service) Sessions(ctx context.Context, g Guest) (out []Session, err error) {
	if g.Promised {
		return []Session{{g.SessionID, g.Proof, true, g.CreatedAt, g.ExpiresAt}}, nil
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		out, err = queryAll(tx, func(rows *sql.Rows) (one Session, err error) {
			var created, expires int64
			err = rows.Scan(&one.ID, &one.Proof, &created, &expires)
			one.Current, one.CreatedAt, one.ExpiresAt = one.ID == g.SessionID, clock.FromMicros(created), clock.FromMicros(expires)
			return one, err
		}, selectSessionsOf, g.WorkspaceID, clock.Micros(s.Clock.Now()), g.ContactID)
		return err
	})
	return out, fault.Wrap("boards.Sessions", err)
}

const revokeSession = `
	DELETE FROM board_sessions WHERE workspace_id = $1 AND id = $2
		AND contact_id IN (SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.id = $3
			UNION ALL SELECT m.id FROM contacts m WHERE m.workspace_id = $1 AND m.merged_into = $3)`

// Revoke ends one of a guest's other sign-ins; not found if it is nobody's of theirs.
func (s *Service) Revoke(ctx context.Context, g Guest, sessionID string) error {
	return fault.Wrap("boards.Revoke", s.DB.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(revokeSession, g.WorkspaceID, sessionID, g.ContactID)
		if err == nil && n == 0 {
			err = fault.NotFound("sign-in")
		}
		return err
	}))
}

// overdue is a link or session whose time is over.
type overdue struct {
	sub  privacy.Subject
	hash []byte
}

// SweepSessions removes links and sessions that are over, what was promised with
// them, and what proved them, at most limit of each.
func (s *Service) SweepSessions(ctx context.Context, limit int) error {
	const op = "boards.SweepSessions"
	now := clock.Micros(s.Clock.Now())
	for _, table := range []string{"board_links", "board_sessions"} {
		var over []overdue
		err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
			over, err = queryAll(tx, func(rows *sql.Rows) (o overdue, err error) {
				return o, rows.Scan(&o.sub.WorkspaceID, &o.sub.ContactID, &o.hash)
			}, `SELECT workspace_id, contact_id, token_hash FROM `+table+` WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2`, now, limit)
			return err
		})
		if err != nil {
			return fault.Wrap(op, err)
		}
		for _, o := range over {
			if err := s.endOverdue(ctx, table, o); err != nil {
				return fault.Wrap(op, err)
			}
		}
	}
	return fault.Wrap(op, s.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(`DELETE FROM board_tokens WHERE (workspace_id, token_hash) IN
			(SELECT workspace_id, token_hash FROM board_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`, now, limit)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(forgetRefusals, clock.Micros(s.Clock.Now().Add(-keepRefusals)), limit); err != nil {
			return err
		}
		// A ballot forgets its network once the network's day is over.
		_, err = tx.Exec(`UPDATE anonymous_ballots SET network_token = NULL WHERE (workspace_id, post_id, voter_token) IN
			(SELECT workspace_id, post_id, voter_token FROM anonymous_ballots WHERE network_token IS NOT NULL AND created_at <= $1 ORDER BY created_at LIMIT $2)`,
			clock.Micros(s.Clock.Now().Add(-2*24*time.Hour)), limit)
		return err
	}))
}

func (s *Service) endOverdue(ctx context.Context, table string, o overdue) error {
	broken := false
	err := s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		if err := privacy.LockSubject(tx, o.sub); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND token_hash = $2`, o.sub.WorkspaceID, o.hash); err != nil {
			return err
		}
		broken, err = s.breakPromise(ctx, tx, o.sub)
		return err
	})
	if err == nil && broken {
		err = s.Vault.Erase(ctx, vault.Subject{Workspace: o.sub.WorkspaceID, ID: o.sub.ContactID})
	}
	return err
}
