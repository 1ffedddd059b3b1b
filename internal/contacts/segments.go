package contacts

import (
	"context"
	"fmt"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Visible is the predicate over a contact c that leaves out who is in no segment.
const Visible = segment.Visible

const profileGroup = "profile"

// profileFields are what conditions can be about of everybody's profile.
var profileFields = []segment.Field{
	{Key: "profile.email", Label: "E-mail address", Group: profileGroup, Kind: segment.Text, Sealed: true,
		Ops: []string{segment.Is, segment.IsNot, segment.IsSet, segment.IsNotSet}},
	{Key: "profile.phone", Label: "Phone number", Group: profileGroup, Kind: segment.Text, Sealed: true,
		Ops: []string{segment.Is, segment.IsNot, segment.IsSet, segment.IsNotSet}},
	{Key: "profile.external_id", Label: "External id", Group: profileGroup, Kind: segment.Text, Sealed: true,
		Ops: []string{segment.Is, segment.IsNot, segment.IsSet, segment.IsNotSet}},
	{Key: "profile.name", Label: "Name", Group: profileGroup, Kind: segment.Text, Sealed: true,
		Ops: []string{segment.StartsBy, segment.NotStarts, segment.IsSet, segment.IsNotSet}},
	{Key: "profile.verified", Label: "Verified", Group: profileGroup, Kind: segment.Boolean, Ops: []string{segment.Is, segment.IsNot}},
	{Key: "profile.source", Label: "Came through", Group: profileGroup, Kind: segment.Choice, Ops: []string{segment.Is, segment.IsNot},
		Options: []segment.Option{{Value: "widget", Label: "the widget"}, {Value: "api", Label: "the API"}, {Value: "dashboard", Label: "the dashboard"}, {Value: "import", Label: "an import"}, {Value: "system", Label: "the system"}}},
	{Key: "profile.created_at", Label: "Added", Group: profileGroup, Kind: segment.Date,
		Ops: []string{segment.Before, segment.After, segment.Within, segment.NotWithin}},
	{Key: "profile.last_seen_at", Label: "Last seen", Group: profileGroup, Kind: segment.Date, Ops: segment.OpsOf(segment.Date, false)},
}

// SegmentSource knows what conditions can be about of a profile: sealed values by
// their tokens, what stands beside the profile as it is.
func SegmentSource(v *vault.Vault) segment.Source {
	return segment.Source{
		Names: []string{profileGroup},
		List:  func(context.Context, string) ([]segment.Field, error) { return profileFields, nil },
		Compile: func(ctx context.Context, q *segment.Query, c segment.Condition) (segment.Clause, error) {
			switch c.Field.Key {
			case "profile.email", "profile.phone", "profile.name":
				return tokenClause(ctx, v, q, c)
			case "profile.external_id":
				return externalClause(ctx, v, q, c)
			}
			return besideClause(q, c)
		},
	}
}

// tokenClause finds people by a token of an address, a number or a name.
func tokenClause(ctx context.Context, v *vault.Vault, q *segment.Query, c segment.Condition) (segment.Clause, error) {
	kind := c.Field.Key[len("profile."):]
	clause := segment.Clause{From: "contact_tokens", Where: "x.kind = " + q.Arg(kind)}
	if c.Op == segment.IsSet {
		return clause, nil
	}
	ix, err := v.Index(ctx, q.WorkspaceID)
	if err != nil {
		return segment.Clause{}, err
	}
	if c.Op == segment.Is {
		clause.Where += " AND x.token = " + q.Arg(ix.Equal(kind, c.Text))
		return clause, nil
	}
	tokens := ix.QueryPrefixes(c.Text)
	if len(tokens) == 0 || len(tokens) > maxQueryWords {
		return segment.Clause{}, fault.Invalid("value", "needs the beginning of a name, at least two letters")
	}
	clause.Where += " AND x.token = " + q.Arg(tokens[0])
	for _, t := range tokens[1:] {
		clause.Where += fmt.Sprintf(` AND EXISTS (SELECT 1 FROM contact_tokens y WHERE y.workspace_id = $1 AND y.contact_id = x.contact_id AND y.kind = 'name' AND y.token = %s)`, q.Arg(t))
	}
	return clause, nil
}

func externalClause(ctx context.Context, v *vault.Vault, q *segment.Query, c segment.Condition) (segment.Clause, error) {
	if c.Op == segment.IsSet {
		return segment.Clause{On: "c.external_id_token IS NOT NULL"}, nil
	}
	ix, err := v.Index(ctx, q.WorkspaceID)
	if err != nil {
		return segment.Clause{}, err
	}
	return segment.Clause{From: "(SELECT workspace_id, id AS contact_id, external_id_token FROM contacts)", Joined: true,
		Where: "x.external_id_token = " + q.Arg(ix.Equal("external_id", c.Text))}, nil
}

// besideClause is about what stands beside the profile.
func besideClause(q *segment.Query, c segment.Condition) (segment.Clause, error) {
	column := "c." + c.Field.Key[len("profile."):]
	switch {
	case c.Field.Key == "profile.verified" && c.Bool:
		return segment.Clause{On: "c.verified_at IS NOT NULL"}, nil
	case c.Field.Key == "profile.verified":
		return segment.Clause{On: "c.verified_at IS NULL"}, nil
	case c.Op == segment.Is:
		return segment.Clause{On: column + " = " + q.Arg(c.Text)}, nil
	case c.Op == segment.Before:
		return segment.Clause{On: column + " < " + q.Arg(c.Micros())}, nil
	case c.Op == segment.After:
		return segment.Clause{On: column + " >= " + q.Arg(c.Micros())}, nil
	}
	return segment.Clause{On: column + " IS NOT NULL"}, nil
}

// In gives contacts whom a predicate is true of, as [Service.List] does.
func (s *Service) In(ctx context.Context, p *segment.Predicate, before string, limit int) ([]Contact, error) {
	if before == "" {
		before = beyond
	}
	return s.list(ctx, "contacts.segment", before, limit, func(tx *storage.Tx, workspaceID, before string, limit int) ([]record, error) {
		return s.recordsIn(tx, p, workspaceID, before, limit)
	})
}

func (s *Service) recordsIn(tx *storage.Tx, p *segment.Predicate, workspaceID, before string, limit int) ([]record, error) {
	ids, err := s.segments.Members(tx, p, before, limit)
	if err != nil {
		return nil, err
	}
	var out []record
	for from, to := range storage.Chunks(len(ids), 1) {
		args := make([]any, 0, to-from+1)
		for _, id := range ids[from:to] {
			args = append(args, id)
		}
		some, err := scanRecords(tx.Query(fmt.Sprintf(`SELECT `+columns+` FROM contacts WHERE id IN (VALUES %s) AND workspace_id = $%d ORDER BY id DESC`,
			storage.Values(to-from, 1), to-from+1), append(args, workspaceID)...))
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}
