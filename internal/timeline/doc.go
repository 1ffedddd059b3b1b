// Package timeline tells what happened with a person, newest first, whichever
// package it is stored in.
//
// Each package gives a [Source]: where its rows are and what they mean. A page is one
// query: a UNION ALL of one bounded branch for each source and each contact that the
// person is, every branch read along an index from the place where the page before
// ended. However much is stored, a page reads at most a page of each.
//
// Guarantees: nobody is shown a kind that they lack the permission for; nothing sealed
// is opened of somebody whose data is restricted (GDPR article 18); each look is in
// the access log.
//
// It stores nothing itself.
package timeline
