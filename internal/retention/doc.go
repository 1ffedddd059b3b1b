// Package retention ends what a workspace has set a term for: conversations, people
// who do not come any more, technical traces, logs.
//
// A workspace has rules, by category and purpose; without a rule nothing is removed,
// but for what has always had its bound ([BuiltIn]). A run applies the rules in
// force once a day, or when somebody asks for it: in small batches, each in a
// transaction that also notes what it removed, and resting in between so that who
// writes a message hardly notices.
//
// # Guarantees
//
//   - Days are counted back from the moment at which the run began. What is exactly
//     as old as a rule says stays; what is older goes.
//   - A rule that is changed or taken back counts from the next batch on.
//   - Several nodes do not work on one run at a time: each batch renews a lease in
//     its own transaction, and a run whose node died is taken up where it stopped.
//   - The counts of a run are those of what its transactions removed.
//   - Nothing is removed of people whose data is restricted (GDPR article 18) or
//     under a legal hold, nor is anybody erased who has something open.
//   - Idle people are erased as they would be on request: with their key, and with
//     a receipt.
//
// # What it never does
//
// It never looks into what is sealed, and never removes an entry of the audit log.
//
// # Personal data
//
// Its tables hold ids, days and counts.
package retention
