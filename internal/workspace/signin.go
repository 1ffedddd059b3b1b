package workspace

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Credentials are what an operator signs in with.
type Credentials struct {
	Email       string
	Password    string
	WorkspaceID string // where to; "" for the first one the operator belongs to
	Network     string // as NetworkOf gives it; "" is not limited
}

// SignedIn is a session that has just begun.
type SignedIn struct {
	Token string // the only copy
	View  View
}

func errWrongCredentials() error {
	return fault.Unauthorized("The e-mail address or the password is not right. Try again.")
}

// SignIn begins a session. It fails with unauthorized for an unknown address and
// a wrong password alike, and with too many where the account or the network has
// failed too often.
func (s *Service) SignIn(ctx context.Context, c Credentials) (SignedIn, error) {
	email, why := cleanEmail(c.Email)
	if why != "" || len(c.Password) > 4*maxPassword {
		return SignedIn{}, errWrongCredentials()
	}
	token, err := s.emailToken(ctx, email)
	if err != nil {
		return SignedIn{}, fault.Wrap("workspace.SignIn", err)
	}
	giveBack, err := s.limitSignIn(c.Network, string(token))
	if err != nil {
		return SignedIn{}, err
	}
	account, err := s.accountByToken(ctx, token)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return SignedIn{}, fault.Wrap("workspace.SignIn", err)
	}
	ok, outdated, err := s.hasher.verify(ctx, c.Password, account.passwordHash)
	if err != nil {
		return SignedIn{}, fault.Wrap("workspace.SignIn", err)
	}
	if !ok {
		return SignedIn{}, s.signInFailed(ctx, account.id)
	}
	giveBack()
	in, err := s.begin(ctx, account, c.WorkspaceID)
	if err != nil {
		return SignedIn{}, fault.Wrap("workspace.SignIn", err)
	}
	if outdated {
		s.rehash(ctx, account, c.Password)
	}
	return in, nil
}

// limitSignIn uses a turn of the network and of the account. Giving them back is
// for who turned out to be right.
func (s *Service) limitSignIn(network, account string) (giveBack func(), err error) {
	now := s.clock.Now()
	wait := s.networks.take(now, network)
	if wait == 0 {
		wait = s.accounts.take(now, account)
	}
	if wait > 0 {
		return nil, fault.TooMany(wait, "There were many attempts to sign in. Wait a little, then try again.")
	}
	return func() {
		s.networks.giveBack(network)
		s.accounts.giveBack(account)
	}, nil
}

// signInFailed notes the failure in the log of the installation, for an unknown
// address too, and gives the answer.
func (s *Service) signInFailed(ctx context.Context, operatorID string) error {
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		s.record(tx, actor.Actor{}, "", "operator.sign_in_failed", "operator", operatorID, nil)
		return nil
	})
	if err != nil {
		return fault.Wrap("workspace.SignIn", err)
	}
	return errWrongCredentials()
}

// rehash brings a password's hash to the present cost. It may fail: the next
// sign-in tries again.
func (s *Service) rehash(ctx context.Context, account account, password string) {
	hash, err := s.hasher.hash(ctx, password)
	if err == nil {
		err = s.db.Write(ctx, func(tx *storage.Tx) error {
			return replacePassword(tx, account.id, account.passwordHash, hash, clock.Micros(s.clock.Now()))
		})
	}
	if err != nil {
		s.log.WarnContext(ctx, "a password's hash was not renewed", "operator", account.id, "error", err)
	}
}

// begin starts a session of an account whose password has just been proven. It
// fails where the password or the membership has changed since.
func (s *Service) begin(ctx context.Context, proven account, workspaceID string) (SignedIn, error) {
	token, sessionID := newSecret(), s.ids.New(sessionPrefix)
	now := s.clock.Now()
	var a actor.Actor
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := lockOperator(tx, proven.id); err != nil {
			return err
		}
		hash, err := passwordHash(tx, proven.id)
		if errors.Is(err, sql.ErrNoRows) || err == nil && hash != proven.passwordHash {
			return errWrongCredentials()
		}
		if err != nil {
			return err
		}
		in, role, err := membershipFor(tx, proven.id, workspaceID)
		if err != nil {
			return err
		}
		w, err := workspaceByID(tx, in)
		if err != nil {
			return err
		}
		a = actor.Actor{Type: actor.Operator, ID: proven.id, WorkspaceID: in, Permissions: role.in(w.Settings), SessionID: sessionID}
		s.record(tx, a, in, "operator.signed_in", "session", sessionID, nil)
		return insertSession(tx, hashSecret(token), a, now)
	})
	if err != nil {
		return SignedIn{}, err
	}
	view, err := s.View(ctx, a)
	return SignedIn{Token: token, View: view}, err
}

const membershipOf = `SELECT workspace_id, role FROM memberships WHERE operator_id = $1 ORDER BY workspace_id LIMIT 1`

// membershipFor gives the workspace that a session starts in: the one that was
// asked for, or the operator's oldest.
func membershipFor(tx *storage.Tx, operatorID, workspaceID string) (string, Role, error) {
	if workspaceID != "" {
		role, err := selectRole(tx, workspaceID, operatorID)
		if errors.Is(err, sql.ErrNoRows) {
			err = fault.NotFound("workspace")
		}
		return workspaceID, role, err
	}
	var role Role
	err := tx.QueryRow(membershipOf, operatorID).Scan(&workspaceID, &role)
	if errors.Is(err, sql.ErrNoRows) {
		err = errWrongCredentials()
	}
	return workspaceID, role, err
}

// CSRFToken gives the token that proves that a request with the session's cookie
// was made by our own pages.
func (s *Service) CSRFToken(ctx context.Context, sessionID string) (string, error) {
	secret, err := s.vault.Secret(ctx, "csrf")
	if err != nil {
		return "", fault.Wrap("workspace.CSRFToken", err)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(sessionID))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}

// CheckCSRF refuses a request whose X-CSRF-Token is not that of its session.
func (s *Service) CheckCSRF(ctx context.Context, sessionID, token string) error {
	want, err := s.CSRFToken(ctx, sessionID)
	if err != nil {
		return err
	}
	if sessionID == "" || !hmac.Equal([]byte(want), []byte(token)) {
		return &fault.Error{Kind: fault.KindForbidden, Code: "csrf", Detail: "The X-CSRF-Token header is missing or not that of this session. GET /api/v1/session gives it."}
	}
	return nil
}

const sessionPrefix = "ses"

const insertSessionSQL = `INSERT INTO sessions (token_hash, id, operator_id, workspace_id, created_at, last_seen_at, expires_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`

func insertSession(tx *storage.Tx, secret hashed, a actor.Actor, now time.Time) error {
	_, err := tx.Exec(insertSessionSQL, secret[:], a.SessionID, a.ID, a.WorkspaceID,
		clock.Micros(now), clock.Micros(now), clock.Micros(expiry(now, now)))
	return err
}
