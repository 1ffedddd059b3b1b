package main

import (
	"context"
	"fmt"
	"time"
)

// boardSearch measures a search for a word with a typo, by API, and the posts that a
// title may mean. The first search, which reads all titles, is in the note.
func (b *bench) boardSearch(ctx context.Context, bd *board) error {
	c, err := dial(b.host, b.apiKey)
	if err != nil {
		return err
	}
	defer c.close()
	path := "/api/v1/boards/" + bd.id + "/posts?limit=25&q="
	began := time.Now()
	if _, err := c.do("GET", path+b.mistyped(7300), nil, 200); err != nil {
		return err
	}
	first := time.Since(began)
	for _, one := range []struct {
		what string
		ask  func(c *conn, seed int) error
	}{
		{"search with a typo", func(c *conn, seed int) error { _, err := c.do("GET", path+b.mistyped(seed), nil, 200); return err }},
		{"similar posts", func(c *conn, seed int) error {
			_, err := c.do("POST", "/api/v1/boards/"+bd.id+"/similar", fmt.Appendf(nil, `{"title":"%s %s %s"}`, b.mistyped(seed), b.mistyped(seed+1), b.mistyped(seed+2)), 200)
			return err
		}},
	} {
		r, err := b.load(ctx, boardClients, b.opts.warm, b.opts.measured, func(worker int) func(*conn) error {
			seed := 1_000_000 * worker
			return func(c *conn) error { seed += 3; return one.ask(c, seed) }
		})
		if err != nil {
			return err
		}
		b.table.add(row{What: "board: " + one.what, Figure: r.perSecond(), Unit: "/s",
			Note: fmt.Sprintf("%d clients; %s; %s; the first search took %.0f ms", boardClients, percentiles(&r.latency), r.cpu(), milliseconds(first))})
	}
	return nil
}

// mistyped gives a word as it comes up in texts, of at least four letters, with two of
// them swapped.
func (b *bench) mistyped(seed int) string {
	rng := source(seed)
	word := ""
	for len(word) < 4 {
		word = b.vocabulary.word(rng)
	}
	at := 1 + rng.IntN(len(word)-2)
	return word[:at] + word[at+1:at+2] + word[at:at+1] + word[at+2:]
}
