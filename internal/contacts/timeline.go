package contacts

import "github.com/botimum/botimum/internal/timeline"

// TimelineSources gives what was changed in people's profiles, by field names, and who
// was joined with whom.
func TimelineSources() []timeline.Source {
	return []timeline.Source{
		{Kind: timeline.KindEdit, Permission: "privacy:read", From: "contact_changes", At: "x.created_at", ID: "x.id", What: "x.fields", Actor: true},
		{Kind: timeline.KindMerge, From: "contact_merges", At: "x.created_at", ID: "x.id", What: "CASE WHEN x.undone_at IS NULL THEN 'merged' ELSE 'undone' END",
			Ref: "x.member_id", Actor: true},
	}
}
