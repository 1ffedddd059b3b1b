package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
)

// asked are the filters whose counts are measured, over the attributes that
// makePeople gives everybody.
var asked = []struct{ what, filter string }{
	{"one equality", `{"field":"attributes.plan","op":"is","value":"pro"}`},
	{"one range", `{"field":"attributes.seats","op":"above","value":50}`},
	{"two broad conditions ANDed", `{"all":[{"field":"attributes.seats","op":"above","value":50},{"field":"attributes.active","op":"is","value":true}]}`},
	{"a range of dates, all different", `{"field":"attributes.renews","op":"before","value":"2026-06-01"}`},
	{"an OR of three", `{"any":[{"field":"attributes.plan","op":"is","value":"pro"},{"field":"attributes.seats","op":"below","value":3},{"field":"attributes.active","op":"is_not","value":true}]}`},
	{"ten conditions in groups", `{"any":[{"all":[{"field":"attributes.plan","op":"is_not","value":"gone"},{"field":"attributes.seats","op":"at_least","value":20},{"field":"attributes.seats","op":"below","value":90},` +
		`{"field":"attributes.renews","op":"after","value":"2026-02-01"}]},{"all":[{"field":"attributes.plan","op":"contains","value":"r"},{"field":"attributes.active","op":"is","value":false}]},` +
		`{"all":[{"field":"attributes.plan","op":"starts_with","value":"te"},{"field":"attributes.seats","op":"is","value":7},{"field":"attributes.renews","op":"is_set"},{"field":"attributes.active","op":"is_not","value":false}]}]}`},
}

const countRounds = 15 // of each filter; the median is the figure

// segments measures how long it takes to count the people in a segment of plain
// attributes, over HTTP: first of all after a start, when the server has read nothing
// yet, and then with a person changed before each count.
func (b *bench) segments(ctx context.Context) error {
	changed, err := b.makePeople(ctx)
	if err != nil {
		return err
	}
	among := fmt.Sprintf("of %s contacts with four plain attributes", thousands(int64(b.opts.people)))
	var memory int64
	for _, a := range asked {
		if err := errors.Join(b.server.stop(), b.start()); err != nil {
			return err
		}
		grew, err := b.count(changed, a.what, []byte(`{"filter":`+a.filter+`}`), among)
		if err != nil {
			return err
		}
		memory = max(memory, grew)
	}
	b.table.add(row{What: "memory for counting", Figure: mebibytes(memory), Unit: "MiB", Target: 64, Bound: atMost, Note: "the most by which the server grew over the counts of one filter"})
	return nil
}

// count measures one filter on a server that was just started, and gives by how much
// its memory grew at most.
func (b *bench) count(changed, what string, body []byte, among string) (int64, error) {
	c, err := dial(b.host, b.apiKey)
	if err != nil {
		return 0, err
	}
	defer c.close()
	if _, err := c.do("GET", "/api/v1/attributes", nil, 200); err != nil { // who asks is known then
		return 0, err
	}
	before := b.server.memory("RssAnon")
	first, answer, err := b.counted(c, body)
	if err != nil {
		return 0, err
	}
	b.table.add(row{What: "first count after a start: " + what, Figure: milliseconds(first), Unit: "ms", Target: 200, Bound: atMost, Note: among + "; " + answer})
	var took []time.Duration
	spent := b.server.cpu()
	for i := range countRounds {
		if err := b.touch(c, changed, i); err != nil {
			return 0, err
		}
		one, _, err := b.counted(c, body)
		if err != nil {
			return 0, err
		}
		took = append(took, one)
	}
	slices.Sort(took)
	b.table.add(row{What: "count a segment: " + what, Figure: milliseconds(took[len(took)/2]), Unit: "ms", Target: 200, Bound: atMost,
		Note: fmt.Sprintf("one of them changed before each count; the slowest %.0f ms; server %.0f ms each, the change among it", milliseconds(took[len(took)-1]),
			milliseconds(b.server.cpu()-spent)/countRounds)})
	return b.server.memory("RssAnon") - before, nil
}

func (b *bench) counted(c *conn, body []byte) (time.Duration, string, error) {
	began := time.Now()
	answer, err := c.do("POST", "/api/v1/segments/count", body, 200)
	return time.Since(began), string(answer), err
}

// touch changes a person's plain attribute, so that no count can be an old one.
func (b *bench) touch(c *conn, contactID string, i int) error {
	_, err := c.do("PATCH", "/api/v1/contacts/"+contactID, fmt.Appendf(nil, `{"attributes":{"seats":%d},"basis":{"purpose":"support","lawful_basis":"contract"}}`, i), 200)
	return err
}

// makePeople declares four attributes, adds a person through the front door, and
// then fills the database with many as the server would have stored them (what is
// sealed is made up: counting does not open it).
func (b *bench) makePeople(ctx context.Context) (changed string, err error) {
	c, err := dial(b.host, b.apiKey)
	if err != nil {
		return "", err
	}
	for _, a := range []string{`"key":"plan","label":"Plan","kind":"string"`, `"key":"seats","label":"Seats","kind":"number"`, `"key":"active","label":"Active","kind":"boolean"`, `"key":"renews","label":"Renews","kind":"date"`} {
		if _, err := c.do("POST", "/api/v1/attributes", []byte(`{`+a+`,"personal":false,"purpose":"support"}`), 201); err != nil {
			return "", err
		}
	}
	answer, err := c.do("POST", "/api/v1/contacts", []byte(`{"name":"Ada","basis":{"purpose":"support","lawful_basis":"contract"}}`), 201)
	if err != nil {
		return "", err
	}
	c.close()
	changed = firstID(answer)
	if err := b.server.stop(); err != nil {
		return "", err
	}
	began := time.Now()
	db, err := storage.Open(ctx, storage.Options{URL: "sqlite://" + filepath.Join(b.data, "botimum.db"), Migrations: migrations.Migrations})
	if err != nil {
		return "", err
	}
	var workspace string
	err = db.SQL().QueryRowContext(ctx, `SELECT id FROM workspaces`).Scan(&workspace)
	if err == nil { // the declarations are for those who come: nothing is left to be indexed
		err = db.Write(ctx, func(tx *storage.Tx) error {
			_, err := tx.Exec(`UPDATE attribute_indexing SET ended_at = began_at WHERE ended_at IS NULL`)
			return err
		})
	}
	const once = 2000
	for n := 0; n < b.opts.people && err == nil && ctx.Err() == nil; n += once {
		err = db.Write(ctx, func(tx *storage.Tx) error { return writePeople(tx, workspace, n, once) })
	}
	b.say("made %s contacts in %.1f s", thousands(int64(b.opts.people)), time.Since(began).Seconds())
	if err == nil {
		err = b.makeRuns(ctx, db, workspace)
	}
	if err = errors.Join(err, db.Close(), ctx.Err()); err != nil {
		return "", err
	}
	return changed, b.start()
}

// makeRuns makes what segments are counted by, as a server does by and by after an
// upgrade from a version without it.
func (b *bench) makeRuns(ctx context.Context, db *storage.DB, workspace string) error {
	began := time.Now()
	if err := db.Write(ctx, func(tx *storage.Tx) error { return segment.MakeAnew(tx, workspace) }); err != nil {
		return err
	}
	making := segment.New(segment.Deps{DB: db, Clock: clock.System{}})
	for more := true; more; {
		var err error
		if more, err = making.MakeRuns(ctx); err != nil {
			return err
		}
	}
	b.table.add(row{What: "make what segments are counted by", Figure: time.Since(began).Seconds(), Unit: "s",
		Note: fmt.Sprintf("for %s contacts, without the rests that a server takes in between", thousands(int64(b.opts.people)))})
	return nil
}

func writePeople(tx *storage.Tx, workspace string, from, n int) error {
	var people, values []any
	var sealed [400]byte
	rng := source(from)
	at := time.Now().UnixMicro()
	for range n {
		contact := id.New(id.Contact)
		people = append(people, workspace, contact, sealed[:], "api", at, at)
		values = append(values, workspace, "plan", contact, 0, []string{"free", "pro", "team", "gone"}[rng.IntN(4)], nil,
			workspace, "seats", contact, 0, nil, float64(rng.IntN(100)),
			workspace, "active", contact, 0, nil, float64(min(1, rng.IntN(10))),
			workspace, "renews", contact, 0, nil, float64(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()+rng.Int64N(365*24*3600*1e6)))
	}
	if _, err := storage.InsertRows(tx, `INSERT INTO contacts (workspace_id, id, profile_sealed, source, created_at, updated_at) VALUES `, 6, people, ""); err != nil {
		return err
	}
	_, err := storage.InsertRows(tx, `INSERT INTO contact_attributes (workspace_id, key, contact_id, item, text_value, number_value) VALUES `, 6, values, "")
	return err
}
