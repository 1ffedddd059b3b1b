package live

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
)

// Renderer gives the data of events, as JSON objects, in their order: for
// operators, and for the contact concerned (nil: not for the contact). Of what is
// gone it gives the ids alone. The two may be the same slice. It is called without
// an actor's permissions, for many readers at once: what it gives is for anybody
// who holds the type's [Permission].
type Renderer func(ctx context.Context, events []Event) (operator, contact [][]byte, err error)

// Register has a renderer called for the event types that begin with a prefix such
// as "message.". Call it before the hub is in use.
func (h *Hub) Register(prefix string, r Renderer) {
	h.renderers = append(h.renderers, registered{prefix, r})
}

type registered struct {
	prefix string
	render Renderer
}

// rendered are the frames of one event; contact is nil if it is not for them.
type rendered struct{ operator, contact []byte }

const renderTries = 3

// render gives the frames of events, in their order. It fails only when ctx ends:
// what cannot be rendered is told by its ids, and to the contact by a reset.
func (h *Hub) render(ctx context.Context, events []Event) ([]rendered, error) {
	out := make([]rendered, len(events))
	some := make([]Event, 0, len(events))
	at := make([]int, 0, len(events))
	done := make([]bool, len(events))
	for _, reg := range h.renderers {
		some, at = some[:0], at[:0]
		for i := range events {
			if !done[i] && strings.HasPrefix(events[i].Type, reg.prefix) {
				some, at, done[i] = append(some, events[i]), append(at, i), true
			}
		}
		if len(some) == 0 {
			continue
		}
		frames, err := h.renderSome(ctx, reg, some)
		if err != nil {
			return nil, err
		}
		for j, i := range at {
			out[i] = frames[j]
		}
	}
	for i := range events {
		if !done[i] {
			out[i].operator = events[i].bareFrame()
		}
	}
	return out, nil
}

// renderSome calls one renderer: a few times if it fails, then for each event
// alone, so that one bad event does not hold up the others.
func (h *Hub) renderSome(ctx context.Context, reg registered, events []Event) ([]rendered, error) {
	var err error
	for try := range renderTries {
		if try > 0 {
			if err := pause(ctx, time.Duration(try*try)*50*time.Millisecond); err != nil {
				return nil, err
			}
		}
		var frames []rendered
		if frames, err = frame(ctx, reg.render, events); err == nil {
			return frames, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if len(events) == 1 {
		e := &events[0]
		h.log.ErrorContext(ctx, "live: an event cannot be rendered", "event", e.ID, "type", e.Type, "error", err)
		return []rendered{{operator: e.bareFrame(), contact: appendStart(nil, "reset", e.Sequence)}}, nil
	}
	out := make([]rendered, 0, len(events))
	for i := range events {
		one, err := h.renderSome(ctx, reg, events[i:i+1])
		if err != nil {
			return nil, err
		}
		out = append(out, one...)
	}
	return out, nil
}

// frame renders events and makes their frames.
func frame(ctx context.Context, render Renderer, events []Event) (out []rendered, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("live: a renderer panicked: %v\n%s", p, debug.Stack())
		}
	}()
	operator, contact, err := render(actor.With(ctx, actor.Actor{Type: actor.System, WorkspaceID: events[0].WorkspaceID}), events)
	if err != nil {
		return nil, err
	}
	if len(operator) != len(events) || len(contact) != len(events) {
		return nil, fmt.Errorf("live: a renderer gave %d and %d results for %d events", len(operator), len(contact), len(events))
	}
	out = make([]rendered, len(events))
	for i := range events {
		e := &events[i]
		if out[i].operator, err = e.frame(operator[i]); err != nil {
			return nil, err
		}
		switch {
		case contact[i] == nil || e.ContactID == "":
		case same(contact[i], operator[i]):
			out[i].contact = out[i].operator
		default:
			if out[i].contact, err = e.frame(contact[i]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// same tells whether two slices are the very same bytes.
func same(a, b []byte) bool {
	return len(a) > 0 && len(a) == len(b) && &a[0] == &b[0]
}

// pause waits, or gives the error of a context that ends first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
