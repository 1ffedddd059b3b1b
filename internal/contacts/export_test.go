package contacts

import "github.com/botimum/botimum/internal/privacy"

import "time"

// Plan is a query with arguments, for the tests of query plans.
type Plan struct {
	SQL  string
	Args []any
}

// Plans gives every query that lists.
func Plans() map[string]Plan {
	one := token{"name", []byte("12345678")}
	search, args := searchSQL("wsp_1", []token{one, one}, beyond, 25)
	return map[string]Plan{
		"page":        {selectPage, []any{"wsp_1", beyond, 25}},
		"bin":         {selectBin, []any{"wsp_1", beyond, 25}},
		"expired bin": {selectExpiredBin, []any{"wsp_1", time.Now().UnixMicro(), time.Now().UnixMicro(), 25}},
		"export":      {selectExport, []any{"wsp_1", beyond, 25}},
		"restricted":  {selectRestricted, []any{"wsp_1", beyond, 25}},
		"changes":     {selectChanges, []any{"wsp_1", "con_1", beyond, 25}},
		"external id": {selectByExternalID, []any{"wsp_1", []byte("x")}},
		"search":      {search, args},
		"pairs":       {selectPairs, []any{"wsp_1", beyond, "con_"}},
		"namesakes":   {selectNamesakes, []any{"wsp_1", beyond, "con_"}},
		"followers":   {selectFollowers, []any{"wsp_1", "con_", 25}},
		"following":   {selectFollowing, []any{"wsp_1", "con_", 25}},
		"in company":  {selectInCompany, []any{"wsp_1", "con_", "cmp_1", 25}},
	}
}

// RetentionSQL gives the texts that look for what is old, with one rule.
func RetentionSQL(r privacy.Rule) (idle, counted, seen string) {
	return idleSQL(r), `SELECT COUNT(*) FROM contacts c WHERE c.workspace_id = $1 AND ` + Idle(1) + r.OfContacts(), `SELECT c.id FROM contacts c WHERE ` + seenExactly + r.OfContacts()
}

// SelectSeen is the text that finds a page of the list by last seen.
const SelectSeen = selectSeen

// OwnersSQL is how an import finds who has n tokens of a field.
var OwnersSQL = ownersSQL
