package boards

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

// What votes weigh by.
const (
	WeighVotes     = "votes"     // one each
	WeighAttribute = "attribute" // a number that is known of the voter
	WeighSegments  = "segments"  // the segments that the voter is in
)

const (
	// grain is how many grains a weight of 1 has: weights are stored as whole numbers of
	// them, so that sums stay exact.
	grain = 1000
	// heaviest is the most that a voter weighs: of more, sums would not be exact.
	heaviest          = 1_000_000_000
	maxWeightSegments = 20
)

// BoardWeight says what a board's votes weigh.
type BoardWeight struct {
	By         string          `json:"by" enum:"votes,attribute,segments" doc:"votes: one each. attribute: a number that is known of the voter. segments: by those that the voter is in."`
	Attribute  string          `json:"attribute" doc:"The key of the number attribute; empty unless votes weigh by one." example:"revenue"`
	Segments   []SegmentWeight `json:"segments" doc:"The highest that applies counts."`
	Default    float64         `json:"default" doc:"What votes weigh of whom the rule knows nothing: without a name, erased since, restricted, or in none of the segments."`
	Importance bool            `json:"importance" doc:"Whether a vote counts twice where the wish is important to its voter, and three times where it is essential."`
	State      string          `json:"state" enum:"ready,weighing" doc:"Whether all posts are weighed by this rule already."`
	Problem    string          `json:"problem" enum:",attribute,segment" doc:"What of the rule cannot be used any more, such as an attribute that was made personal; nobody weighs by it then."`
}

// SegmentWeight is what the votes of a segment's people weigh.
type SegmentWeight struct {
	SegmentID string  `json:"segment_id" maxLength:"64"`
	Weight    float64 `json:"weight" minimum:"0" maximum:"1000000"`
}

// WeightRule is what a board's votes are to weigh.
type WeightRule struct {
	By         string          `json:"by" enum:"votes,attribute,segments"`
	Attribute  string          `json:"attribute,omitempty" maxLength:"64" doc:"The key of a declared number attribute that is not personal, where votes weigh by one." example:"revenue"`
	Segments   []SegmentWeight `json:"segments,omitempty" maxItems:"20" doc:"Where votes weigh by segments."`
	Default    *float64        `json:"default,omitempty" minimum:"0" maximum:"1000000" doc:"What people in none of the segments weigh; 1 if absent."`
	Importance bool            `json:"importance,omitempty"`
}

// Kind names the field that tells rules apart.
func (WeightRule) Kind() (string, []string) {
	return "by", []string{WeighVotes, WeighAttribute, WeighSegments}
}

// WeightForm is a rule as it comes in: an object, or in short ” or attribute:<key>.
type WeightForm = httpx.OrText[WeightRule]

// ruleFrom gives a board's weight from what came in, and what is wrong with it.
func ruleFrom(in *WeightForm) (BoardWeight, []fault.FieldError) {
	if in == nil {
		return BoardWeight{By: WeighVotes, Segments: []SegmentWeight{}, Default: 1}, nil
	}
	rule := in.Object
	if in.IsText {
		key, is := strings.CutPrefix(in.Text, "attribute:")
		switch {
		case is:
			rule = WeightRule{By: WeighAttribute, Attribute: key}
		case in.Text == "":
			rule = WeightRule{By: WeighVotes}
		default:
			return BoardWeight{}, []fault.FieldError{{Field: "weight", Detail: `must be an object such as {"by": "attribute", "attribute": "revenue"}; in short attribute: and its key, or empty`}}
		}
	}
	w := BoardWeight{By: rule.By, Segments: []SegmentWeight{}, Default: 1, Importance: rule.Importance}
	switch rule.By {
	case WeighAttribute:
		w.Attribute, w.Default = rule.Attribute, 0
	case WeighSegments:
		w.Segments = append(w.Segments, rule.Segments...)
		if rule.Default != nil {
			w.Default = *rule.Default
		}
	}
	return w, w.clean()
}

// clean puts a rule in order and says what is wrong with it.
func (w *BoardWeight) clean() (bad []fault.FieldError) {
	say := func(field, detail string) {
		bad = append(bad, fault.FieldError{Field: "weight." + field, Detail: detail})
	}
	switch {
	case !slices.Contains([]string{WeighVotes, WeighAttribute, WeighSegments}, w.By):
		say("by", "must be votes, attribute or segments")
	case w.By == WeighAttribute && w.Attribute == "":
		say("attribute", "must be the key of a declared number attribute")
	case w.By == WeighSegments && (len(w.Segments) == 0 || len(w.Segments) > maxWeightSegments):
		say("segments", "must name 1 to 20 segments with their weights")
	}
	seen := map[string]bool{}
	for i, s := range w.Segments {
		if seen[s.SegmentID] {
			say(fmt.Sprintf("segments[%d].segment_id", i), "stands there twice")
		}
		seen[s.SegmentID] = true
		if !(s.Weight >= 0 && s.Weight <= 1_000_000) {
			say(fmt.Sprintf("segments[%d].weight", i), "must be 0 to 1,000,000")
		}
		w.Segments[i].Weight = fromGrains(grains(s.Weight))
	}
	if !(w.Default >= 0 && w.Default <= 1_000_000) {
		say("default", "must be 0 to 1,000,000")
	}
	w.Default = fromGrains(grains(w.Default))
	return bad
}

// word gives the rule as the board's row holds it, beside its other columns.
func (w *BoardWeight) word() string {
	switch w.By {
	case WeighAttribute:
		return "attribute:" + w.Attribute
	case WeighSegments:
		return WeighSegments
	}
	return ""
}

// setWord is the reverse of word.
func (w *BoardWeight) setWord(word string, bare int64) {
	w.By, w.Attribute, w.Segments, w.Default = WeighVotes, "", []SegmentWeight{}, 1
	if key, is := strings.CutPrefix(word, "attribute:"); is {
		w.By, w.Attribute, w.Default = WeighAttribute, key, 0
	} else if word == WeighSegments {
		w.By, w.Default = WeighSegments, fromGrains(bare)
	}
}

// plain tells whether all votes weigh the same, so that nothing has to be stored.
func (w *BoardWeight) plain() bool { return w.By == WeighVotes && !w.Importance }

// same tells whether two rules weigh everybody the same.
func (w *BoardWeight) same(o *BoardWeight) bool {
	return w.By == o.By && w.Attribute == o.Attribute && slices.Equal(w.Segments, o.Segments) && w.Default == o.Default && w.Importance == o.Importance
}

// bare is what a vote weighs of whom the rule knows nothing.
func (w *BoardWeight) bare() int64 { return grains(w.Default) }

// times gives what a vote counts, of somebody who weighs so much.
func (w *BoardWeight) times(weight int64, importance string) int64 {
	if !w.Importance {
		return weight
	}
	switch importance {
	case "important":
		weight *= 2
	case "essential":
		weight *= 3
	}
	return weight
}

// grains gives a weight as it is stored: nothing for what is negative or no number.
func grains(weight float64) int64 {
	if !(weight > 0) {
		return 0
	}
	return int64(math.Round(min(weight, heaviest) * grain))
}

func fromGrains(n int64) float64 { return float64(n) / grain }
