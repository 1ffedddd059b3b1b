package boards

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestWordsForgiveTypos(t *testing.T) {
	for _, c := range []struct {
		looked, word string
		open         bool
		want         int
	}{
		{"export", "export", false, sameWord},
		{"exprot", "export", false, sameWord - perTypo}, // swapped
		{"exort", "export", false, sameWord - perTypo},  // missing
		{"exxport", "export", false, sameWord - perTypo},
		{"expert", "export", false, sameWord - perTypo},
		{"exprt", "expart", false, sameWord - perTypo},
		{"exrtp", "export", false, 0},
		{"cat", "car", false, 0}, // another word
		{"cat", "cats", false, 0},
		{"cat", "cats", true, beginning},
		{"notiffication", "notification", false, sameWord - perTypo},
		{"notifcaton", "notification", false, sameWord - 2*perTypo},
		{"notfcaton", "notification", false, 0},
		{"notifcat", "notifications", true, beginning - perTypo},
		{"noti", "notifications", false, 0},
		{"noti", "notifications", true, beginning},
		{"безопасность", "безопастность", false, sameWord - perTypo},
	} {
		q, w := termOf(c.looked), termOf(c.word)
		if got := q.quality(&w, c.open); got != c.want {
			t.Errorf("%s for %s (open %t): %d, want %d", c.looked, c.word, c.open, got, c.want)
		}
	}
}

// The quick distance is the slow one, as far as it goes.
func TestDistanceIsThatOfItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := []rune(rapid.StringOfN(rapid.RuneFrom([]rune("abc")), 0, 7, -1).Draw(t, "a")), []rune(rapid.StringOfN(rapid.RuneFrom([]rune("abc")), 0, 7, -1).Draw(t, "b"))
		most := rapid.IntRange(0, 2).Draw(t, "most")
		whole, begun := distances(a, b, most)
		if want := min(slowDistance(a, b), most+1); whole != want {
			t.Errorf("%q and %q lie %d apart, want %d", string(a), string(b), whole, want)
		}
		best := most + 1
		for i := range len(b) + 1 {
			best = min(best, slowDistance(a, b[:i]))
		}
		if begun != best {
			t.Errorf("%q and a beginning of %q lie %d apart, want %d", string(a), string(b), begun, best)
		}
	})
}

func slowDistance(a, b []rune) int {
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b)
	}
	cost := 1
	if a[len(a)-1] == b[len(b)-1] {
		cost = 0
	}
	d := min(slowDistance(a[:len(a)-1], b)+1, slowDistance(a, b[:len(b)-1])+1, slowDistance(a[:len(a)-1], b[:len(b)-1])+cost)
	if n, m := len(a), len(b); n > 1 && m > 1 && a[n-1] == b[m-2] && a[n-2] == b[m-1] {
		d = min(d, slowDistance(a[:n-2], b[:m-2])+1)
	}
	return d
}

func TestTextsAreCutIntoWordsAndPairs(t *testing.T) {
	s := saidIn("Über-Export 夜间模式 を CSV")
	var words []string
	for _, w := range s.words {
		words = append(words, w.text)
	}
	if !slices.Equal(words, []string{"uber", "export", "csv"}) || !s.open {
		t.Errorf("words: %q, open %t", words, s.open)
	}
	if len(s.runs) != 2 || !slices.Equal(s.runs[0], []string{"夜间", "间模", "模式"}) || !slices.Equal(s.runs[1], []string{"を"}) {
		t.Errorf("runs: %q", s.runs)
	}
}
