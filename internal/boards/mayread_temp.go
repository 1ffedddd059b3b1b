package boards

import (
	"context"

	"github.com/botimum/botimum/internal/fault"
)

// This file goes with the settings of the boards' pages, which know segments.

// MayRead tells whether a contact ("" for nobody) may read a board: nil, or not found.
func (s *Service) MayRead(_ context.Context, b *Board, contactID string) error {
	if b.Visibility == Public || b.Visibility == Contacts && contactID != "" {
		return nil
	}
	return fault.NotFound("board")
}
