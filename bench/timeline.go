package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	timelineRounds = 300
	timelinePage   = 25
	// A conversation of a history has so many messages, and events beside it.
	messagesEach, eventsEach = 20, 10
	shortHistory             = 5 // conversations
	// deepAfter is how many pages are turned before the deep one.
	deepAfter = 200
	// timelineBound is how much dearer a page of a long history may be.
	timelineBound = 1.5
)

// timeline measures a page of the timeline of somebody with a long history against
// one of somebody with a short one: the first page, and one far down.
func (b *bench) timeline(ctx context.Context) error {
	c, err := dial(b.host, b.apiKey)
	if err != nil {
		return err
	}
	defer c.close()
	began := time.Now()
	conversations := b.opts.erased / messagesEach
	long, err := b.lived(ctx, c, conversations, messagesEach)
	if err != nil {
		return err
	}
	short, err := b.lived(ctx, c, shortHistory, 1)
	if err != nil {
		return err
	}
	b.say("made two histories in %.1f s", time.Since(began).Seconds())
	pages := []string{timelineOf(short, ""), timelineOf(long, ""), ""}
	cursor, turned := "", 0
	for ; turned < deepAfter && ctx.Err() == nil; turned++ {
		next, err := nextOf(c, timelineOf(long, cursor))
		if err != nil {
			return err
		}
		if next == "" {
			break
		}
		cursor = next
	}
	pages[2] = timelineOf(long, cursor)
	took := make([][]time.Duration, len(pages))
	for range timelineRounds {
		for i, path := range pages { // in turn, so that whatever else the machine does hits all alike
			at := time.Now()
			if _, err := c.do("GET", path, nil, 200); err != nil {
				return err
			}
			took[i] = append(took[i], time.Since(at))
		}
	}
	median := func(i int) float64 { slices.Sort(took[i]); return milliseconds(took[i][len(took[i])/2]) }
	base := median(0)
	for i, what := range []string{"the first page", fmt.Sprintf("page %d", turned+1)} {
		b.table.add(row{What: "timeline: " + what + " of a long history", Figure: median(i+1) / base, Unit: "×", Target: timelineBound, Bound: atMost,
			Note: fmt.Sprintf("%.2f ms, %.2f ms of somebody with %d entries; %s messages, %s events", median(i+1), base, shortHistory*(1+eventsEach), thousands(int64(b.opts.erased)), thousands(int64(conversations*eventsEach)))})
	}
	return nil
}

func timelineOf(contactID, cursor string) string {
	path := fmt.Sprintf("/api/v1/contacts/%s/timeline?limit=%d", contactID, timelinePage)
	if cursor != "" {
		path += "&cursor=" + cursor
	}
	return path
}

func nextOf(c *conn, path string) (string, error) {
	answer, err := c.do("GET", path, nil, 200)
	if err != nil {
		return "", err
	}
	var page struct {
		NextCursor string `json:"next_cursor"`
	}
	err = json.Unmarshal(answer, &page)
	return page.NextCursor, err
}

// lived makes a person with conversations of so many messages, each of them followed by
// ten events, so that a page is the same mix wherever it stands.
func (b *bench) lived(ctx context.Context, c *conn, conversations, each int) (contactID string, err error) {
	const basis = `"basis":{"purpose":"support","lawful_basis":"contract"}`
	answer, err := c.do("POST", "/api/v1/contacts", []byte(`{"name":"Ada",`+basis+`}`), 201)
	if err != nil {
		return "", err
	}
	contactID = firstID(answer)
	one := fmt.Sprintf(`{"contact_id":%q,"name":"order placed","properties":{"sum":12.5,"items":["tea","cups"]},%s}`, contactID, basis)
	events := []byte(`{"events":[` + strings.Join(slices.Repeat([]string{one}, eventsEach), ",") + `]}`)
	for range conversations {
		answer, err := c.do("POST", "/api/v1/conversations", fmt.Appendf(nil, `{"contact_id":%q,"body":"hello there"}`, contactID), 201)
		if err != nil {
			return "", err
		}
		path := "/api/v1/conversations/" + firstID(answer) + "/messages"
		for range each - 1 {
			if _, err := c.do("POST", path, []byte(`{"body":"one more line of it"}`), 201); err != nil {
				return "", err
			}
		}
		if _, err := c.do("POST", "/api/v1/events", events, 201); err != nil {
			return "", err
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
	}
	return contactID, nil
}
