package contacts

import (
	"database/sql"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// blockFields declares contact_blocks and blocks. What is on the list is there to
// protect the operators and everybody else who takes part.
func blockFields() []privacy.Field {
	field := func(table, column, holds string) privacy.Field {
		return privacy.Field{Table: table, Column: column, Holds: []string{holds}, Whose: privacy.OfContact, Category: "accountability",
			Purpose: "security", LawfulBasis: "legitimate_interests", Retention: "until it is lifted or ends, or you are erased",
			Recipients: []string{"the workspace's operators"}}
	}
	token := field("blocks", "token", "a keyed token of an address or a shortened network that is not let in")
	token.Retention = "until it is lifted or ends; of an address, where the workspace chose so, also after you are erased; of a network 90 days at most"
	fields := []privacy.Field{
		field("contact_blocks", "reason", "why you are not let in"),
		field("contact_blocks", "until", "until when"),
		field("contact_blocks", "created_at", "since when"),
		token,
		field("blocks", "contact_id", "whose block an entry came with"),
	}
	fields = append(fields, privacy.Nothing("contact_blocks", "workspace_id", "contact_id", "actor_type", "actor_id")...)
	return append(fields, privacy.Nothing("blocks", "workspace_id", "id", "kind", "domain", "reason", "until", "outlives", "actor_type", "actor_id", "created_at")...)
}

// BlockExport is why somebody is not let in, as it is handed to them: they themselves,
// or an address or a network of theirs.
type BlockExport struct {
	About     string     `json:"about"`
	Reason    string     `json:"reason"`
	CreatedAt time.Time  `json:"created_at"`
	Until     *time.Time `json:"until"`
	Outlives  bool       `json:"outlives" doc:"Whether the address stays blocked, as a keyed token, after erasure."`
}

const selectOwnBlocks = `
	SELECT 'person', reason, created_at, COALESCE(until, 0), 0 FROM contact_blocks WHERE workspace_id = $1 AND contact_id = $2
	UNION ALL
	SELECT b.kind, b.reason, b.created_at, COALESCE(b.until, 0), b.outlives FROM blocks b
	WHERE b.workspace_id = $1 AND b.id IN (SELECT o.id FROM blocks o WHERE o.workspace_id = $1 AND o.contact_id = $2)
	UNION ALL
	SELECT b.kind, b.reason, b.created_at, COALESCE(b.until, 0), b.outlives FROM contact_tokens t CROSS JOIN blocks b
	WHERE t.workspace_id = $1 AND t.contact_id = $2 AND t.kind = 'email' AND b.workspace_id = $1 AND b.kind = 'email' AND b.token = t.token
		AND (b.contact_id IS NULL OR b.contact_id <> $2)
	ORDER BY 3, 1`

func exportBlocks(tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	rows, err := tx.Query(selectOwnBlocks, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return err
	}
	all, err := scanBlockExports(rows)
	for _, b := range all {
		if err == nil {
			err = out("blocks", b)
		}
	}
	return err
}

func scanBlockExports(rows *sql.Rows) (all []BlockExport, err error) {
	defer rows.Close()
	for rows.Next() {
		var b BlockExport
		var created, until, outlives int64
		if err := rows.Scan(&b.About, &b.Reason, &created, &until, &outlives); err != nil {
			return nil, err
		}
		b.CreatedAt, b.Until, b.Outlives = clock.FromMicros(created), pointer(clock.FromMicros(until)), outlives == 1
		all = append(all, b)
	}
	return all, rows.Err()
}
