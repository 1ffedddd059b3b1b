package segment

import (
	"context"
	"strconv"
)

// Source knows a family of fields: those whose key begins with one of its names
// and a dot.
type Source struct {
	Names []string
	// List gives the fields that a workspace has, as they are offered.
	List func(ctx context.Context, workspaceID string) ([]Field, error)
	// Find gives a field by its key; false if there is none. Nil: it is looked for
	// in List. It is for families with more fields than are listed.
	Find func(ctx context.Context, workspaceID, key string) (Field, bool, error)
	// Compile gives the clause of a condition that fits its field. It puts each
	// value into the query by [Query.Arg], in the order of the clause's text: From,
	// Where, Having; or On.
	Compile func(ctx context.Context, q *Query, c Condition) (Clause, error)
}

// Clause is a condition in SQL: On, a predicate over the contact c; or a set of
// people, the contact_id of the rows x of From that Where tells of, each with so
// many rows as Having says. Where must not be empty with From; the workspace and the
// contact are added to it. With both, On has to be true besides.
//
//	Clause{From: "conversations", Where: "x.state = " + q.Arg("open"), Joined: true}
type Clause struct {
	On                  string
	From, Where, Having string
	// Joined says that the rows of whoever was merged into a contact are the
	// contact's, too (ADR 0012): what people did and what was done with them. A
	// profile's own rows have what the merge put into it.
	Joined bool
	// Plain, if not nil, says the same of an attribute that is not sealed, for
	// counting in runs. Each clause has its own.
	Plain *Plain
}

// Query collects the arguments of a predicate. $1 is the workspace.
type Query struct {
	WorkspaceID string
	args        []any
}

// Arg adds an argument and gives its place.
func (q *Query) Arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

// exists gives the clause as a predicate over c.
func (c Clause) exists() string {
	if c.From == "" {
		return "COALESCE((" + c.On + "), FALSE)" // what is not known is not so
	}
	s := "EXISTS (SELECT 1 FROM " + c.From + " x WHERE x.workspace_id = $1 AND x.contact_id = c.id AND " + c.Where
	switch {
	case c.Joined && c.Having != "": // counted over all rows of the person
		s = "EXISTS (SELECT 1 FROM " + c.From + " x WHERE x.workspace_id = $1 AND x.contact_id IN (SELECT c.id UNION ALL SELECT m.id " + ofMembers + ") AND " +
			c.Where + " GROUP BY x.workspace_id HAVING " + c.Having + ")"
	case c.Joined:
		s += ") OR EXISTS (SELECT 1 " + ofMembers + " AND EXISTS (SELECT 1 FROM " + c.From + " x WHERE x.workspace_id = $1 AND x.contact_id = m.id AND " + c.Where + "))"
	case c.Having != "":
		s += " GROUP BY x.contact_id HAVING " + c.Having + ")"
	default:
		s += ")"
	}
	if c.On != "" {
		return "(" + s + ") AND COALESCE((" + c.On + "), FALSE)"
	}
	return s
}

// ofMembers are the contacts m who were merged into c.
const ofMembers = "FROM contacts m WHERE m.workspace_id = $1 AND m.merged_into = c.id"

// set gives the clause as a query of ids, at most limit. On is left out of it, and
// who has rows of others is in [Clause.survivors].
func (c Clause) set(limit int) string {
	s := "SELECT DISTINCT x.contact_id FROM " + c.From + " x WHERE x.workspace_id = $1 AND " + c.Where
	if c.Having != "" {
		s = "SELECT x.contact_id FROM " + c.From + " x WHERE x.workspace_id = $1 AND " + c.Where + " GROUP BY x.contact_id HAVING " + c.Having
	}
	return s + " LIMIT " + strconv.Itoa(limit)
}

// survivors gives a query of those into whom somebody was merged who has rows that
// Where tells of, at most limit: with Having, more than the clause is true of.
func (c Clause) survivors(limit int) string {
	return "SELECT DISTINCT m.merged_into FROM " + c.From + ` x JOIN contacts m ON m.workspace_id = x.workspace_id AND m.id = x.contact_id
		WHERE x.workspace_id = $1 AND ` + c.Where + " AND m.merged_into IS NOT NULL LIMIT " + strconv.Itoa(limit)
}
