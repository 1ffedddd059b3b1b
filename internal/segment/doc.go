// Package segment keeps segments: named sets of people, told by conditions.
//
// # What it is
//
// A [Filter] is a tree. Its leaves are conditions on one field (attributes.plan is
// pro); its branches are groups of which all, or any, must hold. [Service.Compile]
// turns a filter into a [Predicate]: portable SQL over the alias c of the contacts'
// table. Lists, searches, exports and whoever else picks people by a segment use
// that one predicate, so a segment means the same everywhere.
//
// What fields there are, other packages say: each gives a [Source] that knows a
// family of fields and how a condition on one becomes SQL. This package knows no
// table of theirs.
//
// # Guarantees
//
//   - Every value in a filter reaches the database as an argument, never as SQL.
//   - People who are restricted, in the bin, or part of somebody else are in no
//     segment and in no count.
//   - A negative condition holds exactly where its positive one does not: somebody
//     without a plan is among those whose plan is not pro.
//   - A filter has at most [MaxConditions] conditions, in groups at most [MaxDepth]
//     deep; fields, operators and the types of values are checked when it is saved
//     and each time it is used. One whose field has changed meanwhile is refused.
//   - A segment that something uses cannot be deleted.
//
// # How it counts
//
// What people have of attributes that are not sealed is kept a second time in runs:
// up to 1,024 contacts in the order of their ids, and a row an attribute. A tree that
// asks for nothing else is counted and listed by these. They are written in the
// transaction that changes what they are made from: see [Changed] and ADR 0022.
//
// # What it never does
//
// It keeps no list of who is in a segment: that is found when somebody asks.
//
// # Personal data
//
// A filter may name a person (email is …). Names and filters of segments are
// sealed with the workspace's key, and stand in no log, URL or event.
package segment
