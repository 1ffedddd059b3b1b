package live

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/live/sse"
)

// FuzzFrame holds frames to one event each, whatever a renderer gives: no line
// break in data can begin another one.
func FuzzFrame(f *testing.F) {
	f.Add([]byte(`{"a":"b"}`), "con_a")
	f.Add([]byte("{\n\"a\":\r\"x\\n\\nevent: forged\\n\\n\"}"), "\nevent: forged\ndata: x\n\n")
	f.Add([]byte("{}\n\ndata: {}"), "")
	f.Fuzz(func(t *testing.T, data []byte, actorID string) {
		e := Event{ID: "evt_a", Type: MessageCreated, WorkspaceID: ws, Sequence: 42, OccurredAt: time.Unix(1, 0), ActorType: actor.Contact, ActorID: actorID, ContactID: actorID}
		bytesOf, err := e.frame(data)
		if err != nil {
			if json.Valid(data) {
				t.Fatalf("valid data was refused: %v", err)
			}
			bytesOf = e.bareFrame()
		}
		r := sse.NewReader(bytes.NewReader(append(appendBeat(bytesOf, 43), appendStart(nil, "hello", 43)...)))
		var got []sse.Frame
		for {
			frame, err := r.Next()
			if err != nil {
				break
			}
			got = append(got, frame)
		}
		if len(got) != 3 || got[0].ID != "42" || got[0].Event != MessageCreated || !got[1].Comment || got[1].ID != "43" || got[2].Event != "hello" {
			t.Fatalf("%q was read as %v", bytesOf, names(got))
		}
		var read envelope
		if err := json.Unmarshal(got[0].Data, &read); err != nil || read.Sequence != 42 {
			t.Fatalf("%q does not hold an envelope: %v", got[0].Data, err)
		}
	})
}
