package workspace

import (
	"context"
	"encoding/json"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// originSet is the origins that any workspace allows.
type originSet map[string]struct{}

// AllowsOriginAnywhere tells whether any workspace allows the widget on pages of
// the origin. Browsers ask before it is known which workspace a request is for;
// the request itself is then held to its own workspace's list. It reads the
// settings of all workspaces, at most every 10 seconds or after a change.
func (s *Service) AllowsOriginAnywhere(ctx context.Context, origin string) (bool, error) {
	now := s.clock.Now()
	known, generation, ok := s.origins.get(now, struct{}{})
	if !ok {
		var err error
		if known, err = s.loadOrigins(ctx); err != nil {
			return false, fault.Wrap("workspace.AllowsOriginAnywhere", err)
		}
		s.origins.put(now, generation, struct{}{}, known)
	}
	_, allowed := known[origin]
	return allowed, nil
}

func (s *Service) loadOrigins(ctx context.Context) (known originSet, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		known = make(originSet)
		rows, err := tx.Query(`SELECT settings FROM workspaces`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			var settings Settings
			if err := rows.Scan(&text); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(text), &settings); err != nil {
				return err
			}
			for _, origin := range settings.AllowedOrigins {
				known[origin] = struct{}{}
			}
		}
		return rows.Err()
	})
	return known, err
}
