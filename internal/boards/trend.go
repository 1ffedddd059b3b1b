package boards

import (
	"math"
	"time"
)

// halfLife is how long it takes until a vote moves the trend half as much.
const halfLife = 7 * 24 * time.Hour

// epoch is the moment at which a vote weighs one. Any fixed moment does: it keeps
// the numbers small.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// weight is the binary logarithm of what a vote of a moment weighs. Each vote
// weighs twice one that is a half-life older, so votes fade against later ones
// and no number ever has to be brought up to date.
func weight(at time.Time) float64 { return float64(at.Sub(epoch)) / float64(halfLife) }

// joined gives the trend of a post whose trend was t, with one more vote: the
// logarithm of the sum of the weights.
func joined(t float64, at time.Time) float64 {
	a, b := max(t, weight(at)), min(t, weight(at))
	return a + math.Log2(1+math.Exp2(b-a))
}

// parted is the reverse of joined. Own is the trend of the post without any vote,
// which it never falls below.
func parted(t float64, at time.Time, own float64) float64 {
	rest := 1 - math.Exp2(weight(at)-t)
	if !(rest > 0) {
		return own
	}
	return max(own, t+math.Log2(rest))
}
