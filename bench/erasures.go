package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// erasures measures one bulk job that erases people, to its end: each with an address
// and a conversation, whom a mail is to tell of it. Meanwhile somebody writes messages,
// one after the other, and is measured too.
func (b *bench) erasures(ctx context.Context) error {
	ids, err := b.makeLeavers(ctx, b.opts.gone)
	if err != nil {
		return err
	}
	c, err := dial(b.server.host, b.apiKey) // the server closes one that says nothing for long
	if err != nil {
		return err
	}
	defer c.close()
	_, conversationID, err := b.newConversation(c, 2_000_000)
	if err != nil {
		return err
	}
	b.server.settle(ctx)
	body, err := json.Marshal(map[string]any{"action": "erase", "contact_ids": ids, "expect": len(ids)})
	if err != nil {
		return err
	}
	began, used := time.Now(), b.server.cpu()
	answer, err := c.do("POST", "/api/v1/contacts/bulk", body, 202)
	if err != nil {
		return err
	}
	var job struct {
		ID, State string
		Outcomes  map[string]int
	}
	if err := json.Unmarshal(answer, &job); err != nil {
		return err
	}
	var written histogram
	for told := time.Now(); job.State == "running" || job.State == ""; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		at := time.Now()
		if _, err := c.do("POST", "/api/v1/conversations/"+conversationID+"/messages", []byte(`{"body":"good morning"}`), 201); err != nil {
			return err
		}
		written.add(time.Since(at))
		if answer, err = c.do("GET", "/api/v1/bulk-jobs/"+job.ID, nil, 200); err != nil {
			return err
		}
		if err := json.Unmarshal(answer, &job); err != nil {
			return err
		}
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			b.say("  %s of %s after %.0f s", thousands(int64(job.Outcomes["done"])), thousands(int64(len(ids))), time.Since(began).Seconds())
		}
		time.Sleep(50 * time.Millisecond)
	}
	took, spent := time.Since(began), b.server.cpu()-used
	if job.State != "done" || job.Outcomes["done"] != len(ids) {
		return fmt.Errorf("the job ended as %s with %v", job.State, job.Outcomes)
	}
	if _, err := c.do("GET", "/api/v1/contacts/"+ids[0], nil, 404); err != nil {
		return errors.Join(errors.New("somebody is still there"), err)
	}
	b.table.add(row{What: "erasure of people in bulk", Figure: float64(len(ids)) / took.Seconds(), Unit: "people/s",
		Note: fmt.Sprintf("%s people to the end in %.1f s, server CPU %.1f ms each; a message meanwhile: %s", thousands(int64(len(ids))), took.Seconds(),
			milliseconds(spent)/float64(len(ids)), percentiles(&written))})
	return nil
}

// makeLeavers adds people with an address and a conversation each.
func (b *bench) makeLeavers(ctx context.Context, n int) ([]string, error) {
	ids := make([]string, n)
	err := b.each(ctx, seedClients, n, func(c *conn, _, i int) error {
		answer, err := c.do("POST", "/api/v1/contacts", fmt.Appendf(nil, `{"name":"Person %d","email":"person%d@example.org","basis":{"purpose":"support","lawful_basis":"contract"}}`, i, i), 201)
		if err != nil {
			return err
		}
		var made struct{ ID string }
		if err := json.Unmarshal(answer, &made); err != nil {
			return err
		}
		ids[i] = made.ID
		_, err = c.do("POST", "/api/v1/conversations", fmt.Appendf(nil, `{"contact_id":"%s","body":"hello"}`, made.ID), 201)
		return err
	})
	return ids, err
}
