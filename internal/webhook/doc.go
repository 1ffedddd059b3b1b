// Package webhook tells a workspace's own systems what happens: each event that
// an endpoint asked for is posted to its address, signed after Standard Webhooks
// (standardwebhooks.com), tried again for about three days, and replayed on
// request.
//
// # How it works
//
// Endpoints follow the outbox. Each remembers the number of the last event that
// has become a delivery; a node that holds the endpoint's lease reads on from
// there, writes the deliveries down and moves the number, in one transaction. A
// delivery is a row of ids and states. What is told is made at the moment of
// sending, as for a live stream: what is sealed is opened then.
//
// # Guarantees
//
//   - Every event of a chosen type that is committed while the endpoint exists is
//     delivered at least once, or ends as failed, visibly, and can be replayed.
//     While an endpoint is off its events wait; switched on it goes on where it
//     stopped. A retention rule leaves it what it has not had, for 30 days at most; what
//     is older is passed over, and the log shows it as dropped.
//   - Each delivery of an event, replays included, has the same webhook-id: the
//     event's. A node that dies between sending and writing that down makes
//     another one send it again; otherwise each is sent once, by one node.
//   - Events about one person reach an endpoint in their order: the next is begun
//     when the one before has been delivered or given up. Others overtake. Only
//     contact.erased waits for none of its person's, since whatever is sent after
//     an erasure holds ids alone.
//   - At most four requests are under way to an endpoint, each for at most ten
//     seconds. No more than 4 KiB of an answer are read; redirects are refused, as
//     are private addresses, at the moment of dialling (package egress).
//   - 410 switches an endpoint off. So does failing for three days without a
//     single success. The audit log has it, and the endpoint says why.
//   - Nobody has told to an address what they may not see themselves: whoever
//     chooses types holds their permissions.
//
// # People
//
// An erased person's waiting deliveries go out as ids with "erased": true, and a
// request under way at that moment is cut off, on every node. contact.erased
// carries the receipt's id, so that recipients erase on their side (GDPR article
// 19). Events about a restricted person are ids with "restricted": true. What is
// opened to be sent is in the access log, read by the endpoint.
//
// Columns: webhook_recipients holds, for as long as the person is there, which
// hosts were told which types of events about them, since they may ask (article
// 19, last sentence). webhook_endpoints holds addresses and secrets, sealed with
// the workspace's key; webhook_deliveries ids, states and counts: nothing personal.
//
// # What it never does
//
// It never stores what it sends or what is answered, never logs an address, and
// never sends without a signature.
package webhook
