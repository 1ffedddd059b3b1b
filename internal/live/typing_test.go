package live

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/live/sse"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// only gives the data of frames of one event type.
func only(frames []sse.Frame, event string) []string {
	var all []string
	for _, f := range frames {
		if f.Event == event && !f.Comment {
			all = append(all, string(f.Data))
		}
	}
	return all
}

func TestTyping(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	_, operator := w.operator("")
	few := everything
	few.Permissions = actor.Permissions{"contacts:read"}
	_, other := w.subscribe(Subscription{Actor: few})
	_, a := w.contact("con_a", "")
	_, b := w.contact("con_b", "")
	anna := actor.Ref{Type: actor.Operator, ID: "opr_anna", Name: "Anna"}
	w.hub.Typing(ws, "cnv_a", "con_a", anna)
	w.hub.Typing(ws, "cnv_a", "con_a", anna) // too soon
	w.hub.Typing(ws, "cnv_a", "con_a", actor.Ref{Type: actor.Contact, ID: "con_a", Name: "Eve Canary"})
	w.clock.Advance(typingEvery)
	w.hub.Typing(ws, "cnv_a", "con_a", anna)
	w.hub.Typing("wsp_two", "cnv_a", "con_a", anna) // nobody is there
	w.write(replyTo("con_a", 1), replyTo("con_b", 2), Event{Type: ContactCreated})
	byAnna := `{"conversation_id":"cnv_a","author":{"type":"operator","id":"opr_anna","name":"Anna"}}`
	byContact := `{"conversation_id":"cnv_a","author":{"type":"contact","id":"con_a"}}`
	for _, tt := range []struct {
		who  string
		tape *tape
		last int64
		want []string
	}{
		{"an operator", operator, 3, []string{byAnna, byContact, byAnna}},
		{"one who may not read the inbox", other, 3, nil},
		{"the contact", a, 1, []string{byAnna, byAnna}},
		{"another contact", b, 2, nil},
	} {
		tt.tape.untilSequence(t, tt.last)
		if diff := cmp.Diff(tt.want, only(tt.tape.frames(t), "typing")); diff != "" {
			t.Errorf("%s was told (-want +got):\n%s", tt.who, diff)
		}
	}
	for _, f := range a.frames(t) {
		if f.Event == "typing" && f.HasID {
			t.Error("a typing frame has an id: a client would resume from it")
		}
	}
}

func TestTypingIsForgotten(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	w.operator("")
	w.hub.Typing(ws, "cnv_a", "con_a", actor.Ref{Type: actor.Operator, ID: "opr_anna"})
	w.clock.Advance(time.Minute)
	for range 5 {
		w.hub.tick()
	}
	if r := w.hub.roomOf(ws); len(r.typing) != 0 {
		t.Errorf("%d are remembered", len(r.typing))
	}
}

func TestPresence(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	first, _ := w.contact("con_a", "")
	_, operator := w.operator("")
	presence := func(frames []sse.Frame) string { return strings.Join(only(frames, "presence"), " ") }
	const online, offline = `{"contact_id":"con_a","online":true}`, `{"contact_id":"con_a","online":false}`
	until := func(want string) {
		t.Helper()
		frames := operator.until(t, want, func(f []sse.Frame) bool { return len(presence(f)) >= len(want) })
		if got := presence(frames); got != want {
			t.Fatalf("told %s, want %s", got, want)
		}
	}
	until(online) // who is there already

	second, _ := w.contact("con_a", "")
	first.Close()
	for range 2 * graceTicks {
		w.hub.tick()
	}
	second.Close()
	third, contact := w.contact("con_a", "") // a reload
	for range 2 * graceTicks {
		w.hub.tick()
	}
	if !w.hub.Online(ws, "con_a") {
		t.Error("a contact with a stream is not online")
	}
	third.Close()
	for range 2 * graceTicks {
		w.hub.tick()
	}
	until(online + " " + offline)
	if w.hub.Online(ws, "con_a") {
		t.Error("a contact who left is online")
	}
	if len(w.hub.presence.here) != 0 || len(w.hub.presence.leaving) != 0 {
		t.Error("somebody who left is remembered")
	}
	if got := presence(contact.frames(t)); got != "" {
		t.Errorf("a contact was told who is looking: %s", got)
	}
}
