package boards

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	_ "image/gif" // read
	"image/jpeg"
	"image/png"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
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
	unreadable := fault.Invalid("body", "must be a picture: PNG, JPEG, WebP or GIF")
	if width, height, ok := webpSize(file); ok {
		if width > logoSide*4 || height > logoSide*4 {
			return Logo{}, fault.Invalid("body", "must be at most 1024 pixels wide and high")
		}
		picture, ok := bareWebP(file)
		if !ok {
			return Logo{}, unreadable
		}
		return Logo{"image/webp", picture}, nil
	}
	size, kind, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return Logo{}, unreadable
	}
	if size.Width < 1 || size.Height < 1 || size.Width > maxLogoSide || size.Height > maxLogoSide || size.Width*size.Height > maxLogoPixels {
		return Logo{}, fault.Invalid("body", "must have at most 4096 pixels a side and 8 million in all")
	}
	from, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return Logo{}, unreadable
	}
	var out bytes.Buffer
	if kind == "jpeg" {
		err = jpeg.Encode(&out, fitted(from), &jpeg.Options{Quality: 90})
		return Logo{"image/jpeg", out.Bytes()}, err
	}
	err = png.Encode(&out, fitted(from))
	return Logo{"image/png", out.Bytes()}, err
}

// fitted gives a picture at no more than the size that is kept: each pixel is the
// average of those that it stands for.
func fitted(from image.Image) image.Image {
	b := from.Bounds()
	longest := max(b.Dx(), b.Dy())
	if longest <= logoSide {
		out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		for y := range b.Dy() {
			for x := range b.Dx() {
				out.Set(x, y, from.At(b.Min.X+x, b.Min.Y+y))
			}
		}
		return out
	}
	width, height := max(1, b.Dx()*logoSide/longest), max(1, b.Dy()*logoSide/longest)
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			out.Set(x, y, average(from, image.Rect(b.Min.X+x*b.Dx()/width, b.Min.Y+y*b.Dy()/height, b.Min.X+(x+1)*b.Dx()/width, b.Min.Y+(y+1)*b.Dy()/height)))
		}
	}
	return out
}

func average(from image.Image, of image.Rectangle) color.Color {
	of.Max.X, of.Max.Y = max(of.Max.X, of.Min.X+1), max(of.Max.Y, of.Min.Y+1)
	var r, g, b, a, n uint64
	for y := of.Min.Y; y < of.Max.Y; y++ {
		for x := of.Min.X; x < of.Max.X; x++ {
			pr, pg, pb, pa := from.At(x, y).RGBA()
			r, g, b, a, n = r+uint64(pr), g+uint64(pg), b+uint64(pb), a+uint64(pa), n+1
		}
	}
	return color.RGBA64{R: uint16(r / n), G: uint16(g / n), B: uint16(b / n), A: uint16(a / n)} //nolint:gosec // an average of 16-bit values
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
