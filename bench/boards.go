package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

const (
	boardClients = 16
	boardBytes   = 30 << 10 // of a page with all that it loads, over the wire
	asContact    = `"basis":{"purpose":"support","lawful_basis":"legitimate_interests","evidence":"made up by the bench"}`
)

// board is a public one with what is on it.
type board struct {
	id, page        string // the path of its pages
	contacts, posts []string
	paths           []string // of the posts' pages
}

// boards measures a feedback board: its list by API, its pages for people who did not
// sign in, and votes, each with 16 clients.
func (b *bench) boards(ctx context.Context) error {
	bd, err := b.makeBoard(ctx)
	if err != nil {
		return err
	}
	b.server.settle(ctx)
	if err := b.boardReads(ctx, bd); err != nil {
		return err
	}
	if err := b.boardSearch(ctx, bd); err != nil {
		return err
	}
	if err := b.boardVotes(ctx, bd); err != nil {
		return err
	}
	return b.boardSize(bd)
}

// boardReads measures the list by API and the pages, the pages at rest and while
// somebody votes ten times a second.
func (b *bench) boardReads(ctx context.Context, bd *board) error {
	lists := make([]string, 0, 3)
	pages := make([]string, 0, 3)
	for _, sort := range []string{"trending", "top", "new"} {
		lists = append(lists, "/api/v1/boards/"+bd.id+"/posts?limit=25&state=published&sort="+sort)
		pages = append(pages, bd.page+"?sort="+sort)
	}
	for _, one := range []struct {
		what   string
		paths  []string
		target float64
		note   string
		voting bool
	}{
		{"board: list by API", lists, 4000, "the first 25 in three orders by turns", false},
		{"board: page of the list", pages, 1500, "20 posts in three orders by turns", false},
		{"board: page of the list while people vote", pages, 1500, "the same; ten votes a second", true},
		{"board: page of a post", bd.paths, 1500, "of all posts by turns", false},
	} {
		r, err := b.boardLoad(ctx, bd, one.paths, one.voting)
		if err != nil {
			return err
		}
		b.boardRow(one.what, one.target, r, one.note)
	}
	return nil
}

func (b *bench) boardRow(what string, target float64, r *result, note string) {
	b.table.add(row{What: what, Figure: r.perSecond(), Unit: "/s", Target: target, Bound: atLeast,
		Note: fmt.Sprintf("%s; %d clients; %s; %s", note, boardClients, percentiles(&r.latency), r.cpu())})
}

// boardLoad has clients ask for some pages by turns, while somebody votes or not.
func (b *bench) boardLoad(ctx context.Context, bd *board, paths []string, voting bool) (*result, error) {
	ended := make(chan error, 1)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		if !voting {
			ended <- nil
			return
		}
		ended <- b.voteSlowly(ctx, bd)
	}()
	r, err := b.load(ctx, boardClients, b.opts.warm, b.opts.measured, func(worker int) func(*conn) error {
		rng := source(7000 + worker)
		return func(c *conn) error {
			_, err := c.do("GET", paths[rng.IntN(len(paths))], nil, 200)
			return err
		}
	})
	stop()
	if failed := <-ended; err == nil {
		err = failed
	}
	return r, err
}

// voteSlowly votes for the first posts until the context ends.
func (b *bench) voteSlowly(ctx context.Context, bd *board) error {
	c, err := dial(b.host, b.apiKey)
	if err != nil {
		return err
	}
	defer c.close()
	rng := source(7100)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if _, err := c.do("PUT", bd.vote(rng.IntN(len(bd.posts)), rng.IntN(len(bd.contacts))), nil, 200); err != nil {
			return err
		}
	}
}

func (bd *board) vote(post, contact int) string {
	return "/api/v1/posts/" + bd.posts[post] + "/votes/" + bd.contacts[contact]
}

// boardVotes measures votes of people for posts, all of them new ones but for chance.
func (b *bench) boardVotes(ctx context.Context, bd *board) error {
	r, err := b.load(ctx, boardClients, b.opts.warm, b.opts.measured, func(worker int) func(*conn) error {
		rng := source(7200 + worker)
		return func(c *conn) error {
			_, err := c.do("PUT", bd.vote(rng.IntN(len(bd.posts)), rng.IntN(len(bd.contacts))), nil, 200)
			return err
		}
	})
	if err == nil {
		b.boardRow("board: vote", 2000, r, "each by one durable commit, shared by those that wait; any post, any person")
	}
	return err
}

// boardSize adds up what a browser loads for the list's page the first time.
func (b *bench) boardSize(bd *board) error {
	c, err := dial(b.host, "")
	if err != nil {
		return err
	}
	defer c.close()
	page, err := c.do("GET", bd.page, nil, 200)
	if err != nil {
		return err
	}
	_, rest, _ := bytes.Cut(page, []byte(`<link rel="stylesheet" href="`))
	sheet, _, _ := bytes.Cut(rest, []byte{'"'})
	paths := []string{bd.page, string(sheet)}
	unpacked, err := bytesOf(c, paths)
	if err != nil {
		return err
	}
	c.more = "Accept-Encoding: gzip\r\n"
	wire, err := bytesOf(c, paths)
	if err != nil {
		return err
	}
	b.table.add(row{What: "board: bytes of the list's page", Figure: float64(wire) / 1024, Unit: "KiB", Target: boardBytes / 1024, Bound: atMost,
		Note: fmt.Sprintf("over the wire, the page with 20 posts and its stylesheet, which is all that there is; %.1f KiB unpacked", float64(unpacked)/1024)})
	return nil
}

// bytesOf adds up the lengths of some answers as they travel.
func bytesOf(c *conn, paths []string) (sum int, err error) {
	for _, path := range paths {
		answer, err := c.do("GET", path, nil, 200)
		if err != nil {
			return 0, err
		}
		sum += len(answer)
	}
	return sum, nil
}

// makeBoard makes a public board with posts of contacts and votes of contacts.
func (b *bench) makeBoard(ctx context.Context) (*board, error) {
	began := time.Now()
	c, err := dial(b.host, b.apiKey)
	if err != nil {
		return nil, err
	}
	answer, err := c.do("POST", "/api/v1/boards", []byte(`{"name":"Ideas","visibility":"public","color":"#7c3aed"}`), 201)
	if err != nil {
		return nil, err
	}
	c.close()
	var made struct{ ID, URL string }
	if err := json.Unmarshal(answer, &made); err != nil {
		return nil, err
	}
	address, err := url.Parse(made.URL)
	if err != nil {
		return nil, err
	}
	bd := &board{id: made.ID, page: address.Path, contacts: make([]string, b.opts.voters), posts: make([]string, b.opts.posts), paths: make([]string, b.opts.posts)}
	if err := b.fillBoard(ctx, bd); err != nil {
		return nil, err
	}
	b.say("made a board with %s posts, %s votes and %s contacts in %.1f s", thousands(int64(b.opts.posts)), thousands(int64(5*b.opts.posts)), thousands(int64(b.opts.voters)), time.Since(began).Seconds())
	return bd, nil
}

// fillBoard makes contacts, then posts of half of them, then five votes a post.
func (b *bench) fillBoard(ctx context.Context, bd *board) error {
	err := b.each(ctx, seedClients, len(bd.contacts), func(c *conn, _, i int) error {
		rng := source(100_000 + i)
		answer, err := c.do("POST", "/api/v1/contacts", fmt.Appendf(nil, `{"name":"%s %s","email":"%s.%d@example.com",%s}`,
			b.vocabulary.word(rng), b.vocabulary.word(rng), b.vocabulary.word(rng), i, asContact), 201)
		bd.contacts[i] = firstID(answer)
		return err
	})
	if err != nil {
		return err
	}
	err = b.each(ctx, seedClients, len(bd.posts), func(c *conn, _, i int) error {
		rng := source(200_000 + i)
		title := b.vocabulary.word(rng)
		for range 2 + rng.IntN(6) {
			title += " " + b.vocabulary.word(rng)
		}
		body := b.vocabulary.message(nil, rng)
		answer, err := c.do("POST", "/api/v1/boards/"+bd.id+"/posts", fmt.Appendf(nil, `{"title":%q,"contact_id":%q,"tags":["web","phone"],%s`,
			title, bd.contacts[2*i%len(bd.contacts)], body[1:]), 201)
		if err != nil {
			return err
		}
		var p struct {
			ID     string
			Number int64
			Slug   string
		}
		err = json.Unmarshal(answer, &p)
		bd.posts[i], bd.paths[i] = p.ID, fmt.Sprintf("%s/p/%d-%s", bd.page, p.Number, p.Slug)
		return err
	})
	if err != nil {
		return err
	}
	return b.each(ctx, boardClients, 5*len(bd.posts), func(c *conn, _, i int) error {
		rng := source(300_000 + i)
		post := min(rng.IntN(len(bd.posts)), rng.IntN(len(bd.posts))) // some are wanted more than others
		_, err := c.do("PUT", bd.vote(post, rng.IntN(len(bd.contacts))), nil, 200)
		return err
	})
}
