package segment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// few is how many people a set may have to be looked at one by one: then no walk
// over all contacts is needed, however many there are.
const few = 2000

// Count tells how many people of the workspace a predicate is true of, now. Whoever
// asks for the same meanwhile hears the same answer, or that of the next count: one
// that began after they asked.
func (s *Service) Count(ctx context.Context, p *Predicate) (int64, error) {
	n, err := s.turns.take(ctx, p.question(), func() (n int64, err error) {
		err = s.DB.Read(ctx, func(tx *storage.Tx) error {
			n, err = s.count(tx, p)
			return err
		})
		return n, err
	})
	return n, fault.Wrap("segment.Count", err)
}

func (p *Predicate) workspaceID() string { return p.Args[0].(string) }

func (s *Service) count(tx *storage.Tx, p *Predicate) (n int64, err error) {
	if n, told, err := countInRuns(tx, p); told || err != nil && !errors.Is(err, errRun) {
		return n, err
	} else if err != nil {
		s.renew(p.workspaceID(), err)
	}
	ids, ok, err := p.tree.candidates(tx)
	if err != nil {
		return 0, err
	}
	if ok {
		members, err := p.among(tx, ids, len(ids))
		return int64(len(members)), err
	}
	err = tx.QueryRow(`SELECT COUNT(*) FROM contacts c WHERE c.workspace_id = $1 AND `+p.SQL, p.Args...).Scan(&n)
	return n, err
}

// renew has runs made anew that cannot be read; the rows answer meanwhile.
func (s *Service) renew(workspaceID string, why error) {
	s.Logger.Error("what segments are counted by is made anew", "workspace", workspaceID, "error", why)
	s.broken.Store(workspaceID, true)
}

// Members gives the ids of the people in a predicate, newest first: those before an
// id, at most limit. Where a part of it holds for few people they alone are looked
// at; else the contacts are walked from the newest on.
func (s *Service) Members(tx *storage.Tx, p *Predicate, before string, limit int) ([]string, error) {
	if ids, told, err := membersInRuns(tx, p, before, limit); told || err != nil && !errors.Is(err, errRun) {
		return ids, err
	} else if err != nil {
		s.renew(p.workspaceID(), err)
	}
	ids, ok, err := p.tree.candidates(tx)
	if err != nil {
		return nil, err
	}
	if ok {
		at, _ := slices.BinarySearchFunc(ids, before, func(id, before string) int {
			if id >= before { // they are in falling order
				return -1
			}
			return 1
		})
		return p.among(tx, ids[at:], limit)
	}
	n := len(p.Args)
	query := fmt.Sprintf(`SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND %s AND c.id < $%d ORDER BY c.id DESC LIMIT $%d`, p.SQL, n+1, n+2)
	return scanIDs(tx.Query(query, append(slices.Clone(p.Args), before, limit)...))
}

// candidates gives people among whom are all that the tree can be true of, in
// falling order; false if there may be too many, or that cannot be told.
func (t tree) candidates(tx *storage.Tx) ([]string, bool, error) {
	if t.group == nil {
		if t.not || t.clause.From == "" {
			return nil, false, nil
		}
		ids, err := t.few(tx)
		if err != nil || len(ids) > few {
			return nil, false, err
		}
		slices.Sort(ids)
		slices.Reverse(ids)
		return slices.Compact(ids), true, nil
	}
	var union []string
	for _, sub := range t.group {
		ids, ok, err := sub.candidates(tx)
		if err != nil {
			return nil, false, err
		}
		switch {
		case t.all && ok:
			return ids, true, nil // who is not among them is in none
		case !t.all && !ok || len(union)+len(ids) > few:
			return nil, false, nil
		case !t.all:
			union = append(union, ids...)
		}
	}
	slices.Sort(union)
	slices.Reverse(union)
	return slices.Compact(union), !t.all, nil
}

// few gives all that a leaf can be true of, in any order; more than [few], if there are more.
func (t tree) few(tx *storage.Tx) ([]string, error) {
	ask := func(query string) ([]string, error) {
		return scanIDs(tx.Query(query, t.query.args[:lastPlace(query)]...)) // those of what the query leaves out come last
	}
	ids, err := ask(t.clause.set(few + 1))
	if err != nil || len(ids) > few || !t.clause.Joined {
		return ids, err
	}
	more, err := ask(t.clause.survivors(few + 1))
	return append(ids, more...), err
}

// among gives those of some people, in the order in which they come, whom the
// predicate is true of, at most limit.
func (p *Predicate) among(tx *storage.Tx, ids []string, limit int) ([]string, error) {
	out := []string{}
	for from, to := range storage.Chunks(len(ids), 1) {
		args := slices.Clone(p.Args)
		places := ""
		for i, id := range ids[from:to] {
			if i > 0 {
				places += ","
			}
			args = append(args, id)
			places += fmt.Sprintf("$%d", len(args))
		}
		some, err := scanIDs(tx.Query(`SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND `+p.SQL+` AND c.id IN (`+places+`) ORDER BY c.id DESC`, args...))
		if err != nil {
			return nil, err
		}
		if out = append(out, some...); len(out) >= limit {
			return out[:limit], nil
		}
	}
	return out, nil
}

func scanIDs(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// Has tells whether somebody of the context's workspace is in a saved segment, now.
func (s *Service) Has(ctx context.Context, segmentID, contactID string) (in bool, err error) {
	p, err := s.Predicate(ctx, segmentID)
	if err != nil {
		return false, err
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		ids, err := p.among(tx, []string{contactID}, 1)
		in = len(ids) > 0
		return err
	})
	return in, fault.Wrap("segment.Has", err)
}
