package company

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Order says which companies of a list come first.
type Order string

// The orders of a list.
const (
	Newest     Order = "newest"
	ByName     Order = "name"        // from A to Z
	ByPeople   Order = "people"      // who has the most first
	LastActive Order = "last_active" // whose people were seen last first
)

// maxNamed is how many companies are brought into the order of their names, which are
// sealed: each is opened for it.
const maxNamed = 10_000

// At is a place in the order of a list: what it is ordered by, as a cursor may hold it,
// and the id. Nil is the top.
type At struct{ Key, ID string }

// List gives companies in an order: those after a place in it, at most limit, with the
// place of each.
func (s *Service) List(ctx context.Context, by Order, after *At, limit int) (all []Company, places []At, err error) {
	const op = "company.List"
	switch by {
	case ByName:
		all, places, err = s.listByName(ctx, after, limit)
		return all, places, fault.Wrap(op, err)
	case ByPeople, LastActive:
		all, err = s.listByFigure(ctx, by, after, limit)
	default:
		before := beyond
		if after != nil {
			before = after.ID
		}
		all, err = s.read(ctx, func(tx *storage.Tx, workspaceID string) ([]row, error) {
			return scanRows(tx.Query(selectPage, workspaceID, before, limit))
		})
	}
	for _, c := range all {
		places = append(places, At{strconv.FormatInt(c.figure(by), 10), c.ID})
	}
	return all, places, fault.Wrap(op, err)
}

// figure is the number that an order goes by.
func (c Company) figure(by Order) int64 {
	switch {
	case by == ByPeople:
		return c.People
	case by == LastActive && c.LastActive != nil:
		return clock.Micros(*c.LastActive)
	}
	return 0
}

// The orders by figures count the people of all companies, along the index that has
// them.
const (
	listByPeople = `SELECT ` + columns + ` FROM companies c LEFT JOIN (
		SELECT p.company_id, COUNT(*) AS figure FROM contacts p
		WHERE p.workspace_id = $1 AND p.company_id IS NOT NULL AND p.deleted_at IS NULL AND p.merged_into IS NULL GROUP BY p.company_id
	) f ON f.company_id = c.id` + byFigure

	listByActive = `SELECT ` + columns + ` FROM companies c LEFT JOIN (
		SELECT p.company_id, MAX(p.last_seen_at) AS figure FROM contacts p
		WHERE p.workspace_id = $1 AND p.company_id IS NOT NULL AND p.deleted_at IS NULL AND p.merged_into IS NULL GROUP BY p.company_id
	) f ON f.company_id = c.id` + byFigure

	byFigure = `
	WHERE c.workspace_id = $1 AND c.removed_at IS NULL AND (COALESCE(f.figure, 0), c.id) < ($2, $3)
	ORDER BY COALESCE(f.figure, 0) DESC, c.id DESC LIMIT $4`
)

func (s *Service) listByFigure(ctx context.Context, by Order, after *At, limit int) ([]Company, error) {
	figure, id := int64(1<<62), beyond
	if after != nil {
		var err error
		if figure, err = strconv.ParseInt(after.Key, 10, 64); err != nil {
			return nil, foreignCursor()
		}
		id = after.ID
	}
	text := listByPeople
	if by == LastActive {
		text = listByActive
	}
	return s.read(ctx, func(tx *storage.Tx, workspaceID string) ([]row, error) {
		return scanRows(tx.Query(text, workspaceID, figure, id, limit))
	})
}

func foreignCursor() error {
	return fault.Malformed("The cursor is not one of this list. Start again without a cursor.")
}

// listByName opens every company for its name. A cursor holds the name sealed.
func (s *Service) listByName(ctx context.Context, after *At, limit int) ([]Company, []At, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	key, _, err := s.key(ctx, workspaceID)
	if err != nil {
		return nil, nil, err
	}
	var rows []row
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if rows, err = scanRows(tx.Query(selectPage, workspaceID, beyond, maxNamed+1)); err == nil && len(rows) > maxNamed {
			err = fault.Conflict("too_many_to_sort", "There are more than 10,000 companies. Look for the beginning of a name, or choose another order.")
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	named, err := byName(key, rows, after)
	if err != nil {
		return nil, nil, err
	}
	named = named[:min(limit, len(named))]
	all, err := s.read(ctx, func(*storage.Tx, string) ([]row, error) {
		out := make([]row, len(named))
		for i, n := range named {
			out[i] = n.row
		}
		return out, nil
	})
	places := make([]At, len(named))
	for i, n := range named {
		places[i] = At{base64.RawURLEncoding.EncodeToString(key.Seal(cursorPlace, []byte(n.name))), n.id}
	}
	return all, places, err
}

var cursorPlace = vault.Place{Table: "companies", Column: "cursor"}

type namedRow struct {
	row
	name string
}

func (n namedRow) compare(other namedRow) int {
	return cmp.Or(cmp.Compare(n.name, other.name), cmp.Compare(n.id, other.id))
}

// byName gives those of the rows that come after a place, in the order of their names.
func byName(key *vault.Key, rows []row, after *At) ([]namedRow, error) {
	var from *namedRow
	if after != nil {
		sealed, err := base64.RawURLEncoding.DecodeString(after.Key)
		if err != nil {
			return nil, foreignCursor()
		}
		name, err := key.Open(cursorPlace, sealed)
		if err != nil {
			return nil, foreignCursor()
		}
		from = &namedRow{row{id: after.ID}, string(name)}
	}
	out := make([]namedRow, 0, len(rows))
	for _, r := range rows {
		d, err := r.data(key)
		if err != nil {
			return nil, err
		}
		if n := (namedRow{r, orderName(d.Name)}); from == nil || n.compare(*from) > 0 {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, namedRow.compare)
	return out, nil
}

// orderName is what a name is ordered by: small letters without their marks.
func orderName(name string) string {
	const enough = 40
	var out strings.Builder
	n := 0
	for _, r := range norm.NFKD.String(name) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if n++; n > enough {
			break
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
