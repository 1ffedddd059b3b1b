package app_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// How much waits is told by board, without opening anything; what is decided is in no count.
func TestCountsWhatWaits(t *testing.T) {
	type counts struct {
		Total  int64
		Boards []struct{ Posts, Comments int64 }
	}
	voices(t, approvedBoard, func(t *testing.T, v *voicesWorld) {
		count := func() (c counts) {
			t.Helper()
			v.world.api(t, "GET", "/board-pending/counts", "", http.StatusOK).json(t, &c)
			return c
		}
		if got := count(); got.Total != 0 || got.Boards == nil || len(got.Boards) != 0 {
			t.Errorf("nothing waits: %+v", got)
		}
		g := v.signInTo(t, "bea@example.org")
		p, _ := v.say(t, g, "Swans", "")
		v.comment(t, g, v.post, "Yes please")
		v.comment(t, g, v.post, "And soon")
		if diff := cmp.Diff(counts{3, []struct{ Posts, Comments int64 }{{1, 2}}}, count()); diff != "" {
			t.Error(diff)
		}
		v.world.decide(t, "/board-pending/bulk", "approve", "", p.ID)
		if got := count(); got.Total != 2 || got.Boards[0].Posts != 0 {
			t.Errorf("after one was published: %+v", got)
		}
	})
}
