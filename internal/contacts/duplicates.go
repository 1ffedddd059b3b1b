package contacts

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Duplicate is two contacts who may be one person, and why.
type Duplicate struct {
	Contact Contact  `json:"contact" doc:"The older of the two."`
	Other   Contact  `json:"other"`
	Why     []string `json:"why" enum:"email,phone,name" doc:"What they share: an e-mail address, a phone number, or a similar name at the same company."`
}

// Pair is a place in the order of duplicates: the newer contact first.
type Pair struct{ Newer, Older string }

// topPair is before the first.
var topPair = Pair{beyond, beyond}

// pairsAtOnce is how many contacts are looked at in one query, and looksAtOnce how
// many queries a page takes at most: a page may be shorter than asked for, and the
// next goes on from there.
const (
	pairsAtOnce = 5000
	looksAtOnce = 8
	// Names that share a token may turn out to be different when they are compared:
	// so many pairs are compared at once, so often for a page.
	candidates   = 200
	roundsAtOnce = 5
)

const selectPast = `SELECT id FROM contacts WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT 1 OFFSET $3`

// Each contact's tokens are met with those of older ones. Whoever was merged stands
// for nobody; an address of theirs leads to their survivor.
const selectPairs = `
	SELECT c.id, COALESCE(o.merged_into, o.id), a.kind
	FROM contacts c
	JOIN contact_tokens a ON a.workspace_id = c.workspace_id AND a.contact_id = c.id AND a.kind IN ('email', 'phone')
	JOIN contact_tokens b ON b.workspace_id = a.workspace_id AND b.kind = a.kind AND b.token = a.token AND b.contact_id <> a.contact_id
	JOIN contacts o ON o.workspace_id = b.workspace_id AND o.id = b.contact_id
	WHERE c.workspace_id = $1 AND c.id <= $2 AND c.id > $3 AND c.merged_into IS NULL AND c.deleted_at IS NULL AND c.restricted_at IS NULL
		AND COALESCE(o.merged_into, o.id) < c.id AND o.deleted_at IS NULL AND o.restricted_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM contact_distinctions d WHERE d.workspace_id = c.workspace_id AND d.contact_id = COALESCE(o.merged_into, o.id) AND d.other_id = c.id)
	ORDER BY c.id DESC, 2 DESC, 3`

// Similar names are looked for within a company, and only where nobody was merged:
// the survivor's name is the person's.
const selectNamesakes = `
	SELECT c.id, o.id, 'name'
	FROM contacts c
	JOIN contact_namesakes a ON a.workspace_id = c.workspace_id AND a.contact_id = c.id AND a.company_id <> ''
	JOIN contact_namesakes b ON b.workspace_id = a.workspace_id AND b.company_id = a.company_id AND b.token = a.token AND b.contact_id < a.contact_id
	JOIN contacts o ON o.workspace_id = b.workspace_id AND o.id = b.contact_id
	WHERE c.workspace_id = $1 AND c.id <= $2 AND c.id > $3 AND c.merged_into IS NULL AND c.deleted_at IS NULL AND c.restricted_at IS NULL
		AND o.merged_into IS NULL AND o.deleted_at IS NULL AND o.restricted_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM contact_distinctions d WHERE d.workspace_id = c.workspace_id AND d.contact_id = o.id AND d.other_id = c.id)
	ORDER BY c.id DESC, o.id DESC`

// foundPair is two contacts who share something.
type foundPair struct {
	Pair
	why []string
}

// Duplicates gives pairs of contacts who may be one person: those after a place, at
// most limit; next is where to go on, nil at the end. Who is in the bin, restricted
// or merged already is in none, nor is a pair that was dismissed.
func (s *Service) Duplicates(ctx context.Context, after *Pair, limit int) (_ []Duplicate, next *Pair, err error) {
	const op = "contacts.Duplicates"
	workspaceID := actor.From(ctx).WorkspaceID
	from, out := topPair, []Duplicate{}
	if after != nil {
		from = *after
	}
	for range roundsAtOnce {
		var pairs []foundPair
		err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
			pairs, next, err = findPairs(tx, workspaceID, from, max(limit, candidates))
			return err
		})
		if err != nil {
			return nil, nil, fault.Wrap(op, err)
		}
		some, err := s.openPairs(ctx, workspaceID, pairs)
		if err != nil {
			return nil, nil, fault.Wrap(op, err)
		}
		if len(out)+len(some) > limit {
			some = some[:limit-len(out)]
			last := some[len(some)-1]
			next = &Pair{last.Other.ID, last.Contact.ID}
		}
		out = append(out, some...)
		if next == nil || len(out) == limit || len(pairs) < max(limit, candidates) {
			break
		}
		from = *next
	}
	s.audit.Access(ctx, shown(out), "contacts.duplicates")
	return out, next, nil
}

// shown gives whose contacts are shown.
func shown(pairs []Duplicate) []string {
	ids := map[string]bool{}
	for _, d := range pairs {
		ids[d.Contact.ID], ids[d.Other.ID] = true, true
	}
	return slices.Sorted(maps.Keys(ids))
}

// findPairs walks the contacts from the newest on, in bounded steps.
func findPairs(tx *storage.Tx, workspaceID string, from Pair, limit int) (out []foundPair, next *Pair, err error) {
	upTo, more := from.Newer, true
	for look := 0; look < looksAtOnce && more; look++ {
		var past string
		if past, more, err = pastOf(tx, workspaceID, upTo); err != nil {
			return nil, nil, err
		}
		found, err := pairsIn(tx, workspaceID, upTo, past)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range found {
			if p.Newer == from.Newer && p.Older >= from.Older {
				continue // on the page before
			}
			if len(out) == limit {
				last := out[limit-1].Pair
				return out, &last, nil
			}
			out = append(out, p)
		}
		upTo = past
	}
	if more {
		next = &Pair{upTo, beyond}
	}
	return out, next, nil
}

// pastOf gives where a step of the walk ends, and whether it goes on after.
func pastOf(tx *storage.Tx, workspaceID, upTo string) (past string, more bool, err error) {
	rows, err := tx.Query(selectPast, workspaceID, upTo, pairsAtOnce)
	if err != nil {
		return "", false, err
	}
	found, err := scanIDs(rows)
	if err != nil || len(found) == 0 {
		return "", false, err
	}
	return found[0], true, nil
}

func pairsIn(tx *storage.Tx, workspaceID, upTo, past string) ([]foundPair, error) {
	var out []foundPair
	for _, query := range []string{selectPairs, selectNamesakes} {
		rows, err := tx.Query(query, workspaceID, upTo, past)
		if err != nil {
			return nil, err
		}
		if out, err = scanPairs(rows, out); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b foundPair) int {
		return cmp.Or(strings.Compare(b.Newer, a.Newer), strings.Compare(b.Older, a.Older))
	})
	united := out[:0]
	for _, p := range out {
		n := len(united)
		if n == 0 || united[n-1].Pair != p.Pair {
			united = append(united, p)
		} else if !slices.Contains(united[n-1].why, p.why[0]) {
			united[n-1].why = append(united[n-1].why, p.why[0])
		}
	}
	return united, nil
}

func scanPairs(rows *sql.Rows, out []foundPair) ([]foundPair, error) {
	defer rows.Close()
	for rows.Next() {
		var p Pair
		var why string
		if err := rows.Scan(&p.Newer, &p.Older, &why); err != nil {
			return nil, err
		}
		out = append(out, foundPair{p, []string{why}})
	}
	return out, rows.Err()
}

// openPairs opens the contacts of pairs and compares their names; pairs of which one
// cannot be read any more, or that share nothing after all, are left out.
func (s *Service) openPairs(ctx context.Context, workspaceID string, pairs []foundPair) ([]Duplicate, error) {
	var records []record
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		seen := map[string]bool{}
		records = nil
		for _, p := range pairs { // at most a page, and each by primary key
			for _, id := range []string{p.Newer, p.Older} {
				if seen[id] {
					continue
				}
				r, err := loadByID(tx, workspaceID, id)
				if err != nil {
					return err
				}
				seen[id], records = true, append(records, r)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	opened, err := s.openAll(ctx, workspaceID, records)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]Contact, len(opened))
	for _, c := range opened {
		byID[c.ID] = c
	}
	out := []Duplicate{}
	for _, p := range pairs {
		older, has := byID[p.Older]
		newer, hasToo := byID[p.Newer]
		if !has || !hasToo {
			continue
		}
		if !similar(older.named(), newer.named()) {
			p.why = slices.DeleteFunc(p.why, func(why string) bool { return why == "name" })
		}
		if len(p.why) > 0 {
			out = append(out, Duplicate{Contact: older, Other: newer, Why: p.why})
		}
	}
	return out, nil
}

func (c Contact) named() Profile {
	return Profile{Name: c.Name, FirstName: c.FirstName, LastName: c.LastName}
}

// Distinct is a pair that somebody found to be two people.
type Distinct struct {
	ContactID string `json:"contact_id" minLength:"1" maxLength:"64"`
	OtherID   string `json:"other_id" minLength:"1" maxLength:"64"`
}

const insertDistinction = `
	INSERT INTO contact_distinctions (workspace_id, contact_id, other_id, actor_type, actor_id, created_at)
	VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`

// Dismiss notes that two contacts are two people: they are not shown as duplicates
// any more. Saying it again changes nothing.
func (s *Service) Dismiss(ctx context.Context, d Distinct) error {
	a := actor.From(ctx)
	if d.ContactID == d.OtherID {
		return fault.Invalid("other_id", "is the same contact; name another one")
	}
	older, newer := min(d.ContactID, d.OtherID), max(d.ContactID, d.OtherID)
	return fault.Wrap("contacts.Dismiss", s.db.Write(ctx, func(tx *storage.Tx) error {
		for _, id := range []string{older, newer} {
			if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: id}); err != nil {
				return err
			}
			err := Exists(tx, a.WorkspaceID, id)
			if fault.Is(err, fault.KindNotFound) {
				return fault.Invalid("contact_id", "is not a contact of this workspace")
			}
			if err != nil {
				return err
			}
		}
		n, err := tx.Exec(insertDistinction, a.WorkspaceID, older, newer, string(a.Type), a.ID, clock.Micros(s.clock.Now()))
		if err != nil || n == 0 {
			return err
		}
		return s.audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: "contact.told_apart",
			TargetType: "contact", TargetID: newer, Details: map[string]string{"other": older}})
	}))
}
