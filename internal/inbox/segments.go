package inbox

import (
	"context"

	"github.com/botimum/botimum/internal/segment"
)

const segmentGroup = "conversations"

var segmentFields = []segment.Field{
	{Key: "conversations.count", Label: "Conversations", Group: segmentGroup, Kind: segment.Count, Ops: segment.OpsOf(segment.Count, false)},
	{Key: "conversations.state", Label: "State of a conversation", Group: segmentGroup, Kind: segment.Choice, Ops: []string{segment.Is, segment.IsNot},
		Options: []segment.Option{{Value: "open", Label: "open"}, {Value: "pending", Label: "pending"}, {Value: "snoozed", Label: "snoozed"}, {Value: "resolved", Label: "resolved"}}},
	{Key: "conversations.tag", Label: "Tag of a conversation", Group: segmentGroup, Kind: segment.Text,
		Ops: []string{segment.Is, segment.IsNot, segment.IsSet, segment.IsNotSet}},
	{Key: "conversations.last_message", Label: "Last message", Group: segmentGroup, Kind: segment.Date, Ops: segment.OpsOf(segment.Date, false)},
}

// taggedPeople are the tags of people's conversations.
const taggedPeople = `(SELECT t.workspace_id, v.contact_id, t.tag FROM conversation_tags t
	JOIN conversations v ON v.workspace_id = t.workspace_id AND v.id = t.conversation_id)`

// SegmentSource knows what conditions can be about of people's conversations.
func SegmentSource() segment.Source {
	return segment.Source{
		Names: []string{segmentGroup},
		List:  func(context.Context, string) ([]segment.Field, error) { return segmentFields, nil },
		Compile: func(_ context.Context, q *segment.Query, c segment.Condition) (segment.Clause, error) {
			switch c.Field.Key {
			case "conversations.count":
				clause := segment.Clause{From: "conversations", Joined: true, Where: "x.id <> ''"}
				if !c.Since.IsZero() {
					clause.Where = "x.created_at >= " + q.Arg(c.SinceMicros())
				}
				clause.Having = c.Times(q)
				return clause, nil
			case "conversations.state":
				return segment.Clause{From: "conversations", Joined: true, Where: "x.state = " + q.Arg(c.Text)}, nil
			case "conversations.tag":
				if c.Op == segment.IsSet {
					return segment.Clause{From: taggedPeople, Joined: true, Where: "x.tag <> ''"}, nil
				}
				return segment.Clause{From: taggedPeople, Joined: true, Where: "x.tag = " + q.Arg(c.Text)}, nil
			}
			return lastMessage(q, c), nil
		},
	}
}

// lastMessage is about the newest message of all of somebody's conversations.
func lastMessage(q *segment.Query, c segment.Condition) segment.Clause {
	clause := segment.Clause{From: "conversations", Joined: true, Where: "x.last_message_at IS NOT NULL"}
	switch c.Op {
	case segment.Before:
		clause.Having = "MAX(x.last_message_at) < " + q.Arg(c.Micros())
	case segment.After:
		clause.Where = "x.last_message_at >= " + q.Arg(c.Micros())
	}
	return clause
}
