package retention

import (
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/storage"
)

const selectRules = `SELECT category, purpose, scope, COALESCE(days, 0), version, updated_at FROM retention_rules WHERE workspace_id = $1`

// loadRules gives the rules in force, in the order of a run, and when any last
// changed.
func loadRules(tx *storage.Tx, workspaceID string) ([]Rule, time.Time, error) {
	all, err := everyRule(tx, workspaceID)
	if err != nil {
		return nil, time.Time{}, err
	}
	rules := []Rule{}
	var changed time.Time
	for _, r := range all {
		if r.UpdatedAt.After(changed) {
			changed = r.UpdatedAt
		}
		if r.Days > 0 {
			rules = append(rules, r)
		}
	}
	inOrder(rules)
	return rules, changed, nil
}

// everyRule gives the rules, those that were taken back with 0 days.
func everyRule(tx *storage.Tx, workspaceID string) (map[key]Rule, error) {
	rows, err := tx.Query(selectRules, workspaceID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[key]Rule{}
	for rows.Next() {
		var r Rule
		var updated int64
		if err := rows.Scan(&r.Category, &r.Purpose, &r.Scope, &r.Days, &r.Version, &updated); err != nil {
			return nil, err
		}
		r.UpdatedAt = clock.FromMicros(updated)
		out[r.key()] = r
	}
	return out, rows.Err()
}

const upsertRule = `
	INSERT INTO retention_rules (workspace_id, category, purpose, scope, days, version, updated_at) VALUES ($1, $2, $3, $4, $5, 1, $6)
	ON CONFLICT (workspace_id, category, purpose) DO UPDATE SET scope = excluded.scope, days = excluded.days,
		version = retention_rules.version + 1, updated_at = excluded.updated_at`

// saveRules makes these the rules in force, and gives what changed: days by category
// and purpose, 0 for what was taken back.
func saveRules(tx *storage.Tx, workspaceID string, rules []Rule, now int64) (map[string]string, error) {
	have, err := everyRule(tx, workspaceID)
	if err != nil {
		return nil, err
	}
	changes := map[string]string{}
	save := func(r Rule) error {
		name := r.Category
		if r.Purpose != "" {
			name += "_" + r.Purpose
		}
		if name = name[:min(len(name), 64)]; len(changes) < maxDetails {
			changes[name] = strconv.Itoa(r.Days)
		}
		var days any
		if r.Days > 0 {
			days = r.Days
		}
		_, err := tx.Exec(upsertRule, workspaceID, r.Category, r.Purpose, r.Scope, days, now)
		return err
	}
	for _, r := range rules {
		old := have[r.key()]
		delete(have, r.key())
		if old.Days == r.Days && old.Scope == r.Scope {
			continue
		}
		if err := save(r); err != nil {
			return nil, err
		}
	}
	for _, old := range have {
		if old.Days == 0 {
			continue
		}
		old.Days = 0
		if err := save(old); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// maxDetails is how many the audit log takes.
const maxDetails = 16

const runColumns = `id, actor_type, actor_id, results, started_at, COALESCE(ended_at, 0)`

type scanner interface{ Scan(dest ...any) error }

func scanRun(row scanner) (Run, error) {
	var r Run
	var results string
	var started, ended int64
	if err := row.Scan(&r.ID, &r.By.Type, &r.By.ID, &results, &started, &ended); err != nil {
		return r, err
	}
	r.StartedAt, r.State = clock.FromMicros(started), StateRunning
	if ended > 0 {
		at := clock.FromMicros(ended)
		r.EndedAt, r.State = &at, StateDone
	}
	return r, json.Unmarshal([]byte(results), &r.Results)
}

const selectRuns = `SELECT ` + runColumns + ` FROM retention_runs WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`

func loadRuns(tx *storage.Tx, workspaceID, before string, limit int) ([]Run, error) {
	rows, err := tx.Query(selectRuns, workspaceID, before, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Run{}
	for rows.Next() {
		r, err := scanRun(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

const selectRun = `SELECT ` + runColumns + ` FROM retention_runs WHERE workspace_id = $1 AND id = $2`

const selectOpenRun = `SELECT ` + runColumns + ` FROM retention_runs WHERE workspace_id = $1 AND ended_at IS NULL`

func openRun(tx *storage.Tx, workspaceID string) (Run, bool, error) {
	r, err := scanRun(tx.QueryRow(selectOpenRun, workspaceID))
	if errors.Is(err, sql.ErrNoRows) {
		return Run{}, false, nil
	}
	return r, err == nil, err
}

const insertRun = `
	INSERT INTO retention_runs (workspace_id, id, actor_type, actor_id, results, started_at, lease_holder, lease_until)
	VALUES ($1, $2, $3, $4, '[]', $5, '', 0)`

func beginRun(tx *storage.Tx, workspaceID, runID string, by actor.Ref, started time.Time) error {
	_, err := tx.Exec(insertRun, workspaceID, runID, string(by.Type), by.ID, clock.Micros(started))
	return err
}

// Whoever changes this row holds it to the end of the transaction, so that a batch
// and the end of its lease exclude each other.
const takeLease = `
	UPDATE retention_runs SET lease_holder = $1, lease_until = $2
	WHERE workspace_id = $3 AND id = $4 AND ended_at IS NULL AND (lease_until < $5 OR lease_holder = $1)`

const saveResults = `UPDATE retention_runs SET results = $1 WHERE workspace_id = $2 AND id = $3`

const endRun = `UPDATE retention_runs SET ended_at = $1 WHERE workspace_id = $2 AND id = $3`
