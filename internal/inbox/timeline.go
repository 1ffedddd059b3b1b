package inbox

import "github.com/botimum/botimum/internal/timeline"

// TimelineSources gives when conversations began, were resolved and came to life
// again. What was said in them stays in the inbox.
func TimelineSources() []timeline.Source {
	return []timeline.Source{
		{Kind: timeline.KindConversation, Permission: "inbox:read", From: "conversations", At: "x.created_at", ID: "x.id", What: "'started'", Ref: "x.id"},
		{Kind: timeline.KindConversation, Permission: "inbox:read", From: "events", Where: "x.type IN ('conversation.resolved', 'conversation.reopened')",
			At: "x.occurred_at", ID: "x.id", What: "CASE x.type WHEN 'conversation.resolved' THEN 'resolved' ELSE 'reopened' END",
			Ref: "COALESCE(x.conversation_id, '')", Actor: true},
	}
}
