// Package enrich looks people up in public sources, where a workspace wants that:
// a name, a picture, a company, a title.
//
// # Providers
//
// Gravatar and Libravatar are asked by a hash of the address alone; the company's
// own website by the address's domain; and any people-or-company API by a
// [Definition] that an administrator writes down, or takes ready made.
//
// # Guarantees
//
//   - Off by default, for the workspace and for each provider. It needs an impact
//     assessment that was approved within the last year, and a purpose.
//   - Nobody is looked up who objected to that purpose, has not consented where it
//     rests on consent, is restricted, in the bin, a child, or, where the workspace
//     asks for ages, of unknown age; nor by an address that nobody vouched for. It is
//     asked once more in the transaction that writes down what leaves, and in the one
//     that writes down what came.
//   - What leaves is what the provider's definition names. It is in the audit log
//     before it leaves, and in the person's own copy of their data.
//   - What comes never replaces what a person, operator, API or import entered. It
//     keeps source, date, confidence and address.
//   - It is forgotten by the workspace's rule, by hand, and at once when the person
//     objects, when a provider is removed, or when the source says it no more. What it
//     said stays in no history.
//   - Rate limits and daily budgets hold across nodes; a provider that asks to be left
//     alone is, and one that is slow holds up nobody else. A lookup that a dying node
//     left is made by another; what the dead one hears late is dropped.
//   - Pictures are fetched once, drawn anew at 128 pixels, sealed, and served from
//     here: no page makes a third party learn of anybody.
//
// # People
//
// What was found is in the profile (package contacts). Here are: which hosts were
// told what sort of data about whom (enrich_recipients), the sealed picture
// (enrich_avatars), what came of each question (enrich_lookups), and which fields
// were taken out by hand (enrich_refused). Definitions hold nothing personal; their
// secret is sealed with the workspace's key.
//
// # What it never does
//
// It never logs what it asks or what is answered, never shows a secret again, and
// never asks anybody but through package egress.
package enrich
