package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// thread is a conversation that the bench has made.
type thread struct {
	path  string // of its messages
	count atomic.Int64
}

// seedClients is how many clients make what a scenario needs.
const seedClients = 64

// grow makes contacts, each with a conversation, until there are n.
func (b *bench) grow(ctx context.Context, n int) error {
	have := len(b.threads)
	if have >= n {
		return nil
	}
	began := time.Now()
	made := make([]*thread, n-have)
	err := b.each(ctx, seedClients, len(made), func(c *conn, _, i int) error {
		_, conversation, err := b.newConversation(c, have+i)
		made[i] = &thread{path: "/api/v1/conversations/" + conversation + "/messages"}
		made[i].count.Store(1)
		return err
	})
	b.threads = append(b.threads, made...)
	b.say("made %d contacts with a conversation each in %.1f s", len(made), time.Since(began).Seconds())
	return err
}

// newConversation makes a contact and begins a conversation with them.
func (b *bench) newConversation(c *conn, number int) (contactID, conversationID string, err error) {
	rng := source(1000 + number)
	body := fmt.Appendf(nil, `{"name":"%s %s","email":"%s.%d@example.com","basis":{"purpose":"support","lawful_basis":"legitimate_interests","evidence":"made up by the bench"}}`,
		b.vocabulary.word(rng), b.vocabulary.word(rng), b.vocabulary.word(rng), number)
	answer, err := c.do("POST", "/api/v1/contacts", body, 201)
	if err != nil {
		return "", "", err
	}
	contactID = firstID(answer)
	message := b.vocabulary.message(nil, rng)
	body = fmt.Appendf(nil, `{"contact_id":"%s",%s`, contactID, message[1:])
	answer, err = c.do("POST", "/api/v1/conversations", body, 201)
	if err != nil {
		return "", "", err
	}
	b.messages.Add(1)
	return contactID, firstID(answer), nil
}

// posting gives the work of writing messages into the first so many
// conversations.
func (b *bench) posting(conversations int) work {
	return func(worker int) func(*conn) error { return b.poster(worker, conversations) }
}

// poster gives a function that writes one message, for one worker.
func (b *bench) poster(worker, conversations int) func(c *conn) error {
	rng := source(worker)
	var body []byte
	return func(c *conn) error {
		t := b.threads[rng.IntN(conversations)]
		body = b.vocabulary.message(body[:0], rng)
		if _, err := c.do("POST", t.path, body, 201); err != nil {
			return err
		}
		t.count.Add(1)
		b.messages.Add(1)
		return nil
	}
}

// fill writes messages until there are n in all, spread over so many
// conversations that each has more than a page.
func (b *bench) fill(ctx context.Context, n int) error {
	missing := n - int(b.messages.Load())
	if missing <= 0 {
		return nil
	}
	conversations := min(len(b.threads), max(1, missing/(pageSize+10)))
	posters := make([]func(*conn) error, seedClients)
	for w := range posters {
		posters[w] = b.poster(2000+w, conversations)
	}
	r := &result{}
	began, client, server := time.Now(), selfCPU(), b.server.cpu()
	var last atomic.Int64
	last.Store(began.UnixNano())
	report := max(1, missing/10)
	err := b.each(ctx, seedClients, missing, func(c *conn, worker, i int) error {
		if i > 0 && i%report == 0 {
			b.say("  %s messages, %.0f/s", thousands(b.messages.Load()), float64(report)/time.Since(time.Unix(0, last.Swap(time.Now().UnixNano()))).Seconds())
		}
		return posters[worker](c)
	})
	if err != nil {
		return err
	}
	r.took, r.client, r.server = time.Since(began), selfCPU()-client, b.server.cpu()-server
	b.table.add(row{What: "filling up to " + thousands(int64(n)) + " messages", Figure: float64(missing) / r.took.Seconds(), Unit: "messages/s",
		Note: fmt.Sprintf("%s clients, %s conversations; server %.2f cores, generator %.2f, server %.0f µs each", thousands(seedClients),
			thousands(int64(conversations)), r.server.Seconds()/r.took.Seconds(), r.client.Seconds()/r.took.Seconds(), float64(r.server.Microseconds())/float64(missing))})
	return nil
}
