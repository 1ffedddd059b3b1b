package workspace

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/botimum/botimum/internal/fault"
)

// Identity is what the customer's system vouches for of a person, in a token (JWT,
// HS256) that it signed with the workspace's identity secret.
type Identity struct {
	jwt.RegisteredClaims        // sub is the external id; exp is needed
	Email                string `json:"email"`
	Name                 string `json:"name"`
	Birthdate            string `json:"birthdate"` // as in OpenID Connect: YYYY-MM-DD or YYYY-MM; for the age gate, not stored
}

// ReadIdentity reads an identity token, or refuses it with identity_token_refused.
func (s *Service) ReadIdentity(ctx context.Context, workspaceID, token string) (Identity, error) {
	secret, err := s.IdentitySecret(ctx, workspaceID)
	if err != nil {
		return Identity{}, err
	}
	var c Identity
	_, err = jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return secret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return s.clock.Now() }))
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return c, RefusedIdentity("The identity token has expired. Have your server sign a new one.")
	case err != nil:
		return c, RefusedIdentity("The identity token is not signed with the workspace's identity secret (HS256, with sub and exp).")
	case strings.TrimSpace(c.Subject) == "":
		return c, RefusedIdentity("The identity token needs sub: what your system calls the person.")
	}
	return c, nil
}

// RefusedIdentity says that an identity token proves nothing. Its code tells it
// apart from a session that ended.
func RefusedIdentity(detail string) error {
	return &fault.Error{Kind: fault.KindUnauthorized, Code: "identity_token_refused", Detail: detail}
}
