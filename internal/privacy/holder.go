package privacy

import (
	"context"
	"io"
	"maps"

	"github.com/botimum/botimum/internal/storage"
)

// Subject is the person a duty is about.
type Subject struct {
	WorkspaceID string
	ContactID   string
}

// Counts says how many rows of each table were touched.
type Counts map[string]int64

// Add adds another holder's counts.
func (c Counts) Add(other Counts) {
	for table, n := range other {
		c[table] += n
	}
}

// Clone gives a copy.
func (c Counts) Clone() Counts { return maps.Clone(c) }

// Holder is a package that stores something. There is one for each package with
// tables; between them they declare every column.
type Holder interface {
	// Name is the package's name.
	Name() string
	// Fields declares every column of the package's tables.
	Fields() []Field
	// Export hands out everything held about the person, opened.
	Export(ctx context.Context, tx *storage.Tx, s Subject, out Export) error
	// Erase deletes every row about the person, and every token that finds them.
	// It runs in one transaction with the other holders and may run again.
	Erase(ctx context.Context, tx *storage.Tx, s Subject) (Counts, error)
	// Retain deletes what is older than the rule allows, in a bounded batch, and
	// says how many rows went: none for a category that is not its own. A holder
	// whose rows a workspace may set a term for is an [Ager], too.
	Retain(ctx context.Context, tx *storage.Tx, r Rule) (int64, error)
}

// Export takes records of an access export, one by one, under the name of the
// section they belong to.
type Export func(section string, record any) error

// Enclosed is a record with a file beside it, which an archive takes in under a name of
// its own. Opening says nothing yet; what cannot be had is told by the first read.
type Enclosed interface {
	Enclosed() (name string, open func(ctx context.Context) io.ReadCloser)
}

// Section says what a holder hands out under a name, so that a schema and a
// header can be made from it before there is a record.
type Section struct {
	Name   string
	Record any // the zero value of the records' type
	// Tables are those of the catalogue that the records come from.
	Tables []string
}

// Sectioned is a holder that says what it hands out. Records of one section come
// one after the other, without those of another between them.
type Sectioned interface {
	Sections() []Section
}

// Provided is a record of which the person gave something themselves. Only such
// records, narrowed to that, are taken along (GDPR article 20); ok is false where
// nothing is left of this one. The narrowed record is of the same type.
type Provided interface {
	Provided() (record any, ok bool)
}

// GivenByPerson tells whether data of this source was given by the person: the
// widget, the portal, a form or a board, as opposed to the customer's code or an
// operator.
func GivenByPerson(source string) bool {
	switch source {
	case "widget", "portal", "form", "board", "email", "javascript":
		return true
	}
	return false
}
