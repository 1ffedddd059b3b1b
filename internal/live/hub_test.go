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
		PostMerged, VoteAdded, VoteRemoved, CommentCreated, PrivacyRequestCreated, PrivacyRequestDue, PrivacyRequestCompleted, PrivacyRequestRefused,
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

func TestResuming(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, nil)
		const stored = 2*pageSize + 40
		var all []Event
		for n := range stored {
			all = append(all, replyTo([]string{"con_a", "con_b"}[n%2], n+1))
		}
		w.write(all...)
		for _, last := range []int64{0, 1, pageSize, 2 * pageSize, stored - 1} {
			_, p := w.operator(fmt.Sprint(last))
			if diff := cmp.Diff(count(last+1, stored), p.untilSequence(t, stored)); diff != "" {
				t.Errorf("after %d (-want +got):\n%s", last, diff)
			}
			if got := names(p.frames(t))[0]; got != fmt.Sprintf("hello %d", last) {
				t.Errorf("after %d it began with %s", last, got)
			}
		}
		_, p := w.operator(fmt.Sprint(stored))
		w.write(replyTo("con_a", 1))
		if diff := cmp.Diff([]int64{stored + 1}, p.untilSequence(t, stored+1)); diff != "" {
			t.Errorf("after the last (-want +got):\n%s", diff)
		}
	})
}

func TestWhatCannotBeResumedIsReset(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	for n := range 6 {
		w.write(replyTo("con_a", n+1))
	}
	err := w.db.Write(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec("DELETE FROM events WHERE workspace_id = $1 AND sequence < $2", ws, 4)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		lastID string
		want   []string
	}{
		"from the future": {"7", []string{"reset 6", "hello 6", "message.created 7"}},
		"foreign":         {"evt_01jd", []string{"reset 6", "hello 6", "message.created 7"}},
		"negative":        {"-1", []string{"reset 6", "hello 6", "message.created 7"}},
		"pruned":          {"2", []string{"reset 6", "hello 6", "message.created 7"}},
		"just kept":       {"3", []string{"hello 3", "message.created 4", "message.created 5", "message.created 6", "message.created 7"}},
	}
	tapes := map[string]*tape{}
	for name, tt := range tests {
		_, tapes[name] = w.operator(tt.lastID)
	}
	w.write(replyTo("con_a", 7))
	for name, tt := range tests {
		tapes[name].untilSequence(t, 7)
		if diff := cmp.Diff(tt.want, names(tapes[name].frames(t))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSomebodyWhoComesDuringRenderingMissesNothing(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	_, first := w.contact("con_a", "")
	w.gate = make(chan struct{})
	w.write(replyTo("con_a", 1), replyTo("con_b", 2)) // being rendered for con_a alone
	_, operator := w.operator("")
	_, second := w.contact("con_b", "")
	w.write(replyTo("con_b", 3))
	close(w.gate)
	first.untilSequence(t, 1)
	if diff := cmp.Diff([]int64{1, 2, 3}, operator.untilSequence(t, 3)); diff != "" {
		t.Errorf("the operator was told (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{2, 3}, second.untilSequence(t, 3)); diff != "" {
		t.Errorf("the contact was told (-want +got):\n%s", diff)
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

func TestAStreamThatDoesNotKeepUpIsCutAndResumes(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	s, slow := w.operator("")
	_, quick := w.operator("")
	w.write(replyTo("con_a", 1))
	slow.untilSequence(t, 1)
	defer slow.stall()()
	const kept, more = 100, 300
	r := w.hub.roomOf(ws)
	r.mu.Lock()
	r.operators.maxEntries = kept
	r.mu.Unlock()
	for n := int64(2); n <= more; {
		var some []Event
		for ; n <= more && len(some) < kept/2; n++ {
			some = append(some, replyTo("con_a", int(n)))
		}
		w.write(some...)
		quick.untilSequence(t, n-1)
	}
	if diff := cmp.Diff(count(1, more), quick.untilSequence(t, more)); diff != "" {
		t.Errorf("the quick one was told (-want +got):\n%s", diff)
	}
	ended(t, s)
	told := slow.sequences(t)
	_, again := w.operator(fmt.Sprint(told[len(told)-1]))
	if diff := cmp.Diff(count(1, more), append(told, again.untilSequence(t, more)...)); diff != "" {
		t.Errorf("the slow one was told (-want +got):\n%s", diff)
	}
}

func TestAStreamWhoseClientIsGoneEnds(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	s, p := w.operator("")
	p.mu.Lock()
	p.fail = true
	p.mu.Unlock()
	w.write(replyTo("con_a", 1))
	ended(t, s)
	if n := w.hub.Streams(); n != 0 {
		t.Errorf("%d streams are left", n)
	}
}

func TestWaitingFramesAreWrittenInOnePiece(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	_, p := w.operator("")
	_, control := w.operator("")
	w.write(replyTo("con_a", 1))
	p.untilSequence(t, 1)
	release := p.stall()
	w.write(replyTo("con_a", 2))
	for n := 3; n <= 40; n++ {
		w.write(replyTo("con_a", n))
	}
	control.untilSequence(t, 40)
	before := p.writes
	release()
	p.untilSequence(t, 40)
	if got := p.writes - before; got > 2 {
		t.Errorf("39 frames took %d writes, want at most 2", got)
	}
}

func TestHeartbeats(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	_, operator := w.operator("")
	_, contact := w.contact("con_a", "")
	w.write(replyTo("con_b", 1))
	operator.untilSequence(t, 1)
	comments := func(frames []sse.Frame) (ids []string) {
		for _, f := range frames {
			if f.Comment {
				ids = append(ids, f.ID)
			}
		}
		return ids
	}
	// The hub's own ticker may add to these, but never takes one away.
	for range heartbeatTicks {
		w.hub.tick()
	}
	for _, p := range []*tape{operator, contact} {
		frames := p.until(t, "a heartbeat", func(f []sse.Frame) bool { return len(comments(f)) > 0 })
		if got := comments(frames); !slices.Contains(got, "1") || len(got) > 2 {
			t.Errorf("heartbeats have ids %v, want one at 1", got)
		}
		if !strings.Contains(p.bytes.String(), ": hb\n") {
			t.Error("the heartbeat is no comment")
		}
	}
	// What the heartbeat's id promises holds: nothing is told again.
	_, resumed := w.contact("con_a", "1")
	w.write(replyTo("con_a", 2))
	if diff := cmp.Diff([]int64{2}, resumed.untilSequence(t, 2)); diff != "" {
		t.Errorf("resumed (-want +got):\n%s", diff)
	}
}

func TestOldStreamsEnd(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	s, _ := w.operator("")
	w.hub.ticks.Add(maxAgeTicks + 20*heartbeatTicks)
	for range heartbeatTicks {
		w.hub.tick()
	}
	ended(t, s)
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
