package contacts

import (
	"context"
	"fmt"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Query says whom to look for: by exactly one of address, phone number or
// external id, by words of Q, which are beginnings of names or a whole
// address or phone number, or by a filter.
type Query struct {
	Email      string `json:"email,omitempty" maxLength:"254"`
	Phone      string `json:"phone,omitempty" maxLength:"40"`
	ExternalID string `json:"external_id,omitempty" maxLength:"200"`
	Q          string `json:"q,omitempty" maxLength:"200"`
	// Filter finds all whom it is true of; it goes with none of the others.
	Filter *segment.Filter `json:"filter,omitempty" doc:"Conditions as of a segment, instead of the others."`
}

// maxQueryWords bounds how many words of a query are looked at.
const maxQueryWords = 5

// Search finds contacts through their tokens, newest first. Who is in the bin or
// restricted is not found.
func (s *Service) Search(ctx context.Context, q Query, before string, limit int) ([]Contact, error) {
	a := actor.From(ctx)
	ix, err := s.vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return nil, fault.Wrap("contacts.Search", err)
	}
	if q.Filter != nil {
		if q.Email+q.Phone+q.ExternalID+q.Q != "" {
			return nil, fault.Invalid("filter", "goes with none of email, phone, external_id and q")
		}
		p, err := s.segments.Compile(ctx, a.WorkspaceID, *q.Filter)
		if err != nil {
			return nil, err
		}
		return s.In(ctx, p, before, limit)
	}
	if before == "" {
		before = beyond
	}
	if q.ExternalID != "" {
		return s.searchExternal(ctx, ix.Equal("external_id", q.ExternalID), before)
	}
	tokens, err := q.tokens(ix)
	if err != nil {
		return nil, err
	}
	return s.list(ctx, "contacts.search", before, limit, func(tx *storage.Tx, workspaceID, before string, limit int) ([]record, error) {
		text, args := searchSQL(workspaceID, tokens, before, limit)
		return scanRecords(tx.Query(text, args...))
	})
}

func (s *Service) searchExternal(ctx context.Context, token []byte, before string) ([]Contact, error) {
	return s.list(ctx, "contacts.search", before, 1, func(tx *storage.Tx, workspaceID, before string, _ int) ([]record, error) {
		r, err := loadByExternalID(tx, workspaceID, token)
		if err == nil && r.merged != "" {
			r, err = loadByID(tx, workspaceID, r.merged)
		}
		if fault.Is(err, fault.KindNotFound) || err == nil && (r.id >= before || !r.deleted.IsZero() || !r.restricted.IsZero()) {
			return nil, nil
		}
		return []record{r}, err
	})
}

// tokens gives what a contact must have: all of them.
func (q Query) tokens(ix *vault.Index) ([]token, error) {
	words := strings.TrimSpace(q.Q)
	switch {
	case q.Email != "":
		return []token{{tokenEmail, ix.Equal("email", q.Email)}}, nil
	case q.Phone != "":
		return []token{{"phone", ix.Equal("phone", q.Phone)}}, nil
	case strings.Contains(words, "@"):
		return []token{{"email", ix.Equal("email", words)}}, nil
	case words != "" && phoneProblem(words) == "":
		return []token{{"phone", ix.Equal("phone", words)}}, nil
	}
	var out []token
	for _, t := range ix.QueryPrefixes(words) {
		if len(out) < maxQueryWords {
			out = append(out, token{"name", t})
		}
	}
	if len(out) == 0 {
		return nil, fault.Invalid("q", "needs at least two letters of a name, or an e-mail address, phone number or external id")
	}
	return out, nil
}

// searchSQL walks the first token's contacts in order and keeps those that have
// the other tokens too; there is one text for each number of tokens.
func searchSQL(workspaceID string, tokens []token, before string, limit int) (string, []any) {
	var b strings.Builder
	b.WriteString(`SELECT ` + columns + ` FROM contacts WHERE workspace_id = $1 AND id IN (
		SELECT t.contact_id FROM contact_tokens t WHERE t.workspace_id = $1 AND t.kind = $2 AND t.token = $3 AND t.contact_id < $4
		AND EXISTS (SELECT 1 FROM contacts c WHERE c.workspace_id = $1 AND c.id = t.contact_id AND c.deleted_at IS NULL AND c.restricted_at IS NULL
			AND c.merged_into IS NULL)`)
	args := []any{workspaceID, tokens[0].kind, tokens[0].value, before}
	for _, t := range tokens[1:] {
		fmt.Fprintf(&b, ` AND EXISTS (SELECT 1 FROM contact_tokens u WHERE u.workspace_id = $1 AND u.kind = $%d AND u.token = $%d AND u.contact_id = t.contact_id)`,
			len(args)+1, len(args)+2)
		args = append(args, t.kind, t.value)
	}
	fmt.Fprintf(&b, ` ORDER BY t.contact_id DESC LIMIT $%d) ORDER BY id DESC`, len(args)+1)
	return b.String(), append(args, limit)
}
