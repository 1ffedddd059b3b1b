package request

import "github.com/botimum/botimum/internal/timeline"

// TimelineSource gives what people asked for under their rights.
func TimelineSource() timeline.Source {
	return timeline.Source{Kind: timeline.KindRequest, Permission: "privacy:read", From: "privacy_requests", Where: "x.contact_id IS NOT NULL",
		At: "x.received_at", ID: "x.id", What: "x.kind", Ref: "x.id"}
}
