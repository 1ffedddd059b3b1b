package live

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/live/sse"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

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
	w.write(replyTo("con_a", 1), replyTo("con_b", 2))
	<-w.waiting // being rendered, for con_a alone
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

// What was heard while the table was being read is newer than what it said.
func TestANumberHeardDuringAReadIsKept(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), nil)
	r := &room{hub: w.hub, workspaceID: ws, open: true, head: 1, reached: 5}
	r.append(work{after: 1, through: 1, heard: 3}, nil, nil)
	if r.reached != 5 {
		t.Errorf("5 was heard and %d is remembered", r.reached)
	}
	r.append(work{after: 1, through: 1, heard: 5}, nil, nil)
	if r.reached != 1 {
		t.Errorf("the table ends at 1 and %d is believed", r.reached)
	}
}
