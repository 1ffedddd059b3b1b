package segment

import "github.com/botimum/botimum/internal/storage"

// hiddenPeople are those whom no segment holds, each found through an index of few.
// SQLite would rather walk all contacts, who come sorted for the union.
func hiddenPeople(e storage.Engine) string {
	by := func(index string) string {
		if e == storage.SQLite {
			return " INDEXED BY " + index
		}
		return ""
	}
	return `(SELECT id FROM contacts` + by("contacts_in_bin") + ` WHERE workspace_id = $1 AND deleted_at IS NOT NULL
	UNION SELECT id FROM contacts` + by("contacts_restricted") + ` WHERE workspace_id = $1 AND restricted_at IS NOT NULL
	UNION SELECT id FROM contacts` + by("contacts_by_survivor") + ` WHERE workspace_id = $1 AND merged_into IS NOT NULL)`
}

const countMerged = `SELECT COUNT(*) FROM contacts c WHERE c.workspace_id = $1 AND c.merged_into IS NOT NULL AND ` + VisibleByIndex

// countsDirectly tells whether a tree is one condition on a plain attribute: then the
// attribute's index counts it, and nothing has to be in memory.
func (s *Service) countsDirectly(t tree) bool {
	return t.group == nil && t.clause.Plain != nil && s.Visible == VisibleByIndex+` AND c.merged_into IS NULL`
}

// knows tells whether a snapshot has a column.
func (p *snapshot) knows(key string) bool { return p != nil && p.made && p.columns[key] != nil }

// countDirectly counts who meets one condition on a plain attribute: all whom its
// index has, but for those of them who are hidden; or everybody else.
func countDirectly(tx *storage.Tx, t tree) (int64, error) {
	what := "COUNT(*)"
	if t.clause.Plain.Many { // several items of one list may meet it
		what = "COUNT(DISTINCT x.contact_id)"
	}
	var all, hidden int64
	err := tx.QueryRow(`SELECT `+what+` FROM contact_attributes x WHERE x.workspace_id = $1 AND `+t.clause.Where, t.query.args...).Scan(&all)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(`SELECT COUNT(*) FROM `+hiddenPeople(tx.Engine())+` h WHERE EXISTS
		(SELECT 1 FROM contact_attributes x WHERE x.workspace_id = $1 AND x.contact_id = h.id AND `+t.clause.Where+`)`, t.query.args...).Scan(&hidden)
	if err != nil || !t.not {
		return all - hidden, err
	}
	var visible, merged int64
	err = tx.QueryRow(`SELECT COUNT(*) FROM `+fromVisible(tx.Engine())+` WHERE c.workspace_id = $1 AND `+VisibleByIndex, t.query.args[0]).Scan(&visible)
	if err == nil {
		err = tx.QueryRow(countMerged, t.query.args[0]).Scan(&merged)
	}
	return visible - merged - (all - hidden), err
}
