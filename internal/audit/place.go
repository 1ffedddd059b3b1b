package audit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// KeepPlaces is how long it is kept from where somebody looked: the shortened network
// and the browser of an operator's session, or the network of a key. That somebody
// looked stays in the log.
const KeepPlaces = 180 * 24 * time.Hour

// AccessOrigin is from where somebody looked.
type AccessOrigin struct {
	Network string `json:"network" doc:"The shortened network address: /24 of IPv4, /48 of IPv6."`
	Browser string `json:"browser" example:"Firefox" doc:"The browser's family; empty for keys, and where it is not known."`
	System  string `json:"system" example:"macOS"`
}

// placeOf is where a sealed origin stands.
func placeOf(entryID string) vault.Place {
	return vault.Place{Table: "access_places", Column: "place_sealed", Row: entryID}
}

// keyFor names whose key seals from where an actor came: an operator's own, so that it
// goes with the account; of a key the workspace's.
func keyFor(workspaceID, actorType, actorID string) (vault.Subject, bool) {
	switch actor.Type(actorType) {
	case actor.Operator:
		return vault.Subject{ID: actorID}, true
	case actor.APIKey:
		return vault.Subject{Workspace: workspaceID}, workspaceID != ""
	}
	return vault.Subject{}, false
}

// sealPlace gives from where a read came, sealed, and what its entry says of that: a
// hash of the sealed bytes. Nothing where nothing is known, or the operator was erased
// meanwhile.
func (l *Log) sealPlace(ctx context.Context, w way, entryID string) (sealed []byte, hash string, err error) {
	sub, is := keyFor(w.workspaceID, w.actorType, w.actorID)
	if !is || l.vault == nil || w.from == (actor.Origin{}) {
		return nil, "", nil
	}
	key, err := l.vault.Key(ctx, sub)
	if fault.Is(err, fault.KindGone) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	plain, err := json.Marshal(AccessOrigin(w.from))
	if err != nil {
		return nil, "", err
	}
	sealed = key.Seal(placeOf(entryID), plain)
	return sealed, hashPlace(sealed), nil
}

func hashPlace(sealed []byte) string {
	sum := sha256.Sum256(sealed)
	return hex.EncodeToString(sum[:])
}

// openPlace gives from where a read came; nil if that is not kept any more, cannot be
// read any more, or is not what the entry was written with: verification says so.
func (l *Log) openPlace(ctx context.Context, workspaceID string, r *row, sealed []byte) (*AccessOrigin, error) {
	sub, is := keyFor(workspaceID, r.actorType, r.actorID)
	if !is || l.vault == nil || len(sealed) == 0 || hashPlace(sealed) != r.access().Place {
		return nil, nil
	}
	var plain []byte
	key, err := l.vault.Key(ctx, sub)
	if err == nil {
		plain, err = key.Open(placeOf(r.id), sealed)
	}
	if fault.Is(err, fault.KindGone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var from AccessOrigin
	return &from, json.Unmarshal(plain, &from)
}

const selectPlaces = `SELECT position, place_sealed FROM access_places WHERE workspace_id = $1 AND position IN (`

// placesOf gives the sealed origins of some reads, by position.
func placesOf(tx *storage.Tx, workspaceID string, reads []placedRow) (map[int64][]byte, error) {
	out := map[int64][]byte{}
	for from, to := range storage.Chunks(len(reads), 1) {
		args, marks := []any{workspaceID}, make([]string, 0, to-from)
		for _, r := range reads[from:to] {
			args = append(args, r.position)
			marks = append(marks, "$"+strconv.Itoa(len(args)))
		}
		err := scanPlaces(tx, out, selectPlaces+strings.Join(marks, ",")+")", args...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func scanPlaces(tx *storage.Tx, into map[int64][]byte, query string, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var position int64
		var sealed []byte
		if err := rows.Scan(&position, &sealed); err != nil {
			return err
		}
		into[position] = sealed
	}
	return rows.Err()
}

// placesForgotten is the entry that says up to which position it was forgotten from
// where reads came.
const placesForgotten = "audit.places_forgotten"

const (
	selectOldPlaces = `SELECT workspace_id, MAX(position) FROM (SELECT workspace_id, position FROM access_places WHERE created_at < $1
		ORDER BY created_at LIMIT $2) AS old GROUP BY workspace_id`
	deletePlaces = `DELETE FROM access_places WHERE workspace_id = $1 AND position <= $2`
)

// ForgetPlaces removes from where reads before a moment came, about limit of them; the
// log says how far it went.
func (l *Log) ForgetPlaces(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	err = l.db.Write(ctx, func(tx *storage.Tx) error {
		n = 0
		last := map[string]int64{}
		rows, err := tx.Query(selectOldPlaces, clock.Micros(before), limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var workspaceID string
			var position int64
			if err := rows.Scan(&workspaceID, &position); err != nil {
				return err
			}
			last[workspaceID] = position
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		for workspaceID, position := range last {
			gone, err := tx.Exec(deletePlaces, workspaceID, position)
			if err != nil {
				return err
			}
			n += gone
			tx.Defer(l.first, l.own(workspaceID, placesForgotten, "", "", map[string]string{"up_to": count(position + 1)}))
		}
		return nil
	})
	return n, fault.Wrap("audit.ForgetPlaces", err)
}

// Places of a page of entries, and how many there are of a log.
const (
	selectPagePlaces = `SELECT position, place_sealed FROM access_places WHERE workspace_id = $1 AND position >= $2 AND position < $3`
	countPlaces      = `SELECT COUNT(*) FROM access_places WHERE workspace_id = $1`
)

// pagePlaces reads the places of the entries of a page.
func (k *walk) pagePlaces(page []storedRow) error {
	k.places = map[int64][]byte{}
	return scanPlaces(k.v.tx, k.places, selectPagePlaces, k.workspaceID, page[0].position, page[len(page)-1].position+1)
}

// place compares what an entry says of from where a read came with the row that tells
// it. Which entries of before say nothing of it: there is no row then either.
func (k *walk) place(r *storedRow, by int64) {
	if by != 0 {
		return // it is told that the entry was moved
	}
	sealed, is := k.places[r.position]
	if is {
		k.placesSeen++
	}
	said := ""
	if r.action == accessArea {
		said = r.access().Place
	}
	switch {
	case said == "" && is:
		k.find(r.position, "a place was added to entry %d (%s), which was written without one", r.position, shownID(r.id))
	case said == "" || !is && r.position < k.placesForgotten:
	case !is:
		k.find(r.position, "the place that entry %d (%s) came from was removed", r.position, shownID(r.id))
	case hashPlace(sealed) != said:
		k.find(r.position, "the place that entry %d (%s) came from was changed", r.position, shownID(r.id))
	}
}

// strayPlaces tells of places that are of no entry, where all entries are there.
func (k *walk) strayPlaces() error {
	if k.v.told > 0 {
		return nil
	}
	var n int64
	err := k.v.tx.QueryRow(countPlaces, k.workspaceID).Scan(&n)
	if err == nil && n > k.placesSeen {
		k.find(-1, "%d places are of no entry: they were added", n-k.placesSeen)
	}
	return err
}

// upTo gives the position that the newest entry of an action about forgetting names.
func upTo(tx *storage.Tx, workspaceID, action string) (int64, error) {
	var text string
	err := tx.QueryRow(selectForgotten, workspaceID, action).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read how far %s went: %w", action, err)
	}
	var details map[string]string
	if err := json.Unmarshal([]byte(text), &details); err != nil {
		return 0, nil //nolint:nilerr // a changed entry: verification says so, and what it would hide
	}
	position, _ := strconv.ParseInt(details["up_to"], 10, 64)
	return position, nil
}
