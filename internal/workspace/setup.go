package workspace

import (
	"context"
	"crypto/subtle"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// SetupInput is what a new workspace starts from.
type SetupInput struct {
	Workspace string // its name
	Name      string // the owner's; "" takes the beginning of the address
	Email     string
	Password  string // an owner who has an account keeps its own
	Origins   []string
	KeyName   string // of an API key with all scopes; "" makes none
}

// SetupResult is a workspace that was just made.
type SetupResult struct {
	Workspace  Workspace
	OperatorID string
	APIKey     string // the secret, the only copy; "" where none was asked for
}

// NeedsSetup tells whether the installation has no workspace yet.
func (s *Service) NeedsSetup(ctx context.Context) (bool, error) {
	if s.isSetUp.Load() {
		return false, nil
	}
	var n int
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM (SELECT 1 FROM workspaces LIMIT 1) AS found`).Scan(&n)
	})
	if err != nil {
		return false, fault.Wrap("workspace.NeedsSetup", err)
	}
	if n > 0 {
		s.isSetUp.Store(true)
	}
	return n == 0, nil
}

// Setup makes a workspace with an owner, for whoever runs the server. It can be
// repeated: each call adds a workspace, and the operator where the address is
// new.
func (s *Service) Setup(ctx context.Context, in SetupInput) (SetupResult, error) {
	const op = "workspace.Setup"
	w, owner, err := s.checkSetup(in)
	if err != nil {
		return SetupResult{}, fault.Wrap(op, err)
	}
	made, err := s.prepare(ctx, owner)
	if err != nil {
		return SetupResult{}, fault.Wrap(op, err)
	}
	sealed, err := s.makeWorkspaceKey(ctx, w.ID)
	if err != nil {
		return SetupResult{}, fault.Wrap(op, err)
	}
	var key newKey
	if in.KeyName != "" {
		if key, err = s.makeKey(in.KeyName, []string{"*"}, rolePermissions[Owner]); err != nil {
			return SetupResult{}, fault.Wrap(op, err)
		}
	}
	out := SetupResult{APIKey: key.secret}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		out.Workspace, out.OperatorID, err = s.insertSetup(tx, w, sealed, made, key)
		return err
	})
	if err != nil {
		return SetupResult{}, fault.Wrap(op, err)
	}
	s.changed(ctx, w.ID)
	return out, nil
}

// checkSetup gives the workspace and its owner, or every field that breaks its
// rule.
func (s *Service) checkSetup(in SetupInput) (Workspace, NewOperator, error) {
	var bad []fault.FieldError
	now := s.clock.Now()
	w := Workspace{ID: s.ids.New("wsp"), Key: newWidgetKey(), Settings: DefaultSettings(), CreatedAt: now, UpdatedAt: now}
	var why string
	if w.Name, why = cleanText(in.Workspace, maxName); why == "" && w.Name == "" {
		why = "must not be empty"
	}
	bad = note(bad, "workspace", why)
	w.Settings.AllowedOrigins, why = cleanOrigins(in.Origins)
	bad = note(bad, "origins", why)
	if strings.TrimSpace(in.Name) == "" {
		in.Name, _, _ = strings.Cut(strings.TrimSpace(in.Email), "@")
	}
	owner, err := NewOperator{Name: in.Name, Email: in.Email, Role: Owner, Password: in.Password}.clean()
	if err != nil {
		bad = append(bad, fault.As(err).Fields...)
	}
	bad = note(bad, "password", checkPassword(in.Password, owner.Email, owner.Name))
	if len(bad) > 0 {
		return Workspace{}, NewOperator{}, fault.InvalidFields(bad...)
	}
	return w, owner, nil
}

// makeWorkspaceKey makes the workspace's key and gives its identity secret,
// sealed.
func (s *Service) makeWorkspaceKey(ctx context.Context, workspaceID string) ([]byte, error) {
	subject := vault.Subject{Workspace: workspaceID}
	if err := s.vault.Create(ctx, subject); err != nil {
		return nil, err
	}
	key, err := s.vault.Key(ctx, subject)
	if err != nil {
		return nil, err
	}
	return key.Seal(identityPlace(workspaceID), []byte(newSecret())), nil
}

func (s *Service) insertSetup(tx *storage.Tx, w Workspace, sealed []byte, made newcomer, key newKey) (Workspace, string, error) {
	now := clock.Micros(w.CreatedAt)
	operatorID, err := admit(tx, made, now)
	if err != nil {
		return w, "", err
	}
	if err := tx.Lock("slugs"); err != nil {
		return w, "", err
	}
	w.Slug, err = slugFor(w.Name, func(slug string) (bool, error) {
		var n int
		err := tx.QueryRow(`SELECT count(*) FROM workspaces WHERE slug = $1`, slug).Scan(&n)
		return n > 0, err
	})
	if err != nil {
		return w, "", err
	}
	if err := insertWorkspace(tx, w, sealed); err != nil {
		return w, "", err
	}
	if _, err := insertMembership(tx, w.ID, operatorID, Owner, now); err != nil {
		return w, "", err
	}
	setup := actor.Actor{Type: actor.System, ID: "setup"}
	s.record(tx, setup, w.ID, "workspace.created", "workspace", w.ID, nil)
	s.record(tx, setup, w.ID, "operator.added", "operator", operatorID, map[string]string{"role": string(Owner)})
	if key.ID == "" {
		return w, operatorID, nil
	}
	s.record(tx, setup, w.ID, "api_key.created", "api_key", key.ID, map[string]string{"scopes": strings.Join(key.Scopes, ",")})
	return w, operatorID, insertKey(tx, w.ID, setup.ID, key)
}

// NewSetupToken gives a fresh token for [Service.SetupWithToken], to be printed on
// the terminal, and forgets the one before. It is held in memory, as a hash.
func (s *Service) NewSetupToken() string {
	token := newSecret()
	sum := hashSecret(token)
	s.setupToken.Store(&sum)
	return token
}

// SetupWithToken makes the installation's first workspace, for whoever has read
// the token from the terminal, and signs its owner in. The token works once.
func (s *Service) SetupWithToken(ctx context.Context, token, network string, in SetupInput) (SignedIn, error) {
	const op = "workspace.SetupWithToken"
	s.settingUp.Lock()
	defer s.settingUp.Unlock()
	needed, err := s.NeedsSetup(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	if !needed {
		return SignedIn{}, fault.Conflict("already_set_up", "The server is set up already. Sign in instead.")
	}
	giveBack, err := s.limitSignIn(network, "")
	if err != nil {
		return SignedIn{}, err
	}
	want, got := s.setupToken.Load(), hashSecret(strings.TrimSpace(token))
	if want == nil || subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
		return SignedIn{}, fault.Unauthorized("The set-up token is not the one that the server printed on its terminal when it started.")
	}
	giveBack()
	in.KeyName = ""
	made, err := s.Setup(ctx, in)
	if err != nil {
		return SignedIn{}, fault.Wrap(op, err)
	}
	s.setupToken.Store(nil)
	s.isSetUp.Store(true)
	account, err := s.account(ctx, made.OperatorID)
	if err != nil {
		return SignedIn{}, fault.Wrap(op, err)
	}
	out, err := s.begin(ctx, account, made.Workspace.ID)
	return out, fault.Wrap(op, err)
}
