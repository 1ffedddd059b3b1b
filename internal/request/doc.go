// Package request answers what people ask for under chapter III of the GDPR:
// access, rectification, erasure, restriction, portability, objection. Each can be
// asked for by the person alone, from the portal, the widget or a link by mail,
// and by an operator or the customer's code on their behalf.
//
// # Whose request it is
//
// A request is carried out only once it is known that the person it is about asks
// (article 12(6)). What counts as proof:
//
//   - mail_link: they opened a single-use link that was sent to their address. It
//     covers every contact with that address, for an hour, in a portal session.
//   - identity_token: their widget session was opened with a token that the
//     customer's server signed.
//   - session: a widget session without such a token, for the one contact that this
//     very session brought forth. Nobody else can be that person: all that is held
//     was typed in this browser, which shows it anyway and may change all of it. To
//     ask for more would mean to collect what is not needed otherwise (article 11,
//     recital 57), and an address that was claimed there proves nothing, since
//     whoever holds the session could claim another one first. The moment somebody
//     vouches for the contact, such a session ends, and with it this proof.
//   - operator, api_key: an operator or the customer's code vouched; the request
//     says who.
//
// A request without proof waits as received; the person confirms it in a portal
// session, or an operator vouches.
//
// # What follows
//
// What is verified is answered by the machine at once, unless the workspace wants a
// person to look at its kind first. A correction is made by itself only where the
// person entered the field themselves. Everything is due within the workspace's
// days, one week at most; reminders and the escalation are told exactly once,
// whatever number of nodes keeps house, since each is a conditional update of the
// request's row in the transaction that queues its mails and its event.
//
// # Guarantees
//
// Free of charge: nothing here asks for a plan, and no rate limit stands before a
// person's first request of a kind. Whether an address is known cannot be learned:
// [Service.AskLink] stores what was asked, known or not, and answers; links are made
// and mailed behind it, by the clock. Tokens have 256 random bits, only their
// SHA-256 is stored. Each step is in the audit log, in ids and words alone.
//
// Never does: keeping an export. It is written when it is fetched.
//
// Personal data held: privacy_requests.details_sealed (what the person wrote, what
// is to be corrected, the answer in words), sealed with the contact's key. When the
// person is erased, the row stays with its kind, times, outcome and the receipt's
// number, and without contact or words: so the customer can show that the request
// was answered. The person is told where they asked, in the portal or the widget:
// a mail that still waited is erased with their address, so whoever asked for them
// by API or dashboard has to tell them.
package request
