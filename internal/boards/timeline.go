package boards

import (
	"github.com/botimum/botimum/internal/timeline"
	"github.com/botimum/botimum/internal/vault"
)

// TimelineSources gives what people wished for, voted for and said on boards. A vote
// names the post by its id alone: its title may be sealed with another person's key.
func TimelineSources() []timeline.Source {
	const reads = "boards:read"
	return []timeline.Source{
		{Kind: timeline.KindPost, Permission: reads, From: "posts", At: "x.created_at", ID: "x.id", What: "'posted'", Ref: "x.id", Sealed: "x.title_sealed",
			Open: func(key *vault.Key, e timeline.Entry, sealed []byte) (map[string]any, error) {
				title, err := key.Open(titlePlace(e.ID), sealed)
				return map[string]any{"title": string(title)}, err
			}},
		{Kind: timeline.KindVote, Permission: reads, From: "post_votes", At: "x.created_at", ID: "'vote_' || x.post_id", What: "'voted'", Ref: "x.post_id"},
		{Kind: timeline.KindComment, Permission: reads, From: "post_comments", At: "x.created_at", ID: "x.id", What: "'commented'", Ref: "x.post_id", Sealed: "x.body_sealed",
			Open: func(key *vault.Key, e timeline.Entry, sealed []byte) (map[string]any, error) {
				body, err := key.Open(commentPlace(e.ID), sealed)
				return map[string]any{"body": string(body)}, err
			}},
	}
}
