package segment

import (
	"context"

	"github.com/botimum/botimum/internal/privacy"
)

const consentGroup = "consents"

// The last act counts, as it does in [privacy.Service.MayUseFor].
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
			clause := Clause{From: "consents", Where: "x.purpose = " + q.Arg(c.Field.Key[len(consentGroup)+1:])}
			if c.Op == Is {
				action := map[string]string{"granted": "grant", "withdrawn": "withdraw"}[c.Text]
				clause.Where += " AND x.action = " + q.Arg(action) + lastConsent
			}
			return clause, nil
		},
	}
}
