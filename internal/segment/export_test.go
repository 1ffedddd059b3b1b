package segment

import "github.com/botimum/botimum/internal/storage"

// SetOf gives the query of the people in a predicate of one condition; "" if it is
// about the contact's own row.
func SetOf(p *Predicate) (string, []any) {
	if p.tree.clause.From == "" {
		return "", nil
	}
	return p.tree.clause.set(few), p.tree.query.args
}

// SnapshotQueries gives the statements that fill a snapshot, by what they read.
func SnapshotQueries(e storage.Engine) map[string]string {
	return map[string]string{
		"ids":    `SELECT c.id FROM ` + fromVisible(e) + ` WHERE c.workspace_id = $1 AND c.id <> $2 AND c.id <> $3 AND ` + VisibleByIndex + ` ORDER BY c.id`,
		"values": selectValues + `$3)`,
	}
}
