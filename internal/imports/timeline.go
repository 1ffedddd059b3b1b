package imports

import "github.com/botimum/botimum/internal/timeline"

// Who came with an import, and by whose hand. One row for a person at most.
const cameWith = `(SELECT c.workspace_id, c.id AS contact_id, c.import_id, c.created_at, i.actor_type, i.actor_id
	FROM contacts c JOIN imports i ON i.workspace_id = c.workspace_id AND i.id = c.import_id)`

// Whom imports changed; the row stays when what it replaced is forgotten.
const changedBy = `(SELECT u.workspace_id, u.contact_id, u.import_id, u.created_at, i.actor_type, i.actor_id
	FROM import_updates u JOIN imports i ON i.workspace_id = u.workspace_id AND i.id = u.import_id)`

// TimelineSources gives when people came in or were changed by an import.
func TimelineSources() []timeline.Source {
	return []timeline.Source{
		{Kind: timeline.KindImport, From: cameWith, At: "x.created_at", ID: "x.contact_id", What: "'came'", Ref: "x.import_id", Actor: true},
		{Kind: timeline.KindImport, From: changedBy, At: "x.created_at", ID: "x.import_id", What: "'changed'", Ref: "x.import_id", Actor: true},
	}
}
