package segment

import (
	"context"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Among gives those of some people of the context's workspace who are in a saved
// segment, now.
func (s *Service) Among(ctx context.Context, segmentID string, ids []string) (in []string, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	p, err := s.Predicate(ctx, segmentID)
	if err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		in, err = p.among(tx, ids, len(ids))
		return err
	})
	return in, fault.Wrap("segment.Among", err)
}
