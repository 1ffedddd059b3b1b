package workspace

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// maxNames is how many operators one statement reads.
const maxNames = 100

// OperatorNames gives the names of operators, as the messages and logs of a
// workspace show them: ask only for ids that stand in its own rows, for who left
// it keeps the name there. Who left the last workspace was erased and is absent.
// It reads what is not in memory with one query; memory may be a minute old.
func (s *Service) OperatorNames(ctx context.Context, _ string, ids []string) (map[string]string, error) {
	now := s.clock.Now()
	names := make(map[string]string, len(ids))
	missing := make(map[string]uint64)
	for _, id := range ids {
		name, generation, ok := s.names.get(now, id)
		if ok {
			names[id] = name
		} else {
			missing[id] = generation
		}
	}
	wanted := make([]string, 0, len(missing))
	for id := range missing {
		wanted = append(wanted, id)
	}
	for chunk := range slices.Chunk(wanted, maxNames) {
		found, err := s.loadNames(ctx, chunk)
		if err != nil {
			return nil, fault.Wrap("workspace.OperatorNames", err)
		}
		for id, name := range found {
			names[id] = name
			s.names.put(now, missing[id], id, name)
		}
	}
	return names, nil
}

// KeyNames gives the names of a workspace's API keys by id, those that were revoked
// too. Keys of others are absent.
func (s *Service) KeyNames(ctx context.Context, workspaceID string, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		for from, to := range storage.Chunks(len(ids), 1) {
			args := make([]any, 0, to-from+1)
			for _, id := range ids[from:to] {
				args = append(args, id)
			}
			rows, err := tx.Query(`SELECT id, name FROM api_keys WHERE id IN (VALUES `+storage.Values(to-from, 1)+`) AND workspace_id = $`+strconv.Itoa(to-from+1),
				append(args, workspaceID)...)
			if err != nil {
				return err
			}
			if err := scanKeyNames(rows, names); err != nil {
				return err
			}
		}
		return nil
	})
	return names, fault.Wrap("workspace.KeyNames", err)
}

func scanKeyNames(rows *sql.Rows, into map[string]string) error {
	defer rows.Close()
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		into[id] = name
	}
	return rows.Err()
}

func (s *Service) loadNames(ctx context.Context, ids []string) (map[string]string, error) {
	query, args := namesQuery(ids)
	var (
		found  []Operator
		sealed [][]byte
	)
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		found, sealed = nil, nil
		rows, err := tx.Query(query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var o Operator
			var box []byte
			if err := rows.Scan(&o.ID, &box); err != nil {
				return err
			}
			found, sealed = append(found, o), append(sealed, box)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	profiles, err := s.openProfiles(ctx, found, sealed)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(found))
	for i, o := range found {
		if profiles[i].Name != "" {
			names[o.ID] = profiles[i].Name
		}
	}
	return names, nil
}

// namesQuery asks for operators by id. The number of places is rounded up to a
// power of two, so that few texts are prepared.
func namesQuery(ids []string) (string, []any) {
	room := 1
	for room < len(ids) {
		room *= 2
	}
	var b strings.Builder
	b.WriteString(`SELECT id, profile_sealed FROM operators WHERE id IN (`)
	args := make([]any, room)
	for i := range room {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
		args[i] = ids[min(i, len(ids)-1)]
	}
	b.WriteString(")")
	return b.String(), args
}
