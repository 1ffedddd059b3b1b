package audit

import (
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// TestEdgeAgreesWithTlog holds our edge against the tree that tlog makes of the
// same leaves, for any size and from any stored edge.
func TestEdgeAgreesWithTlog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 4), 0, 70).Draw(t, "leaves")
		reopen := rapid.IntRange(0, 70).Draw(t, "reopen")
		var stored []tlog.Hash
		read := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, _ error) {
			for _, i := range indexes {
				out = append(out, stored[i])
			}
			return out, nil
		})
		var e edge
		for i, leaf := range leaves {
			if i == reopen {
				again, err := readEdge(e.size, e.bytes())
				if err != nil {
					t.Fatal(err)
				}
				e = again
			}
			want, err := tlog.StoredHashes(int64(i), leaf, read)
			if err != nil {
				t.Fatal(err)
			}
			got := e.append(tlog.RecordHash(leaf), nil)
			if len(got) != len(want) || len(got) != completes(int64(i)) {
				t.Fatalf("leaf %d completes %d hashes, want %d, announced %d", i, len(got), len(want), completes(int64(i)))
			}
			for level := range got {
				if got[level] != want[level] {
					t.Fatalf("leaf %d, level %d: another hash", i, level)
				}
				if position, at := placed(tlog.StoredHashIndex(level, (int64(i)+1)>>level-1)); position != int64(i) || at != level {
					t.Fatalf("placed = %d, %d; want %d, %d", position, at, i, level)
				}
			}
			stored = append(stored, want...)
		}
		want, err := tlog.TreeHash(int64(len(leaves)), read)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.root(); got != want {
			t.Fatalf("root of %d leaves = %v, want %v", len(leaves), got, want)
		}
	})
}

func TestEdgeOfAnotherSizeIsRefused(t *testing.T) {
	for _, c := range []struct {
		size  int64
		bytes int
	}{{1, 0}, {0, 32}, {3, 32}, {4, 64}, {2, 31}, {-1, 64 * 32}} {
		if _, err := readEdge(c.size, make([]byte, c.bytes)); err == nil {
			t.Errorf("size %d with %d bytes passes", c.size, c.bytes)
		}
	}
}

func FuzzParsePoint(f *testing.F) {
	f.Add(point{WorkspaceID: "wsp_1", Size: 7}.text())
	f.Add("botimum/audit/installation\n0\n\ntime 0\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePoint(text)
		if err != nil {
			return
		}
		if again, err := parsePoint(p.text()); err != nil || again != p {
			t.Errorf("%q is read as %+v, and that as %+v, %v", text, p, again, err)
		}
	})
}
