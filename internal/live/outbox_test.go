package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

func TestEventsAreStoredAsAppended(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		now := clock.NewFake(time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC))
		o := NewOutbox(now, id.NewFake(now.Now()))
		full := Event{ID: "evt_1", Type: MessageCreated, WorkspaceID: ws, OccurredAt: now.Now().Add(-time.Hour), ActorType: actor.Operator, ActorID: "opr_a",
			ContactID: "con_a", ConversationID: "cnv_a", ObjectID: "msg_a", Details: map[string]string{"type": "reply"}}
		bare := Event{Type: SecurityAlert, WorkspaceID: ws, ActorType: actor.System}
		var told [][]Event
		o.OnCommit(func(events []Event) { told = append(told, events) })
		err := db.Write(t.Context(), func(tx *storage.Tx) error {
			o.Append(tx, full)
			o.Append(tx, bare)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		got, through, err := page(t.Context(), db, ws, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || through != 2 || !id.Valid(id.Event, got[1].ID) {
			t.Fatalf("page gave %+v through %d", got, through)
		}
		full.Sequence, bare.Sequence, bare.ID, bare.OccurredAt = 1, 2, got[1].ID, now.Now()
		want := []Event{full, bare}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([][]Event{want}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

func TestSequencesHaveNoGapsUnderConcurrency(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		o := NewOutbox(clock.System{}, id.System{})
		var mu sync.Mutex
		told := map[string]map[int64]string{"wsp_a": {}, "wsp_b": {}}
		o.OnCommit(func(events []Event) {
			mu.Lock()
			defer mu.Unlock()
			for _, e := range events {
				if told[e.WorkspaceID][e.Sequence] != "" {
					t.Errorf("%s %d was told twice", e.WorkspaceID, e.Sequence)
				}
				told[e.WorkspaceID][e.Sequence] = e.ObjectID
			}
		})
		refused := errors.New("refused")
		var wg sync.WaitGroup
		for writer := range 8 {
			wg.Go(func() {
				for i := range 20 {
					err := db.Write(t.Context(), func(tx *storage.Tx) error {
						for k := range 1 + i%3 {
							// Half of the writers go the other way round: they must not lock each other out.
							for _, w := range [2][2]string{{"wsp_a", "wsp_b"}, {"wsp_b", "wsp_a"}}[writer%2] {
								o.Append(tx, Event{Type: MessageCreated, WorkspaceID: w, ObjectID: fmt.Sprint(writer, i, k)})
							}
						}
						if i%5 == 4 {
							return refused
						}
						return nil
					})
					if i%5 == 4 != errors.Is(err, refused) {
						t.Errorf("Write gave %v", err)
					}
				}
			})
		}
		wg.Wait()
		for _, w := range []string{"wsp_a", "wsp_b"} {
			var stored []Event
			for after := int64(0); ; {
				some, through, err := page(context.Background(), db, w, nil, after)
				if err != nil {
					t.Fatal(err)
				}
				stored = append(stored, some...)
				if through == after {
					break
				}
				after = through
			}
			seen := map[string]bool{}
			for i, e := range stored {
				if e.Sequence != int64(i+1) {
					t.Fatalf("event %d of %s has sequence %d", i+1, w, e.Sequence)
				}
				if told[w][e.Sequence] != e.ObjectID || seen[e.ObjectID] {
					t.Errorf("%s %d is %s, told as %s", w, e.Sequence, e.ObjectID, told[w][e.Sequence])
				}
				seen[e.ObjectID] = true
			}
			// Of 20 writes by 8 writers, 4 in 5 with 1, 2, 3, 1, … events were kept.
			if want := 8 * 31; len(stored) != want || len(told[w]) != want {
				t.Errorf("%s has %d events, %d were told, want %d", w, len(stored), len(told[w]), want)
			}
		}
	})
}

func TestReadsOfTheTableUseItsKey(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		storagetest.UsesIndex(t, db, selectEvents, ws, 7, pageSize)
		for _, people := range [][]string{{"con_a"}, {"con_a", "con_b", "con_c"}} {
			query, args := pageSQL(ws, people, 7)
			storagetest.UsesIndex(t, db, query, args...)
		}
		storagetest.UsesIndex(t, db, selectOldest, ws)
		storagetest.UsesIndex(t, db, selectSequence, ws)
	})
}
