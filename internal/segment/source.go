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
// contact are added to it.
//
//	Clause{From: "conversations", Where: "x.state = " + q.Arg("open")}
type Clause struct {
	On                  string
	From, Where, Having string
	// Plain, if not nil, says the same of an attribute that is not sealed, for
	// counting in memory.
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
	if c.Having != "" {
		s += " GROUP BY x.contact_id HAVING " + c.Having
	}
	return s + ")"
}

// set gives the clause as a query of ids, at most limit.
func (c Clause) set(limit int) string {
	s := "SELECT DISTINCT x.contact_id FROM " + c.From + " x WHERE x.workspace_id = $1 AND " + c.Where
	if c.Having != "" {
		s = "SELECT x.contact_id FROM " + c.From + " x WHERE x.workspace_id = $1 AND " + c.Where + " GROUP BY x.contact_id HAVING " + c.Having
	}
	return s + " LIMIT " + strconv.Itoa(limit)
}
