package httpx

import (
	"crypto/sha256"
	"encoding/base64"
	"reflect"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/fault"
)

var problemType = reflect.TypeFor[Problem]()

// ByID is the part of a path that names one thing. Embed it.
type ByID struct {
	ID string `path:"id" maxLength:"64" doc:"The thing's id."`
}

// Empty is the body of an answer that has none.
type Empty struct{}

// Paging is the part of a list's query that says which page. Embed it.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"25" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"400" doc:"The next_cursor of the page before."`
}

// List is a page of a list.
type List[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor" doc:"Send it as cursor for the next page; null on the last."`
}

// ListOf gives a page from up to limit+1 rows: the row too many says that there
// is a next page, whose cursor key makes from the last row shown.
func ListOf[T any](rows []T, limit int, scope string, key func(T) []string) List[T] {
	l := List[T]{Data: rows}
	if l.Data == nil {
		l.Data = []T{}
	}
	if len(rows) > limit {
		l.Data = rows[:limit]
		next := EncodeCursor(scope, key(rows[limit-1])...)
		l.NextCursor = &next
	}
	return l
}

// EncodeCursor gives an opaque cursor that holds values and belongs to a scope:
// a list's name and its workspace.
func EncodeCursor(scope string, values ...string) string {
	body := strings.Join(values, "\x1f")
	sum := sha256.Sum256([]byte(scope + "\x1e" + body))
	return base64.RawURLEncoding.EncodeToString(append(sum[:6:6], body...))
}

// DecodeCursor reads a cursor's n values. One that is broken, or of another list
// or workspace, is malformed. The empty cursor gives nil: the first page.
func DecodeCursor(scope, cursor string, n int) ([]string, error) {
	if cursor == "" {
		return nil, nil
	}
	bad := fault.Malformed("The cursor is not one of this list. Start again without a cursor.")
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < 6 {
		return nil, bad
	}
	sum := sha256.Sum256([]byte(scope + "\x1e" + string(raw[6:])))
	values := strings.Split(string(raw[6:]), "\x1f")
	if string(sum[:6]) != string(raw[:6]) || len(values) != n {
		return nil, bad
	}
	return values, nil
}

// ETag gives the entity tag of something by the moment it last changed.
func ETag(updated time.Time) string {
	return `"` + base64.RawURLEncoding.EncodeToString([]byte(updated.UTC().Format("20060102150405.000000"))) + `"`
}

// CheckMatch refuses a change when If-Match names a version that is no longer
// the present one. Without If-Match every change is taken.
func CheckMatch(ifMatch string, updated time.Time) error {
	if ifMatch == "" || ifMatch == "*" || strings.TrimPrefix(ifMatch, "W/") == ETag(updated) {
		return nil
	}
	return fault.PreconditionFailed("Someone changed this meanwhile. Load it again, then repeat your change.")
}
