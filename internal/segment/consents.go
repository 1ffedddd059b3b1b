package segment

import (
	"context"

	"github.com/botimum/botimum/internal/privacy"
)

const consentGroup = "consents"

// The last act counts, and of a person who was merged the strict one, until the
// survivor says otherwise after it and after the merge: as it does in
// [privacy.Service.MayUseFor].
const lastConsent = ` AND NOT EXISTS (SELECT 1 FROM consents y WHERE y.workspace_id = $1 AND y.contact_id = x.contact_id AND y.purpose = x.purpose
	AND (y.created_at > x.created_at OR y.created_at = x.created_at AND y.id > x.id))`

// Consents knows what conditions can be about of people's consents: for each
// purpose that rests on consent, whether it was given or withdrawn last.
func Consents(s *privacy.Service) Source {
	return Source{
		Names: []string{consentGroup},
		List: func(ctx context.Context, workspaceID string) ([]Field, error) {
			purposes, err := s.Purposes(ctx, workspaceID)
			if err != nil {
				return nil, err
			}
			var out []Field
			for _, p := range purposes {
				out = append(out, Field{Key: consentGroup + "." + p.Key, Label: "Consent to " + p.Name, Group: consentGroup, Kind: Choice,
					Ops:     OpsOf(Choice, false),
					Options: []Option{{Value: "granted", Label: "given"}, {Value: "withdrawn", Label: "withdrawn"}}})
			}
			return out, nil
		},
		Compile: func(_ context.Context, q *Query, c Condition) (Clause, error) {
			purpose := q.Arg(c.Field.Key[len(consentGroup)+1:])
			clause := Clause{From: "consents", Joined: true, Where: "x.purpose = " + purpose}
			if c.Op != Is {
				return clause, nil
			}
			if c.Text == "withdrawn" {
				clause.Where += " AND x.action = 'withdraw'" + lastConsent
				clause.On = withdrawnBy(purpose)
				return clause, nil
			}
			clause.Where += " AND x.action = 'grant'" + lastConsent
			clause.On = "NOT (" + withdrawnBy(purpose) + ")"
			return clause, nil
		},
	}
}

// withdrawnBy tells whether a withdrawal is in force for the contact c, as a person.
func withdrawnBy(purpose string) string {
	withdrawn := ` AND x.purpose = ` + purpose + ` AND x.action = 'withdraw'` + lastConsent
	return `EXISTS (SELECT 1 FROM consents x WHERE x.workspace_id = $1 AND x.contact_id = c.id` + withdrawn + `)
	OR EXISTS (SELECT 1 FROM contacts m JOIN consents x ON x.workspace_id = m.workspace_id AND x.contact_id = m.id
		WHERE m.workspace_id = $1 AND m.merged_into = c.id` + withdrawn + ` AND NOT EXISTS (SELECT 1 FROM consents o WHERE o.workspace_id = $1
			AND o.contact_id = c.id AND o.purpose = ` + purpose + ` AND o.action = 'grant' AND o.created_at > x.created_at AND o.created_at > m.merged_at))`
}
