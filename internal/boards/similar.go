package boards

import (
	"context"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
)

// MostSimilar is how many posts are offered to somebody who writes one.
const MostSimilar = 5

// Similar gives a board's published posts that may be what a title means, the most alike
// first; none where nothing is. Whether the actor may read the board is asked before.
func (s *Service) Similar(ctx context.Context, boardID, title string) ([]Post, error) {
	const op = "boards.Similar"
	what := saidIn(strings.TrimSpace(title))
	var all []proposal
	err := s.search(ctx, actor.From(ctx).WorkspaceID, boardID, func(l *lexicon) { all = l.similar(&what) })
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	ranked, err := s.rank(ctx, all[:min(len(all), findAtOnce)])
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	posts, _, err := s.show(ctx, boardID, Filter{State: Published}, ranked, MostSimilar, func(p *Post, _ found) bool { return alike(&what, p) })
	return posts, fault.Wrap(op, err)
}

// alike tells whether a title, as its row has it, has a word of what was said.
func alike(what *said, p *Post) bool {
	var l lexicon
	l.clear()
	l.put(p.ID, "", p.Title)
	for _, part := range l.answers(what) {
		if part[p.ID] > 0 {
			return true
		}
	}
	return false
}
