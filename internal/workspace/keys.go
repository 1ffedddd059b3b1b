package workspace

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/storage"
)

// newKey is an API key on its way into the database, with its secret.
type newKey struct {
	APIKey
	secret string
}

// makeKey gives a key within the granter's permissions.
func (s *Service) makeKey(name string, scopes []string, granter actor.Permissions) (newKey, error) {
	name, why := cleanText(name, maxName)
	if why == "" && name == "" {
		why = "must not be empty; say what the key is for"
	}
	if why != "" {
		return newKey{}, fault.Invalid("name", why)
	}
	granted, err := checkScopes(scopes, granter)
	if err != nil {
		return newKey{}, err
	}
	secret := keyPrefix + newSecret()
	return newKey{secret: secret, APIKey: APIKey{
		ID: s.ids.New("key"), Name: name, Prefix: secret[:shownLen], Scopes: granted, CreatedAt: s.clock.Now(),
	}}, nil
}

const insertKeySQL = `INSERT INTO api_keys (workspace_id, id, name, prefix, secret_hash, scopes, created_by, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

func insertKey(tx *storage.Tx, workspaceID, createdBy string, k newKey) error {
	secret := hashSecret(k.secret)
	_, err := tx.Exec(insertKeySQL, workspaceID, k.ID, k.Name, k.Prefix, secret[:], strings.Join(k.Scopes, " "), createdBy, clock.Micros(k.CreatedAt))
	return err
}

// CreateKey makes an API key for the context's workspace. The scopes may not go
// beyond the actor's own permissions. The secret is given here and never again.
func (s *Service) CreateKey(ctx context.Context, name string, scopes []string) (key APIKey, secret string, err error) {
	a := actor.From(ctx)
	k, err := s.makeKey(name, scopes, a.Permissions)
	if err == nil {
		err = s.db.Write(ctx, func(tx *storage.Tx) error {
			s.record(tx, a, a.WorkspaceID, "api_key.created", "api_key", k.ID, map[string]string{"scopes": strings.Join(k.Scopes, ",")})
			return insertKey(tx, a.WorkspaceID, a.ID, k)
		})
	}
	if err != nil {
		return APIKey{}, "", fault.Wrap("workspace.CreateKey", err)
	}
	return k.APIKey, k.secret, nil
}

const keysBefore = `SELECT id, name, prefix, scopes, created_at, last_used_at, revoked_at FROM api_keys
	WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`

// Keys lists the API keys of the context's workspace, newest first, with those
// that were revoked.
func (s *Service) Keys(ctx context.Context, page httpx.Paging) (httpx.List[APIKey], error) {
	ws := actor.From(ctx).WorkspaceID
	scope := "api_keys " + ws
	before, err := startOf(scope, page.Cursor)
	if err != nil {
		return httpx.List[APIKey]{}, err
	}
	var found []APIKey
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		found = nil
		rows, err := tx.Query(keysBefore, ws, before, page.Limit+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var (
				k             APIKey
				scopes        string
				created       int64
				used, revoked sql.NullInt64
			)
			if err := rows.Scan(&k.ID, &k.Name, &k.Prefix, &scopes, &created, &used, &revoked); err != nil {
				return err
			}
			k.Scopes, k.CreatedAt, k.LastUsedAt, k.RevokedAt = strings.Fields(scopes), clock.FromMicros(created), moment(used), moment(revoked)
			found = append(found, k)
		}
		return rows.Err()
	})
	if err != nil {
		return httpx.List[APIKey]{}, fault.Wrap("workspace.Keys", err)
	}
	return httpx.ListOf(found, page.Limit, scope, func(k APIKey) []string { return []string{k.ID} }), nil
}

// RevokeKey makes an API key of the context's workspace useless at once. Revoking
// it again changes nothing.
func (s *Service) RevokeKey(ctx context.Context, keyID string) error {
	a := actor.From(ctx)
	defer s.changed(ctx, keyID)
	now := clock.Micros(s.clock.Now())
	return fault.Wrap("workspace.RevokeKey", s.db.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`UPDATE api_keys SET revoked_at = $1 WHERE workspace_id = $2 AND id = $3 AND revoked_at IS NULL`, now, a.WorkspaceID, keyID)
		if err != nil {
			return err
		}
		if n == 1 {
			s.record(tx, a, a.WorkspaceID, "api_key.revoked", "api_key", keyID, nil)
			return nil
		}
		var one int
		err = tx.QueryRow(`SELECT 1 FROM api_keys WHERE workspace_id = $1 AND id = $2`, a.WorkspaceID, keyID).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			err = fault.NotFound("API key")
		}
		return err
	}))
}
