package contacts

import (
	"github.com/botimum/botimum/internal/timeline"
	"github.com/botimum/botimum/internal/vault"
)

// TimelineSources gives what was changed in people's profiles, by field names, who was
// joined with whom, and what operators wrote down.
func TimelineSources() []timeline.Source {
	return []timeline.Source{
		{Kind: timeline.KindEdit, Permission: "privacy:read", From: "contact_changes", At: "x.created_at", ID: "x.id", What: "x.fields", Actor: true},
		{Kind: timeline.KindMerge, From: "contact_merges", At: "x.created_at", ID: "x.id", What: "CASE WHEN x.undone_at IS NULL THEN 'merged' ELSE 'undone' END",
			Ref: "x.member_id", Actor: true},
		{Kind: timeline.KindNote, From: "contact_notes", At: "x.created_at", ID: "x.id", What: "'written'", Ref: "x.id", Sealed: "x.body_sealed", Actor: true,
			Open: openNoteEntry},
	}
}

// openNoteEntry gives what a note says.
func openNoteEntry(key *vault.Key, e timeline.Entry, sealed []byte) (map[string]any, error) {
	n, err := sealedNote{ContactNote: ContactNote{ID: e.ID}, sealed: sealed}.open(key)
	return map[string]any{"body": n.Body}, err
}
