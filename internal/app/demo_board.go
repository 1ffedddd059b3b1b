package app

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/boards"
)

// demoSaid is what somebody says under a post of the demo's board; by nobody it is
// the team's.
type demoSaid struct {
	by, body           string
	official, internal bool
}

// demoWish is a post of the demo's board.
type demoWish struct {
	title, body, status, category, by string
	votes                             map[string]string // importance by person
	said                              []demoSaid
	pending                           bool
}

// demoBoard adds a board on which the demo's people voted, with a changelog.
func (s *System) demoBoard(ctx context.Context, people map[string]string) error {
	b, err := s.Boards.CreateBoard(ctx, boards.NewBoard{Name: "Ideas for the workshop", Intro: "What should we do next? Tell us, and vote.", Visibility: boards.Public})
	if err != nil {
		return err
	}
	made := map[string]string{}
	for _, wish := range demoWishes() {
		if made[wish.title], err = s.demoPost(ctx, b.ID, wish, people); err != nil {
			return err
		}
	}
	return s.demoChangelog(ctx, b.ID, made)
}

// demoPost adds a post with its votes and what was said, and gives its id.
func (s *System) demoPost(ctx context.Context, boardID string, wish demoWish, people map[string]string) (string, error) {
	post, err := s.Boards.CreatePost(ctx, boardID, boards.NewPost{Title: wish.title, Body: wish.body, Status: wish.status, Category: wish.category, ContactID: people[wish.by]})
	if err != nil {
		return "", err
	}
	for email, importance := range wish.votes {
		if _, err := s.Boards.Vote(ctx, post.ID, people[email], importance); err != nil {
			return "", err
		}
	}
	for _, c := range wish.said {
		_, err := s.Boards.AddComment(ctx, post.ID, boards.NewComment{Body: c.body, ContactID: people[c.by], Official: c.official, Internal: c.internal})
		if err != nil {
			return "", err
		}
	}
	if wish.pending {
		state := boards.Pending
		_, err = s.Boards.UpdatePost(ctx, post.ID, boards.PostChange{State: &state}, nil)
	}
	return post.ID, err
}

func (s *System) demoChangelog(ctx context.Context, boardID string, posts map[string]string) error {
	at := func(ago time.Duration) *time.Time { t := s.Clock.Now().Add(-ago); return &t }
	for _, e := range []boards.NewEntry{
		{Title: "The lamp of the Lantern lasts twice as long", Body: "A new cell, the same weight.\n\n- **Two evenings** on one charge\n- Charges in an hour\n\nBring yours: we change it while you wait.",
			Categories: []string{"better"}, PublishAt: at(20 * demoDay)},
		{Title: "You can pay in two parts", Body: "Half when you order, half when you ride home.", Categories: []string{"new"}, PublishAt: at(6 * demoDay), PostIDs: []string{posts["Pay in two parts"]}},
		{Title: "Longer hours in December", Body: "We are open on Sundays from ten to four.", Categories: []string{"new"}, PublishAt: at(-5 * demoDay)},
		{Title: "A rack that holds a crate", Body: "To be photographed first."},
	} {
		e.BoardID = boardID
		if _, err := s.Boards.CreateEntry(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func demoWishes() []demoWish {
	const tomasz, ines, oskar, amina, jonas = "tomasz@brzeg.example", "ines.carvalho@porto.example", "oskar@fjord.example", "amina.diallo@saintlouis.example", "jonas.keller@limmat.example"
	return []demoWish{
		{title: "Pay in two parts", status: "planned", category: "Shop", by: jonas, votes: map[string]string{jonas: "", amina: "nice"}},
		{title: "Pick up bicycles for service", body: "I would rather not ride across town with a broken brake.\n\nIt would be enough to have it:\n\n- on weekdays\n- within the ring road",
			status: "planned", category: "Workshop", by: ines, votes: map[string]string{tomasz: "essential", ines: "important", oskar: ""}, said: []demoSaid{
				{by: tomasz, body: "For six bicycles at once this would save us a whole day."},
				{body: "We are trying it with a cargo bicycle from January, first **within the ring road**. If it works, the rest of the town follows.", official: true},
				{body: "Bram asked the insurer: covered up to 4,000 a ride.", internal: true},
			}},
		{title: "Tell the day of delivery on the order's page", body: "Not only \"soon\".", status: "in_progress", category: "Shop", by: amina,
			votes: map[string]string{amina: "important", jonas: ""}, said: []demoSaid{{by: jonas, body: "Even a week would help."}}},
		{title: "Rent child seats by the week", status: "open", category: "Workshop", votes: map[string]string{jonas: "nice"}},
		{title: "A quieter freewheel for the Harbour", body: "It wakes the little one.", status: "open", category: "Bicycles", by: oskar, votes: map[string]string{oskar: "", ines: "nice"}},
		{title: "Sell the frames in pink", status: "declined", category: "Bicycles", by: amina, votes: map[string]string{amina: ""}, said: []demoSaid{
			{body: "We paint to order, so ask us for any colour; we keep no pink ones in store.", official: true}}},
		{title: "Lend a bicycle while mine is repaired", body: "Two days without one is long.", status: "open", category: "Workshop", by: jonas, pending: true},
	}
}
