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

// RunQuery is a statement about runs with arguments for it.
type RunQuery struct {
	Query string
	Args  []any
	By    string // the index
}

// RunQueries gives the statements that read and write runs, by what they do.
func RunQueries(e storage.Engine) map[string]RunQuery {
	return map[string]RunQuery{
		"one run":               {selectRun, []any{"wsp_1", "con_1"}, ""},
		"the first run":         {selectFirstRun, []any{"wsp_1"}, ""},
		"a run's columns":       {selectRunColumns(e, true), []any{"wsp_1", "con_1"}, "contact_columns_by_run"},
		"a window":              {selectWindow, []any{"wsp_1", "", "con_1"}, ""},
		"a column":              {selectColumn, []any{"wsp_1", "plan", "", "con_1"}, ""},
		"where runs begin":      {selectFirsts, []any{"wsp_1", "con_1", 8}, ""},
		"the ids in runs":       {selectPeople + "$2, $3)", []any{"wsp_1", "", "con_1"}, ""},
		"the next people":       {selectNext, []any{"wsp_1", "con_1", 8}, ""},
		"the next values":       {selectValues(e) + ofRange, []any{"wsp_1", "con_1", "con_2"}, "contact_attributes_by_contact"},
		"values of somebody":    {selectValues(e) + ofPeople + "$2)", []any{"wsp_1", "con_1"}, "contact_attributes_by_contact"},
		"a workspace's runs":    {deleteRuns, []any{"wsp_1"}, ""},
		"a workspace's values":  {deleteColumns, []any{"wsp_1"}, ""},
		"how far the making is": {selectMaking, []any{"wsp_1"}, ""},
	}
}
