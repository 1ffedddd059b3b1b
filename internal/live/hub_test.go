package live

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live/sse"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func TestAStreamTellsWhatHappensFromNowOn(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, nil)
		w.write(replyTo("con_a", 1), replyTo("con_a", 2))
		_, p := w.operator("")
		w.write(replyTo("con_a", 3))
		w.write(replyTo("con_b", 4), Event{Type: ContactCreated, ContactID: "con_b"})
		p.untilSequence(t, 5)
		frames := p.frames(t)
		if diff := cmp.Diff([]string{"hello 2", "message.created 3", "message.created 4", "contact.created 5"}, names(frames)); diff != "" {
			t.Errorf("frames (-want +got):\n%s", diff)
		}
		if got := string(frames[0].Data); got != `{"sequence":2}` {
			t.Errorf("hello has %s", got)
		}
		var got map[string]any
		if err := json.Unmarshal(frames[1].Data, &got); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(got["id"].(string), "evt_") {
			t.Errorf("id is %v", got["id"])
		}
		delete(got, "id")
		want := map[string]any{"type": "message.created", "workspace_id": ws, "sequence": 3.0, "occurred_at": "2026-11-24T12:00:00Z",
			"actor": map[string]any{"type": "contact", "id": "con_a"},
			"data":  map[string]any{"object": "msg_3", "for": "operator", "secret": "of con_a"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("envelope (-want +got):\n%s", diff)
		}
	})
}

func TestAContactIsToldOnlyWhatIsForThem(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	_, p := w.contact("con_a", "")
	w.write(replyTo("con_a", 1), replyTo("con_b", 2), noteOn("con_a", 3),
		Event{Type: ContactUpdated, ContactID: "con_a"}, Event{Type: SecurityAlert}, Event{Type: "unheard.of", ContactID: "con_a"},
		replyTo("con_a", 7))
	check := func(t *testing.T, p *tape) {
		t.Helper()
		if diff := cmp.Diff([]int64{1, 7}, p.untilSequence(t, 7)); diff != "" {
			t.Errorf("the contact was told (-want +got):\n%s", diff)
		}
		for _, f := range p.frames(t) {
			if strings.Contains(string(f.Data), "secret") {
				t.Errorf("the contact was told what is for operators: %s", f.Data)
			}
		}
	}
	check(t, p)
	_, resumed := w.contact("con_a", "0")
	check(t, resumed)
	if len(w.accessed) != 0 {
		t.Errorf("a contact's look at themselves was logged: %v", w.accessed)
	}
}

func TestAContactCannotAskForAnothersStream(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	_, p := w.subscribe(Subscription{Actor: actor.Actor{Type: actor.Contact, ID: "con_a", WorkspaceID: ws}, ContactID: "con_b"})
	_, mine := w.contact("con_a", "")
	w.write(replyTo("con_b", 1), replyTo("con_a", 2))
	mine.untilSequence(t, 2)
	if diff := cmp.Diff([]int64{2}, p.untilSequence(t, 2)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestPermissionsDecideWhatAnOperatorIsTold(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	types := []string{MessageCreated, ConversationUpdated, ContactUpdated, ConsentGranted, PrivacyRequestDue, BreachOpened, PostCreated, VoteAdded,
		CommentCreated, SecurityAlert, "unheard.of"}
	subscribe := func(permissions []string, lastID string) *tape {
		a := everything
		a.Permissions = permissions
		_, p := w.subscribe(Subscription{Actor: a, LastEventID: lastID})
		return p
	}
	tests := []struct {
		permissions []string
		want        []int64
	}{
		{[]string{"inbox:read"}, []int64{1, 2}},
		{[]string{"contacts:read"}, []int64{3}},
		{[]string{"privacy:read"}, []int64{4, 5, 6}},
		{[]string{"boards:read"}, []int64{7, 8, 9}},
		{[]string{"workspace:read"}, []int64{10}},
		{[]string{"inbox:write", "privacy:*"}, []int64{4, 5, 6}},
		{[]string{"*"}, count(1, 10)},
	}
	tapes := make([]*tape, len(tests))
	for i, tt := range tests {
		tapes[i] = subscribe(tt.permissions, "")
	}
	for _, eventType := range types {
		w.write(Event{Type: eventType, ContactID: "con_a"})
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(tt.permissions), func(t *testing.T) {
			last := tt.want[len(tt.want)-1]
			if diff := cmp.Diff(tt.want, tapes[i].untilSequence(t, last)); diff != "" {
				t.Errorf("live (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, subscribe(tt.permissions, "0").untilSequence(t, last)); diff != "" {
				t.Errorf("resumed (-want +got):\n%s", diff)
			}
		})
	}
	nobody := everything
	nobody.Permissions = actor.Permissions{"inbox:write"}
	if _, err := w.hub.Subscribe(t.Context(), Subscription{Actor: nobody}, newTape()); !fault.Is(err, fault.KindForbidden) {
		t.Errorf("a stream that may tell nothing gave %v, want forbidden", err)
	}
}

func TestEveryEventTypeHasAPermission(t *testing.T) {
	if len(areas) > 31 {
		t.Fatal("a stream has a bit for each area: there are too many")
	}
	for _, eventType := range []string{ContactCreated, ContactUpdated, ContactMerged, ContactErased, ConsentGranted, ConsentWithdrawn, ConversationCreated,
		ConversationUpdated, ConversationAssigned, ConversationResolved, ConversationReopened, MessageCreated, MessageRedacted, PostCreated, PostUpdated,
		PostMerged, VoteAdded, VoteRemoved, CommentCreated, PrivacyRequestCreated, PrivacyRequestDue, PrivacyRequestExtended, PrivacyRequestCompleted, PrivacyRequestRefused,
		BreachOpened, BreachUpdated, SecurityAlert} {
		if Permission(eventType) == "" || bitOf(eventType) == 0 {
			t.Errorf("nobody may be told of %s", eventType)
		}
	}
}

func TestWorkspacesDoNotHearOfEachOther(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	_, p := w.operator("")
	foreign := replyTo("con_a", 1)
	foreign.WorkspaceID = "wsp_two"
	w.write(foreign, replyTo("con_a", 2))
	w.write(replyTo("con_a", 3))
	p.untilSequence(t, 2)
	if got := w.accessed["opr_anna"]; len(p.sequences(t)) != 2 || len(got) == 0 {
		t.Errorf("told %v, accessed %v", p.sequences(t), got)
	}
	for _, f := range p.frames(t) {
		if strings.Contains(string(f.Data), "wsp_two") {
			t.Errorf("told of another workspace: %s", f.Data)
		}
	}
}

func TestWhoWasShownIsReported(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	few := everything
	few.ID, few.Permissions = "opr_bob", actor.Permissions{"contacts:read"}
	_, all := w.operator("")
	_, some := w.subscribe(Subscription{Actor: few})
	w.write(replyTo("con_a", 1), noteOn("con_a", 2), replyTo("con_b", 3), Event{Type: ContactUpdated, ContactID: "con_c"})
	all.untilSequence(t, 4)
	some.untilSequence(t, 4)
	w.mu.Lock()
	defer w.mu.Unlock()
	want := map[string][]string{"opr_anna": {"con_a", "con_b", "con_c"}, "opr_bob": {"con_c"}}
	if diff := cmp.Diff(want, w.accessed); diff != "" {
		t.Errorf("accessed (-want +got):\n%s", diff)
	}
}

func TestWhatCannotBeRenderedIsToldByItsIDs(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	_, operator := w.operator("")
	_, contact := w.contact("con_a", "")
	w.setBroken(func(e Event) bool {
		if e.ObjectID == "msg_3" {
			panic("a defect")
		}
		return e.ObjectID == "msg_2"
	})
	w.write(replyTo("con_a", 1), replyTo("con_a", 2), replyTo("con_a", 3), replyTo("con_a", 4))
	if diff := cmp.Diff(count(1, 4), operator.untilSequence(t, 4)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	var e envelope
	frames := operator.frames(t)
	bad := slices.IndexFunc(frames, func(f sse.Frame) bool { return f.HasID && f.ID == "2" })
	if err := json.Unmarshal(frames[bad].Data, &e); err != nil {
		t.Fatal(err)
	}
	if want := `{"contact_id":"con_a","conversation_id":"cnv_con_a","object_id":"msg_2"}`; string(e.Data) != want {
		t.Errorf("data is %s, want %s", e.Data, want)
	}
	contact.untilSequence(t, 4)
	if diff := cmp.Diff([]string{"hello 0", "message.created 1", "reset 2", "reset 3", "message.created 4"}, names(contact.frames(t))); diff != "" {
		t.Errorf("the contact was told (-want +got):\n%s", diff)
	}
}

func TestKick(t *testing.T) {
	a := everything
	key := actor.Actor{Type: actor.APIKey, ID: "key_a", WorkspaceID: ws, Permissions: actor.Permissions{"*"}}
	visitor := actor.Actor{Type: actor.Contact, ID: "con_a", WorkspaceID: ws}
	tests := map[string]struct {
		whose Whose
		want  []actor.Actor
	}{
		"a session":            {Whose{SessionID: "ses_anna"}, []actor.Actor{a}},
		"another session":      {Whose{SessionID: "ses_other"}, nil},
		"a key":                {Whose{WorkspaceID: ws, ActorID: "key_a"}, []actor.Actor{key}},
		"elsewhere":            {Whose{WorkspaceID: "wsp_two", ActorID: "key_a"}, nil},
		"a contact":            {Whose{WorkspaceID: ws, ContactID: "con_a"}, []actor.Actor{visitor}},
		"a workspace":          {Whose{WorkspaceID: ws}, []actor.Actor{a, key, visitor}},
		"nobody in particular": {Whose{}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, storagetest.SQLite(t), nil)
			streams := map[string]*Stream{}
			for _, who := range []actor.Actor{a, key, visitor} {
				streams[who.ID], _ = w.subscribe(Subscription{Actor: who})
			}
			w.hub.Kick(tt.whose)
			for _, who := range tt.want {
				ended(t, streams[who.ID])
			}
			if got := w.hub.Streams(); got != 3-len(tt.want) {
				t.Errorf("%d streams are left, want %d", got, 3-len(tt.want))
			}
		})
	}
}

func TestAnErasedPersonIsTakenOutOfWhatWaits(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	s, _ := w.contact("con_a", "")
	_, slow := w.operator("")
	_, control := w.operator("")
	w.write(replyTo("con_b", 1))
	slow.untilSequence(t, 1)
	release := slow.stall()
	w.write(replyTo("con_b", 2)) // this one is on its way and holds the stream up
	control.untilSequence(t, 2)
	w.write(replyTo("con_a", 3), replyTo("con_b", 4))
	control.untilSequence(t, 4)
	w.write(Event{Type: ContactErased, ContactID: "con_a"})
	ended(t, s)
	w.hub.Erased(ws, "con_a")
	release()
	if diff := cmp.Diff(count(1, 5), slow.untilSequence(t, 5)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	for _, f := range slow.frames(t)[1:] {
		personal := strings.Contains(string(f.Data), "secret")
		if f.ID == "3" && personal || f.ID == "4" && !personal {
			t.Errorf("frame %s: %s", f.ID, f.Data)
		}
	}
	if !slices.Contains(w.erased, "con_a") {
		t.Error("caches were not told to forget")
	}
}

func TestAHubThatHasClosedTakesNobody(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	s, _ := w.operator("")
	for range 2 {
		if err := w.hub.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ended(t, s)
	p := newTape()
	if _, err := w.hub.Subscribe(context.Background(), Subscription{Actor: everything}, p); !fault.Is(err, fault.KindUnavailable) {
		t.Errorf("Subscribe gave %v, want unavailable", err)
	}
	if !p.closed {
		t.Error("the sink was left open")
	}
	w.write(replyTo("con_a", 1))
}

func TestRoomsCloseWhenNobodyIsThere(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	s, _ := w.operator("")
	c, _ := w.contact("con_a", "")
	tidy := func() {
		for range 5 * keepTicks {
			w.hub.tick()
		}
	}
	tidy()
	if len(w.hub.allRooms()) != 1 {
		t.Fatal("the room closed over its streams")
	}
	s.Close()
	c.Close()
	tidy()
	if n := len(w.hub.allRooms()); n != 0 {
		t.Errorf("%d rooms are left", n)
	}
	_, p := w.operator("")
	w.write(replyTo("con_a", 1))
	p.untilSequence(t, 1)
}
