package enrich

import (
	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/timeline"
)

// What happened with what a source says of somebody.
const (
	wasFound     = "found"
	wasRefreshed = "refreshed"
	wasForgotten = "forgotten"
)

const historyID = "enh"

const (
	insertHistory = `INSERT INTO enrich_history (workspace_id, contact_id, id, what, provider_id, source, actor_type, actor_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	// A provider that was removed is called what it was called when it found something.
	selectFoundBy = `
	SELECT l.provider_id, COALESCE(p.name, (SELECT MAX(h.source) FROM enrich_history h WHERE h.workspace_id = l.workspace_id AND h.contact_id = l.contact_id AND h.provider_id = l.provider_id), '')
	FROM enrich_lookups l LEFT JOIN enrich_providers p ON p.workspace_id = l.workspace_id AND p.id = l.provider_id
	WHERE l.workspace_id = $1 AND l.contact_id = $2 AND l.found_at IS NOT NULL ORDER BY l.provider_id`
	countFoundBy = `SELECT COUNT(found_at) FROM enrich_lookups WHERE workspace_id = $1 AND contact_id = $2 AND provider_id = $3`
)

// happened notes what came of a source, and by whose wish: never what it said.
func (s *Service) happened(tx *storage.Tx, sub privacy.Subject, by actor.Actor, what, providerID, source string) error {
	_, err := tx.Exec(insertHistory, sub.WorkspaceID, sub.ContactID, s.IDs.New(historyID), what, providerID, source, string(by.Type), by.ID, clock.Micros(s.Clock.Now()))
	return err
}

// noteKept notes that a source's answer is in the profile: for the first time, or anew.
func (s *Service) noteKept(tx *storage.Tx, t ticket, source string) error {
	var before int
	if err := tx.QueryRow(countFoundBy, t.workspaceID, t.contactID, t.providerID).Scan(&before); err != nil {
		return err
	}
	what := wasFound
	if before > 0 { // the profile may be as it was, and say nothing itself
		what = wasRefreshed
		s.Outbox.Append(tx, live.Event{Type: live.ContactUpdated, WorkspaceID: t.workspaceID, OccurredAt: s.Clock.Now(), ActorType: actor.System, ActorID: "enrichment",
			ContactID: t.contactID, ObjectID: t.contactID, Details: map[string]string{"fields": "enrichment"}})
	}
	return s.happened(tx, t.subject(), actor.Actor{Type: actor.Type(t.byType), ID: t.byID}, what, t.providerID, source)
}

// noteForgotten notes that what was found is taken out: of those providers that are
// named, or of all if none is.
func (s *Service) noteForgotten(tx *storage.Tx, sub privacy.Subject, by actor.Actor, only map[string]bool) error {
	all, err := scanPairs(tx.Query(selectFoundBy, sub.WorkspaceID, sub.ContactID))
	for _, one := range all {
		if err == nil && (only == nil || only[one[0]]) {
			err = s.happened(tx, sub, by, wasForgotten, one[0], one[1])
		}
	}
	return err
}

// TimelineSource gives when something was found of people, refreshed and forgotten,
// and where.
func TimelineSource() timeline.Source {
	return timeline.Source{Kind: timeline.KindEnrichment, From: "enrich_history", At: "x.at", ID: "x.id", What: "x.what || ' ' || x.source", Ref: "x.provider_id", Actor: true}
}
