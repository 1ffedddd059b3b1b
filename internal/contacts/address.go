package contacts

import (
	"context"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Match is a contact that has an address.
type Match struct {
	ID       string
	Verified bool // somebody vouched for them and this address; otherwise they claimed the address, and nobody vouched for it
}

// IsAddress tells whether a text has the form of an e-mail address.
func IsAddress(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && len(s) <= 254 && emailProblem(s) == ""
}

// AddressToken gives the blind token of an address, by which [WithAddress] finds
// who has it.
func (s *Service) AddressToken(ctx context.Context, workspaceID, address string) ([]byte, error) {
	ix, err := s.vault.Index(ctx, workspaceID)
	if err != nil {
		return nil, fault.Wrap("contacts.AddressToken", err)
	}
	return ix.Equal("email", address), nil
}

// claimedHere is true where nobody vouched that the address of a token t is theirs.
const claimedHere = `EXISTS (SELECT 1 FROM contact_tokens u
		WHERE u.workspace_id = t.workspace_id AND u.kind = 'email_claimed' AND u.token = t.token AND u.contact_id = t.contact_id)`

const selectWithAddress = `
	SELECT COALESCE(c.merged_into, c.id), CASE WHEN c.verified_at IS NULL OR ` + claimedHere + ` THEN 0 ELSE 1 END AS proven
	FROM contact_tokens t JOIN contacts c ON c.workspace_id = t.workspace_id AND c.id = t.contact_id
	WHERE t.workspace_id = $1 AND t.kind = 'email' AND t.token = $2 AND (c.merged_into IS NULL OR c.verified_at IS NOT NULL AND NOT ` + claimedHere + `)
	ORDER BY proven DESC, c.id LIMIT $3`

// WithAddress gives the contacts that have an address, those in the bin included:
// the verified first, then those who claimed it, each by age, at most limit. Of
// those who were merged the survivor is given, once. What somebody merely claimed who
// was merged leads to nobody: the person may be another's.
func WithAddress(tx *storage.Tx, workspaceID string, token []byte, limit int) ([]Match, error) {
	rows, err := tx.Query(selectWithAddress, workspaceID, token, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Match
	for rows.Next() {
		var m Match
		var at int64
		if err := rows.Scan(&m.ID, &at); err != nil {
			return nil, err
		}
		m.Verified = at != 0
		if !slices.ContainsFunc(out, func(have Match) bool { return have.ID == m.ID }) {
			out = append(out, m)
		}
	}
	return out, rows.Err()
}
