// Package workspace knows who may act: workspaces, the operators who sign in,
// their sessions and the workspaces' API keys.
//
// # What it is
//
// A workspace is one customer's tenant. An operator is a person, known once in
// an installation by e-mail address, who belongs to one or more workspaces, in
// each with a [Role]. A role, or the scopes of an API key, is a set of
// permissions; the route table names the permission that each route needs.
// [Service.AuthenticateSession] and [Service.AuthenticateKey] turn a secret into
// an actor.Actor, from memory where they can.
//
// # Guarantees
//
//   - Whoever is removed, loses a role, changes the password or revokes a session
//     or key is refused at once on this node, and on others when [Service.Forget]
//     is called there or after 10 seconds.
//   - Nobody hands out more than they hold: not with a role, not with a key.
//   - A workspace always has an owner.
//   - Secrets are stored as hashes: argon2id for passwords, SHA-256 for session
//     tokens and API keys, which are random and 256 bits long.
//   - Sign-in takes the same time and gives the same answer for an unknown address
//     and for a wrong password, is limited per account and per network, and holds
//     a bounded amount of memory however many try.
//   - Every change is in the audit log, in the same transaction.
//
// # Personal data
//
// Of operators: name and e-mail address, in one document sealed with the
// operator's own key; a keyed token of the address; the times of sessions. No
// address of a network or device is stored here; the access log keeps a shortened
// network and the browser's family for 180 days (package audit). When an operator leaves the last
// workspace, the account is erased and its key destroyed.
//
// # What it never does
//
// It never writes while authenticating: when a session or key was last used is
// noted in memory and written by [Service.Run] in batches. It knows no domain.
package workspace
