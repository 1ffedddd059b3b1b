package boards

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// checkWeight refuses a rule by an attribute that cannot be counted with.
func (s *Service) checkWeight(ctx context.Context, w *BoardWeight) error {
	if w.By != WeighAttribute {
		return nil
	}
	problem, err := s.Contacts.NumberProblem(ctx, w.Attribute)
	if err == nil && problem != "" {
		err = fault.Invalid("weight.attribute", problem)
	}
	return err
}

// seesWeights tells whether somebody is told what votes weigh: it follows from what is
// known of people.
func seesWeights(a actor.Actor) bool {
	switch a.Type {
	case actor.System:
		return true
	case actor.Operator, actor.APIKey:
		return a.Can("contacts:read")
	}
	return false
}

// grains gives what a post's votes weigh together.
func (r *postRow) grains() int64 {
	if !r.weight.Valid {
		return r.p.Votes * grain
	}
	return r.weight.Int64
}

// counts gives how much of a post's weight a vote is, once its rule was loaded; nothing
// where all weigh the same, so that nothing is kept.
func (r *postRow) counts(weight sql.NullInt64, importance string) int64 {
	if r.rule == nil {
		return 0
	}
	return r.rule.times(weight.Int64, importance)
}

// bare gives how much of a post's weight a vote is of whom nothing is known.
func (r *postRow) bare() int64 {
	if r.rule == nil {
		return 0
	}
	return r.rule.bare()
}

// weightOf gives what a vote weighs, as operators read it.
func (r *postRow) weightOf(weight sql.NullInt64, importance string) float64 {
	if r.rule == nil {
		return 1
	}
	return fromGrains(r.rule.times(weight.Int64, importance))
}

const selectRule = `SELECT weight, weight_default, weight_importance FROM boards WHERE workspace_id = $1 AND id = $2`

// loadRule reads what the votes of a post that is locked weigh by, if they do not all
// weigh the same.
func loadRule(tx *storage.Tx, workspaceID string, r *postRow) error {
	if r.rule != nil || !r.weight.Valid {
		return nil
	}
	rule, err := ruleOf(tx, workspaceID, r.p.BoardID)
	if err == nil && !rule.plain() {
		r.rule = &rule
	}
	return err
}

func ruleOf(tx *storage.Tx, workspaceID, boardID string) (rule BoardWeight, err error) {
	var word string
	var bare, importance int64
	err = tx.QueryRow(selectRule, workspaceID, boardID).Scan(&word, &bare, &importance)
	rule.setWord(word, bare)
	rule.Importance = importance != 0
	return rule, err
}

// weighVoter loads a post's rule and gives what somebody weighs by it, for now: by which
// segments they are in is found within seconds.
func weighVoter(tx *storage.Tx, workspaceID string, r *postRow, contactID string) (sql.NullInt64, error) {
	if err := loadRule(tx, workspaceID, r); err != nil || r.rule == nil {
		return sql.NullInt64{}, err
	}
	all, err := weighNow(tx, workspaceID, r.rule, []string{contactID})
	return sql.NullInt64{Int64: all[contactID], Valid: true}, err
}

// weighNow gives what people weigh as far as one query tells.
func weighNow(tx *storage.Tx, workspaceID string, rule *BoardWeight, persons []string) (map[string]int64, error) {
	out := make(map[string]int64, len(persons))
	for _, id := range persons {
		out[id] = rule.bare()
	}
	if rule.By != WeighAttribute {
		return out, nil
	}
	numbers, err := contacts.Numbers(tx, workspaceID, rule.Attribute, persons)
	for id, number := range numbers {
		out[id] = grains(number)
	}
	return out, err
}

// weighArrival gives what the voters of a post that is taken over weigh, and its votes
// together; nothing where all weigh the same.
func weighArrival(tx *storage.Tx, workspaceID, boardID string, voters []string, uncounted int) (weights []sql.NullInt64, total sql.NullInt64, err error) {
	weights = make([]sql.NullInt64, len(voters))
	rule, err := ruleOf(tx, workspaceID, boardID)
	if err != nil || rule.plain() {
		return weights, total, err
	}
	all, err := weighNow(tx, workspaceID, &rule, voters)
	total = sql.NullInt64{Int64: rule.bare() * int64(uncounted), Valid: true}
	for i, id := range voters {
		weights[i] = sql.NullInt64{Int64: all[id], Valid: true}
		total.Int64 += all[id]
	}
	return weights, total, err
}

// none is the weight of a post without votes.
func (w *BoardWeight) none() sql.NullInt64 { return sql.NullInt64{Valid: !w.plain()} }

// shiftWeight moves a post's weight alone.
func shiftWeight(tx *storage.Tx, workspaceID string, r *postRow, by int64) error {
	if r.rule == nil || by == 0 {
		return nil
	}
	r.weight.Int64 += by
	_, err := tx.Exec(`UPDATE posts SET weight = $1 WHERE workspace_id = $2 AND id = $3`, r.weight, workspaceID, r.p.ID)
	return err
}

// setImportance notes how much a post matters to somebody who voted for it.
func setImportance(tx *storage.Tx, workspaceID string, r *postRow, contactID, importance string) error {
	var was string
	var weight sql.NullInt64
	err := tx.QueryRow(`SELECT importance, weight FROM post_votes WHERE workspace_id = $1 AND post_id = $2 AND contact_id = $3`, workspaceID, r.p.ID, contactID).
		Scan(&was, &weight)
	if err == nil {
		err = loadRule(tx, workspaceID, r)
	}
	if err != nil || was == importance {
		return err
	}
	_, err = tx.Exec(`UPDATE post_votes SET importance = $1 WHERE workspace_id = $2 AND post_id = $3 AND contact_id = $4`, importance, workspaceID, r.p.ID, contactID)
	if err != nil {
		return err
	}
	return shiftWeight(tx, workspaceID, r, r.counts(weight, importance)-r.counts(weight, was))
}

// weight reads a place in the order by weight, which is too exact for a float; the top
// is above everything.
func (at At) weight() (int64, string) {
	word, id, found := strings.Cut(at.ID, " ")
	weight, err := strconv.ParseInt(word, 10, 64)
	if !found || err != nil {
		return 1<<63 - 1, at.ID
	}
	return weight, id
}

// weigh gives what people weigh by a rule, now, and what of the rule cannot be used.
func (s *Service) weigh(ctx context.Context, rule *BoardWeight, persons []string) (out map[string]int64, problem string, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	if rule.By == WeighAttribute {
		said, err := s.Contacts.NumberProblem(ctx, rule.Attribute)
		if err != nil {
			return nil, "", err
		}
		if said != "" {
			problem = "attribute"
		}
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		out, err = weighNow(tx, workspaceID, rule, persons)
		return err
	})
	if err != nil || rule.By != WeighSegments || s.Segments == nil {
		return out, problem, err
	}
	rest := slices.Clone(persons)
	for _, one := range byWeight(rule.Segments) {
		in, err := s.Segments.Among(ctx, one.SegmentID, rest)
		if fault.Is(err, fault.KindConflict) || fault.Is(err, fault.KindNotFound) {
			problem = "segment"
			continue
		}
		if err != nil {
			return nil, "", err
		}
		for _, id := range in {
			out[id] = grains(one.Weight)
		}
		members := make(map[string]bool, len(in))
		for _, id := range in {
			members[id] = true
		}
		rest = slices.DeleteFunc(rest, func(id string) bool { return members[id] })
	}
	return out, problem, nil
}

// byWeight gives segments with the heaviest first: that one counts.
func byWeight(all []SegmentWeight) []SegmentWeight {
	return slices.SortedStableFunc(slices.Values(all), func(a, b SegmentWeight) int { return cmp.Compare(b.Weight, a.Weight) })
}

func pointerTo[T any](v T) *T { return &v }
