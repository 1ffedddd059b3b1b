package workspace

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// installation is whose blind index finds operators: they belong to no workspace,
// and this is no workspace's id.
const installation = "installation"

// emailToken gives the keyed token by which an address is found.
func (s *Service) emailToken(ctx context.Context, email string) ([]byte, error) {
	ix, err := s.vault.Index(ctx, installation)
	if err != nil {
		return nil, err
	}
	return ix.Equal("email", email), nil
}

func profilePlace(operatorID string) vault.Place {
	return vault.Place{Table: "operators", Column: "profile_sealed", Row: operatorID}
}

func sealProfile(key *vault.Key, operatorID string, p profile) ([]byte, error) {
	plain, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return key.Seal(profilePlace(operatorID), plain), nil
}

func openProfile(key *vault.Key, operatorID string, sealed []byte) (profile, error) {
	var p profile
	plain, err := key.Open(profilePlace(operatorID), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &p)
	}
	return p, err
}

// openProfile fetches the operator's key and opens the profile with it.
func (s *Service) openProfile(ctx context.Context, operatorID string, sealed []byte) (profile, error) {
	key, err := s.vault.Key(ctx, vault.Subject{ID: operatorID})
	if err != nil {
		return profile{}, err
	}
	return openProfile(key, operatorID, sealed)
}

// accountByToken finds an account; sql.ErrNoRows where there is none.
func (s *Service) accountByToken(ctx context.Context, token []byte) (a account, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		a, err = accountByToken(tx, token)
		return err
	})
	return a, err
}

// newcomer is an account on its way into the database, or one that is there.
type newcomer struct {
	account
	token []byte
	known bool // there when it was looked for
}

// prepare finds the account of an address, or makes all that a new one needs: its
// key in the vault, the sealed profile and the password's hash. A key whose
// account is then not made seals nothing.
func (s *Service) prepare(ctx context.Context, n NewOperator) (newcomer, error) {
	if why := checkPassword(n.Password, n.Email, n.Name); why != "" {
		return newcomer{}, fault.Invalid("password", why)
	}
	token, err := s.emailToken(ctx, n.Email)
	if err != nil {
		return newcomer{}, err
	}
	found, err := s.accountByToken(ctx, token)
	if err == nil {
		return newcomer{account: found, token: token, known: true}, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return newcomer{}, err
	}
	made := newcomer{account: account{id: s.ids.New("opr")}, token: token}
	if made.passwordHash, err = s.hasher.hash(ctx, n.Password); err != nil {
		return newcomer{}, err
	}
	subject := vault.Subject{ID: made.id}
	if err := s.vault.Create(ctx, subject); err != nil {
		return newcomer{}, err
	}
	key, err := s.vault.Key(ctx, subject)
	if err != nil {
		return newcomer{}, err
	}
	made.sealed, err = sealProfile(key, made.id, profile{Name: n.Name, Email: n.Email})
	return made, err
}

const insertOperator = `INSERT INTO operators (id, profile_sealed, email_token, password_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)`

// admit gives the id of the newcomer's account, and makes it where it is new.
func admit(tx *storage.Tx, n newcomer, now int64) (string, error) {
	if err := tx.Lock("account " + string(n.token)); err != nil {
		return "", err
	}
	found, err := accountByToken(tx, n.token)
	if err == nil {
		if err := lockOperator(tx, found.id); err != nil {
			return "", err
		}
		_, err = accountByID(tx, found.id) // it may have left while we waited
		if errors.Is(err, sql.ErrNoRows) {
			err = errAccountLeft()
		}
		return found.id, err
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	if n.known {
		return "", errAccountLeft()
	}
	_, err = tx.Exec(insertOperator, n.id, n.sealed, n.token, n.passwordHash, now, now)
	return n.id, err
}

func errAccountLeft() error {
	return fault.Conflict("account_changed", "The account was just removed. Try again.")
}

// AccountPatch is a change of one's own account; what is empty stays.
type AccountPatch struct {
	Name            string
	Email           string
	CurrentPassword string // needed for a new address or password
	NewPassword     string
}

// UpdateAccount changes the context's operator's own name, address or password. A
// new password ends all sessions but the one in use.
func (s *Service) UpdateAccount(ctx context.Context, p AccountPatch) error {
	const op = "workspace.UpdateAccount"
	a := actor.From(ctx)
	account, err := s.account(ctx, a.ID)
	if err != nil {
		return fault.Wrap(op, err)
	}
	p, err = p.clean()
	if err == nil && (p.Email != "" || p.NewPassword != "") {
		err = s.prove(ctx, account, p.CurrentPassword)
	}
	if err == nil && (p.Name != "" || p.Email != "") {
		err = s.changeProfile(ctx, account, p)
	}
	if err == nil && p.NewPassword != "" {
		err = s.changePassword(ctx, account, p)
	}
	return fault.Wrap(op, err)
}

// clean gives the patch with trimmed fields, or every field that breaks its rule.
func (p AccountPatch) clean() (AccountPatch, error) {
	var bad []fault.FieldError
	if p.Name != "" {
		name, why := cleanText(p.Name, maxName)
		if why == "" && name == "" {
			why = "must not be empty"
		}
		p.Name, bad = name, note(bad, "name", why)
	}
	if p.Email != "" {
		email, why := cleanEmail(p.Email)
		p.Email, bad = email, note(bad, "email", why)
	}
	if len(bad) > 0 {
		return p, fault.InvalidFields(bad...)
	}
	return p, nil
}

// prove checks the operator's present password, at the rate at which one may try.
func (s *Service) prove(ctx context.Context, account account, password string) error {
	giveBack, err := s.limitSignIn("", "account "+account.id)
	if err != nil {
		return err
	}
	ok, _, err := s.hasher.verify(ctx, password, account.passwordHash)
	if err != nil {
		return err
	}
	if !ok {
		return fault.Invalid("current_password", "is not your present password")
	}
	giveBack()
	return nil
}

func (s *Service) account(ctx context.Context, operatorID string) (found account, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		found, err = accountByID(tx, operatorID)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.Unauthorized("The account is gone. Sign in again.")
	}
	return found, err
}

// changeProfile seals the profile anew, unless it changed meanwhile.
func (s *Service) changeProfile(ctx context.Context, account account, patch AccountPatch) error {
	key, err := s.vault.Key(ctx, vault.Subject{ID: account.id})
	if err != nil {
		return err
	}
	p, err := openProfile(key, account.id, account.sealed)
	if err != nil {
		return err
	}
	actions := map[string]bool{"operator.renamed": patch.Name != "" && patch.Name != p.Name, "operator.address_changed": patch.Email != "" && patch.Email != p.Email}
	p.Name, p.Email = cmp.Or(patch.Name, p.Name), cmp.Or(patch.Email, p.Email)
	sealed, err := sealProfile(key, account.id, p)
	if err != nil {
		return err
	}
	token, err := s.emailToken(ctx, p.Email)
	if err != nil {
		return err
	}
	defer s.changed(ctx, account.id)
	a, now := actor.From(ctx), clock.Micros(s.clock.Now())
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := takeAddress(tx, account.id, token); err != nil {
			return err
		}
		for _, action := range slices.Sorted(maps.Keys(actions)) {
			if actions[action] {
				s.record(tx, a, a.WorkspaceID, action, "operator", account.id, nil)
			}
		}
		n, err := tx.Exec(`UPDATE operators SET profile_sealed = $1, email_token = $2, updated_at = $3 WHERE id = $4 AND profile_sealed = $5`,
			sealed, token, now, account.id, account.sealed)
		if err == nil && n == 0 {
			err = fault.Conflict("changed_meanwhile", "Your account was changed somewhere else just now. Look again, then repeat.")
		}
		return err
	})
}

// takeAddress holds an address for this transaction and refuses one that another
// account has.
func takeAddress(tx *storage.Tx, operatorID string, token []byte) error {
	if err := tx.Lock("account " + string(token)); err != nil {
		return err
	}
	other, err := accountByToken(tx, token)
	if errors.Is(err, sql.ErrNoRows) || err == nil && other.id == operatorID {
		return nil
	}
	if err == nil {
		err = fault.Conflict("address_taken", "Another account has this address. Choose another one.")
	}
	return err
}

func (s *Service) changePassword(ctx context.Context, account account, p AccountPatch) error {
	profile, err := s.openProfile(ctx, account.id, account.sealed)
	if err != nil {
		return err
	}
	if why := checkPassword(p.NewPassword, profile.Email, profile.Name); why != "" {
		return fault.Invalid("new_password", why)
	}
	hash, err := s.hasher.hash(ctx, p.NewPassword)
	if err != nil {
		return err
	}
	defer s.changed(ctx, account.id)
	a, now := actor.From(ctx), clock.Micros(s.clock.Now())
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := lockOperator(tx, account.id); err != nil {
			return err
		}
		if err := replacePassword(tx, account.id, account.passwordHash, hash, now); err != nil {
			return err
		}
		s.record(tx, a, a.WorkspaceID, "operator.password_changed", "operator", account.id, nil)
		return deleteOtherSessions(tx, account.id, a.SessionID)
	})
}
