// Package live tells what happened: events leave a transaction through the
// [Outbox], and reach browsers and customers' code through the [Hub] as
// server-sent events.
//
// # Events
//
// [Outbox.Append] adds an event to the transaction that makes the change, so that
// neither exists without the other. The events of a workspace are numbered 1, 2,
// 3, … without a gap, in the order of their commits. A row holds types, ids and
// states; what is personal is loaded and opened when it is delivered, by the
// [Renderer] of the domain that owns it, once for all streams.
//
// On the wire an event is
//
//	id: 42
//	event: message.created
//	data: {"id":"evt_…","type":"message.created","workspace_id":"wsp_…","sequence":42,"occurred_at":"…","actor":{"type":"contact","id":"con_…"},"data":{…}}
//
// # Streams
//
//   - A stream greets with "event: hello" and {"sequence":n}: it tells everything
//     after n. Without Last-Event-ID n is now.
//   - With Last-Event-ID it goes on after that number: from the table in pages,
//     then live. Each event comes exactly once and in order, on whichever node it
//     was written and whichever node serves the stream.
//   - Where that cannot be (the number is from the future or from elsewhere, or
//     what follows is gone) "event: reset" comes before the greeting: load again.
//     A contact's stream also resets when it is very far behind.
//   - Every 15 s there is a heartbeat, a comment with an id line: a stream that
//     was quiet for long resumes from the last heartbeat, not from its last event.
//     (An id without data is no event, but clients remember it.)
//   - A client that does not keep up is cut, and resumes. It slows nobody.
//   - A stream lives for an hour at most. Its client comes back and is
//     authenticated again.
//   - "event: typing" and "event: presence" have no id and are not repeated.
//     Nobody waits for them, and many at once are dropped.
//
// An operator's or a key's stream tells what its permissions allow (see
// [Permission]) and has each person whom it showed reported to Deps.Accessed. A
// contact's stream tells what renderers made for that contact: never notes, never
// others, never who else is looking.
//
// # Several nodes
//
// Nodes tell each other through a [Broker] that a workspace has reached a number,
// and read the table for what they lack. The table decides: a lost message only
// delays, until the next one or the poll every two seconds. Messages of the broker
// hold ids, nothing personal. When the broker comes back after a break, each
// workspace is read again, and streams are renewed within a heartbeat, since a
// revoked session or an erased person may have been told meanwhile.
//
// # Inside
//
// A workspace with streams has a room. Its events are put in order, rendered in
// batches and appended to feeds: one for all operators, one for each contact who
// is there. A stream is a place in a feed; it owns no buffer and no goroutine of
// its own while it has nothing to write, and writes all that waits in one piece.
// Over HTTP/1.1 it takes the connection over from net/http, which gives back that
// connection's buffers and goroutine: an idle stream costs about 4 KB.
//
// # What it never does
//
// It keeps nothing personal beyond the last seconds of rendered frames in memory,
// and takes those of an erased person out. It writes nothing personal to logs.
package live
