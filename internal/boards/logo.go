package boards

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/picture"
	"github.com/botimum/botimum/internal/storage"
)

const (
	maxLogo       = 100 << 10
	maxLogoSide   = 4096    // of a picture that is read
	maxLogoPixels = 8 << 20 // of one: 32 MB in memory
	logoSide      = 256     // of one that is kept, at most
)

// Logo is a board's picture.
type Logo struct {
	Type    string // image/png, image/jpeg, image/webp
	Picture []byte
}

// drawn gives a picture as it is kept: PNG and JPEG drawn anew from their pixels, a
// GIF as the PNG of its first, a WebP without all but its pixels. What a camera or a
// person wrote beside them goes.
func drawn(file []byte) (Logo, error) {
	if len(file) > maxLogo {
		return Logo{}, fault.Invalid("body", "must be a picture of at most 100 KB")
	}
	p, err := picture.Draw(file, picture.Limits{Side: maxLogoSide, Pixels: maxLogoPixels, Kept: logoSide, Still: true})
	switch {
	case errors.Is(err, picture.ErrTooLarge):
		return Logo{}, fault.Invalid("body", "must have at most 4096 pixels a side and 8 million in all, and 1024 a side as WebP")
	case err != nil:
		return Logo{}, fault.Invalid("body", "must be a picture: PNG, JPEG, WebP or GIF")
	}
	return Logo{p.Type, p.Content}, nil
}

// SetLogo gives a board a picture. With nil the board loses it.
func (s *Service) SetLogo(ctx context.Context, boardID string, file []byte) (out Board, err error) {
	a := actor.From(ctx)
	var logo Logo
	name, said := "", "removed"
	if _, err := s.Board(ctx, boardID); err != nil { // before the file is looked at
		return Board{}, err
	}
	if file != nil {
		if logo, err = drawn(file); err != nil {
			return Board{}, fault.Wrap("boards.SetLogo", err)
		}
		sum := sha256.Sum256(logo.Picture)
		name, said = hex.EncodeToString(sum[:8]), "changed"
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("board " + boardID); err != nil {
			return err
		}
		if out, err = loadBoard(tx, a.WorkspaceID, boardID); err != nil {
			return err
		}
		out.Logo, out.UpdatedAt = name, later(s.Clock.Now(), out.UpdatedAt)
		if _, err := tx.Exec(`DELETE FROM board_logos WHERE workspace_id = $1 AND board_id = $2`, a.WorkspaceID, boardID); err != nil {
			return err
		}
		if name != "" {
			_, err := tx.Exec(`INSERT INTO board_logos (workspace_id, board_id, type, picture) VALUES ($1, $2, $3, $4)`, a.WorkspaceID, boardID, logo.Type, logo.Picture)
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(`UPDATE boards SET logo = $1, updated_at = $2 WHERE workspace_id = $3 AND id = $4`, name, clock.Micros(out.UpdatedAt), a.WorkspaceID, boardID)
		if err != nil {
			return err
		}
		return s.record(tx, a, "board.updated", "board", boardID, map[string]string{"logo": said})
	})
	if err == nil {
		err = s.address(ctx, &out)
	}
	return out, fault.Wrap("boards.SetLogo", err)
}

// LogoOf gives a board's picture.
func (s *Service) LogoOf(ctx context.Context, boardID string) (logo Logo, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT type, picture FROM board_logos WHERE workspace_id = $1 AND board_id = $2`, actor.From(ctx).WorkspaceID, boardID).
			Scan(&logo.Type, &logo.Picture)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.NotFound("picture")
	}
	return logo, fault.Wrap("boards.LogoOf", err)
}
