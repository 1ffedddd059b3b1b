package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
)

const (
	oldEach        = 25 // messages of an old conversation
	retentionPairs = 12 // windows with and without the job: many short ones, as the machine moves meanwhile
	retentionPath  = "/api/v1/privacy/retention"
	oldRule        = `{"rules":[{"category":"messages","days":30}]}`
)

// retention measures ingest with the job at work and without it, in windows that
// alternate, over many messages that a rule ends.
func (b *bench) retention(ctx context.Context) error {
	if err := b.makeOld(ctx); err != nil {
		return err
	}
	c, err := dial(b.host, b.apiKey)
	if err != nil {
		return err
	}
	defer c.close()
	var off, on result
	var ratios []float64
	removed := 0
	for pair := range retentionPairs {
		var rate [2]float64
		for turn := range 2 {
			working := (pair+turn)%2 == 1 // off on, on off, …
			r, gone, err := b.retentionWindow(ctx, c, working)
			if err != nil {
				return err
			}
			into := &off
			if working {
				into, removed = &on, removed+gone
				rate[1] = r.perSecond()
			} else {
				rate[0] = r.perSecond()
			}
			into.add(r)
		}
		ratios = append(ratios, rate[1]/rate[0])
		b.say("  pair %d: %.0f/s without, %.0f/s with, ratio %.3f", pair+1, rate[0], rate[1], ratios[pair])
	}
	if removed == 0 {
		return errors.New("retention removed nothing while it was measured")
	}
	alone, err := b.retentionAlone(ctx, c)
	if err != nil {
		return err
	}
	sorted := slices.Sorted(slices.Values(ratios))
	b.table.add(row{What: "ingest while retention works, of ingest without", Figure: (sorted[len(sorted)/2-1] + sorted[len(sorted)/2]) / 2, Unit: "×", Target: 0.9, Bound: atLeast,
		Note: fmt.Sprintf("median of %d pairs of %v, half of them %.2f to %.2f, %.3f of all messages of all windows; %.0f/s without, %.0f/s with; without: %s; with: %s; %s messages removed meanwhile",
			retentionPairs, b.opts.measured/2, sorted[len(sorted)/4], sorted[len(sorted)*3/4], on.perSecond()/off.perSecond(), off.perSecond(), on.perSecond(), percentiles(&off.latency),
			percentiles(&on.latency), thousands(int64(removed)))})
	b.table.add(row{What: "server CPU a message while retention works, of without", Figure: float64(on.cost()) / float64(off.cost()), Unit: "×", Target: 1.1,
		Bound: atMost, Note: fmt.Sprintf("retention's own included; without: %s; with: %s", off.cpu(), on.cpu())})
	b.table.add(row{What: "retention while nobody writes", Figure: alone, Unit: "messages/s",
		Note: fmt.Sprintf("of %s in conversations of %d", thousands(int64(b.opts.old)), oldEach)})
	return nil
}

// add puts another result of the same sort into one.
func (r *result) add(more *result) {
	r.latency.merge(&more.latency)
	r.took, r.client, r.server = r.took+more.took, r.client+more.client, r.server+more.server
}

// retentionWindow loads the server for a while, with the job at work or not, and
// says how many messages went in it.
func (b *bench) retentionWindow(ctx context.Context, c *conn, working bool) (*result, int, error) {
	before, err := b.removed(c)
	if err != nil {
		return nil, 0, err
	}
	if err := b.switchRetention(c, working); err != nil {
		return nil, 0, err
	}
	r, err := b.load(ctx, ingestClients, b.opts.warm/4, b.opts.measured/2, b.posting(ingestConversations))
	if err != nil {
		return nil, 0, err
	}
	after, err := b.removed(c)
	return r, after - before, err
}

// switchRetention sets the rule and asks for a run, or takes the rule back: that
// counts from the next batch on, and ends the run.
func (b *bench) switchRetention(c *conn, working bool) error {
	if !working {
		if _, err := c.do("PUT", retentionPath, []byte(`{"rules":[]}`), 200); err != nil {
			return err
		}
		return b.retentionRests(c)
	}
	if _, err := c.do("PUT", retentionPath, []byte(oldRule), 200); err != nil {
		return err
	}
	_, err := c.do("POST", retentionPath+"/runs", nil, 202)
	return err
}

// retentionRests waits until no run is on its way.
func (b *bench) retentionRests(c *conn) error {
	for {
		answer, err := c.do("GET", retentionPath+"/runs?limit=1", nil, 200)
		if err != nil || !bytes.Contains(answer, []byte(`"running"`)) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// retentionAlone gives how many messages a second go while nobody writes.
func (b *bench) retentionAlone(ctx context.Context, c *conn) (float64, error) {
	b.server.settle(ctx)
	if err := b.switchRetention(c, true); err != nil {
		return 0, err
	}
	time.Sleep(b.opts.warm)
	before, err := b.removed(c)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	time.Sleep(b.opts.measured)
	after, err := b.removed(c)
	if err != nil {
		return 0, err
	}
	return float64(after-before) / time.Since(began).Seconds(), b.switchRetention(c, false)
}

// removed adds up what the reports of the runs say.
func (b *bench) removed(c *conn) (n int, err error) {
	answer, err := c.do("GET", retentionPath+"/runs?limit=100", nil, 200)
	if err != nil {
		return 0, err
	}
	var runs struct {
		Data []struct {
			Results []struct{ Counts map[string]int }
		}
	}
	if err := json.Unmarshal(answer, &runs); err != nil {
		return 0, err
	}
	for _, run := range runs.Data {
		for _, r := range run.Results {
			n += r.Counts["messages"]
		}
	}
	return n, nil
}

// makeOld stops the server, puts old conversations into its database as it would
// have stored them (what is sealed is made up: retention does not open it), and
// starts it again.
func (b *bench) makeOld(ctx context.Context) error {
	if err := b.server.stop(); err != nil {
		return err
	}
	began := time.Now()
	db, err := storage.Open(ctx, storage.Options{URL: "sqlite://" + filepath.Join(b.data, "botimum.db"), Migrations: migrations.Migrations})
	if err != nil {
		return err
	}
	o := &oldMessages{b: b, workspace: "", doc: 1}
	if err := db.SQL().QueryRowContext(ctx, `SELECT id FROM workspaces`).Scan(&o.workspace); err != nil {
		db.Close()
		return err
	}
	const once = 100 // conversations in one transaction
	for n := 0; n < b.opts.old/oldEach && err == nil && ctx.Err() == nil; n += once {
		err = db.Write(ctx, func(tx *storage.Tx) error { return o.write(tx, once) })
	}
	if closed := db.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	b.say("made %s old messages in %.1f s", thousands(int64(b.opts.old)), time.Since(began).Seconds())
	return b.start()
}

type oldMessages struct {
	b         *bench
	workspace string
	doc       int64
	sealed    [160]byte
}

// write adds conversations that were done long ago, each with a contact of its own.
func (o *oldMessages) write(tx *storage.Tx, conversations int) error {
	at := time.Now().Add(-400 * 24 * time.Hour).UnixMicro()
	var people, threads, messages, docs, words []any
	rng := source(int(o.doc))
	for range conversations {
		contact, thread := id.New(id.Contact), id.New(id.Conversation)
		people = append(people, o.workspace, contact, o.sealed[:], "api", at, at)
		threads = append(threads, o.workspace, thread, contact, "resolved", "none", "chat", oldEach, 0, 0, "[]", at+o.doc, at, at)
		for range oldEach {
			message := id.New(id.Message)
			messages = append(messages, o.workspace, thread, message, contact, "contact", contact, "reply", o.sealed[:], at)
			docs = append(docs, o.doc, o.workspace, "message", message, thread, contact, at)
			text := make([]byte, 0, 220)
			for range 15 {
				text = fmt.Appendf(text, "%013x ", uint64(rng.IntN(200))*uint64(rng.IntN(100))*0x9e3779b97f4a)
			}
			words = append(words, o.doc, string(text))
			o.doc++
		}
	}
	for _, rows := range []struct {
		into    string
		columns int
		args    []any
	}{
		{`contacts (workspace_id, id, profile_sealed, source, created_at, updated_at)`, 6, people},
		{`conversations (workspace_id, id, contact_id, state, priority, channel, message_count, unread_count, contact_unread_count, tags, activity_at, created_at, updated_at)`, 13, threads},
		{`messages (workspace_id, conversation_id, id, contact_id, author_type, author_id, type, body_sealed, created_at)`, 9, messages},
		{`search_docs (doc, workspace_id, kind, ref_id, parent_id, contact_id, at)`, 7, docs},
		{`search_words (rowid, words)`, 2, words},
	} {
		if _, err := storage.InsertRows(tx, `INSERT INTO `+rows.into+` VALUES `, rows.columns, rows.args, ""); err != nil {
			return err
		}
	}
	return nil
}
