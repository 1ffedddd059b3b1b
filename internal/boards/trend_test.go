package boards

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The stored trend is the logarithm of the sum of all weights, in whatever order
// votes come and go; and it never falls under what the post has of its own.
func TestTrendIsTheSumOfItsVotes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moment := rapid.Custom(func(t *rapid.T) time.Time {
			return epoch.Add(time.Duration(rapid.Int64Range(0, int64(3*365*24)).Draw(t, "hours")) * time.Hour)
		})
		created := moment.Draw(t, "created")
		own := weight(created)
		trend, votes := own, []time.Time{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			if len(votes) > 0 && rapid.Bool().Draw(t, "back") {
				i := rapid.IntRange(0, len(votes)-1).Draw(t, "which")
				trend = parted(trend, votes[i], own)
				votes = append(votes[:i:i], votes[i+1:]...)
				continue
			}
			at := created.Add(time.Duration(rapid.Int64Range(0, 60*24).Draw(t, "later")) * time.Hour)
			trend, votes = joined(trend, at), append(votes, at)
		}
		sum := math.Exp2(0)
		for _, at := range votes {
			sum += math.Exp2(weight(at) - own)
		}
		if want := own + math.Log2(sum); math.Abs(trend-want) > 1e-6 {
			t.Fatalf("trend %v, want %v, of %d votes", trend, want, len(votes))
		}
		if trend < own {
			t.Fatalf("trend %v is under the post's own %v", trend, own)
		}
	})
}

func TestAVoteFadesByHalfInAWeek(t *testing.T) {
	old, late := epoch, epoch.Add(halfLife)
	two := joined(joined(-1000, old), old)
	if one := joined(-1000, late); math.Abs(one-two) > 1e-9 {
		t.Errorf("one vote of this week is %v, two of the week before %v", one, two)
	}
}

func TestSlugs(t *testing.T) {
	for words, want := range map[string]string{
		"Dark mode, please!": "dark-mode-please", "  A  --  B ": "a-b", "الوضع الداكن": "", "Über-Größe": "ber-gre", "100% off": "100-off", "": "",
	} {
		if got := slugOf(words); got != want {
			t.Errorf("%q became %q, want %q", words, got, want)
		}
	}
}
