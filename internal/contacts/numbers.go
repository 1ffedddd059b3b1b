package contacts

import (
	"context"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// NumberProblem says why an attribute's values cannot be counted with in the context's
// workspace, or "": they can of a declared number that is not personal.
func (s *Service) NumberProblem(ctx context.Context, key string) (problem string, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		defs, err := loadDefinitions(tx, actor.From(ctx).WorkspaceID)
		a, declared := defs.of(key)
		switch {
		case !declared:
			problem = "must be the key of a declared attribute"
		case a.removed:
			problem = "is being removed from this workspace"
		case a.Kind != KindNumber:
			problem = "must be the key of a number, not of another kind of attribute"
		case a.Personal:
			problem = "is personal, so that its values are sealed; only attributes that are not personal can be counted with"
		}
		return err
	})
	return problem, fault.Wrap("contacts.NumberProblem", err)
}

const selectNumbers = `
	SELECT x.contact_id, x.number_value FROM contact_attributes x JOIN contacts c ON c.workspace_id = x.workspace_id AND c.id = x.contact_id
	JOIN attribute_definitions d ON d.workspace_id = x.workspace_id AND d.key = x.key
	WHERE x.workspace_id = $1 AND x.key = $2 AND x.item = 0 AND x.number_value IS NOT NULL AND d.kind = 'number' AND d.personal = 0 AND d.removed_at IS NULL
	AND c.deleted_at IS NULL AND c.restricted_at IS NULL AND x.contact_id IN (`

// Numbers gives what some contacts have of a number attribute that is not personal.
// Who has none is absent, and so is who is restricted or in the bin; everybody if the
// attribute is not such a one.
func Numbers(tx *storage.Tx, workspaceID, key string, contactIDs []string) (map[string]float64, error) {
	out := make(map[string]float64, len(contactIDs))
	for from, to := range storage.Chunks(len(contactIDs), 1) {
		if err := readNumbers(tx, workspaceID, key, contactIDs[from:to], out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func readNumbers(tx *storage.Tx, workspaceID, key string, contactIDs []string, into map[string]float64) error {
	args, places := []any{workspaceID, key}, make([]string, len(contactIDs))
	for i, id := range contactIDs {
		args, places[i] = append(args, id), "$"+strconv.Itoa(i+3)
	}
	rows, err := tx.Query(selectNumbers+strings.Join(places, ",")+`)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var number float64
		if err := rows.Scan(&id, &number); err != nil {
			return err
		}
		into[id] = number
	}
	return rows.Err()
}
