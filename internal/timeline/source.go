package timeline

import (
	"fmt"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/vault"
)

// Source is one kind of entries. Its columns are SQL over the rows x of a table that
// has workspace_id and contact_id. They take no arguments, so that they are words of
// the program alone, never of a caller.
//
//	Source{Kind: "note", Permission: "contacts:read", From: "contact_notes", At: "x.created_at", ID: "x.id", What: "'written'"}
//
// An index (workspace_id, contact_id, At, ID) has to serve it: a plan test says so.
// Ids must be unlike those of all other sources.
type Source struct {
	Kind string
	// Permission is what it takes to see the kind, besides contacts:read.
	Permission string
	From       string
	Where      string // what else must hold of a row; the condition of a partial index, word for word
	At, ID     string // when it happened, in microseconds, and the entry's own id
	What       string // a word: what happened; empty: the kind says it
	Ref        string // the id of what it is about, to open it
	Actor      bool   // whether the rows have actor_type and actor_id
	Sealed     string // a column that Open opens
	// Open gives what more there is to an entry, with the key of the person it is
	// sealed for. It is called where Sealed is not null.
	Open func(key *vault.Key, e Entry, sealed []byte) (map[string]any, error)
}

// Entry is something that happened with a person.
type Entry struct {
	ID        string         `json:"id"`
	Kind      string         `json:"kind" example:"event"`
	What      string         `json:"what" doc:"What happened, by kind: the event's name; started, resolved or reopened; the purpose with granted or withdrawn; the changed fields; found, refreshed or forgotten, and the public source."`
	At        time.Time      `json:"at"`
	ContactID string         `json:"contact_id" doc:"Whose it is: of a merged person one of the contacts that they were."`
	RefID     *string        `json:"ref_id" doc:"What it is about, such as a conversation."`
	Actor     *actor.Ref     `json:"actor" doc:"Who did it, where that is known."`
	Data      map[string]any `json:"data" doc:"What more there is, such as an event's properties. Null if there is nothing, or the person is restricted."`
}

// Kinds of entries that others may filter by are named once, here.
const (
	KindConversation = "conversation"
	KindEvent        = "event"
	KindConsent      = "consent"
	KindObjection    = "objection"
	KindRestriction  = "restriction"
	KindHold         = "hold"
	KindEdit         = "edit"
	KindRequest      = "request"
	KindMerge        = "merge"
	KindNote         = "note"
	KindPost         = "post"
	KindVote         = "vote"
	KindComment      = "comment"
	KindEnrichment   = "enrichment"
	KindImport       = "import"
)

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// branch gives the source's part of a page for the contact at a place. $1 is the
// workspace; from, id and limit are places too.
func (s *Source) branch(n int, contact, at, id, limit string) string {
	actorType, actorID := "''", "''"
	if s.Actor {
		actorType, actorID = "x.actor_type", "x.actor_id"
	}
	var where strings.Builder
	if s.Where != "" {
		where.WriteString(" AND " + s.Where)
	}
	return fmt.Sprintf(`SELECT * FROM (SELECT %[2]s AS at, %[3]s AS id, '%[4]s' AS kind, x.contact_id AS contact_id, %[5]s AS what, %[6]s AS ref,
		%[7]s AS actor_type, %[8]s AS actor_id, %[9]s AS sealed
		FROM %[10]s x WHERE x.workspace_id = $1 AND x.contact_id = %[11]s AND %[2]s <= %[12]s AND (%[2]s < %[12]s OR %[3]s < %[13]s)%[15]s
		ORDER BY %[2]s DESC, %[3]s DESC LIMIT %[14]s) b%[1]d`,
		n, s.At, s.ID, s.Kind, orElse(s.What, "''"), orElse(s.Ref, "''"), actorType, actorID, orElse(s.Sealed, "CAST(NULL AS BYTEA)"), s.From, contact, at, id, limit, where.String())
}
