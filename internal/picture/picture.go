package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
)

// Why a picture is not taken.
var (
	ErrUnreadable = errors.New("picture: not a PNG, JPEG, WebP or GIF that can be read")
	ErrTooLarge   = errors.New("picture: more pixels than are read")
)

// Limits bound what is read, and what is made of it.
type Limits struct {
	Side   int // pixels a side of what is read
	Pixels int // pixels of what is read, all frames of a GIF together
	Kept   int // pixels a side of what is kept: larger pictures become smaller
	// Still takes the first picture of a GIF, as PNG.
	Still bool
}

// maxBytes bounds the memory that the pixels of a picture take.
const maxBytes = 128 << 20

// Picture is one that was drawn anew.
type Picture struct {
	Type          string // image/png, image/jpeg, image/gif, image/webp
	Content       []byte
	Width, Height int
}

// Draw gives a picture as it is kept.
func Draw(file []byte, l Limits) (Picture, error) {
	if width, height, ok := webpSize(file); ok {
		return drawWebP(file, width, height, l)
	}
	size, kind, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return Picture{}, ErrUnreadable
	}
	if size.Width < 1 || size.Height < 1 || size.Width > l.Side || size.Height > l.Side || size.Width*size.Height > l.Pixels ||
		size.Width*size.Height*bytesOf(size.ColorModel) > maxBytes {
		return Picture{}, ErrTooLarge
	}
	switch {
	case kind == "gif" && !l.Still:
		return drawGIF(file, l)
	case kind == "jpeg":
		from, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil {
			return Picture{}, ErrUnreadable
		}
		return encoded("image/jpeg", turned(fitted(from, l.Kept), orientation(file)))
	}
	from, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return Picture{}, ErrUnreadable
	}
	return encoded("image/png", fitted(from, l.Kept))
}

// bytesOf gives the memory of a pixel, once it is decoded.
func bytesOf(m color.Model) int {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.Gray16Model:
		return 2
	case color.GrayModel:
		return 1
	}
	if _, palette := m.(color.Palette); palette {
		return 1
	}
	return 4
}

func encoded(kind string, p image.Image) (Picture, error) {
	var out bytes.Buffer
	var err error
	if kind == "image/jpeg" {
		err = jpeg.Encode(&out, p, &jpeg.Options{Quality: 88})
	} else {
		err = (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(&out, p)
	}
	return Picture{kind, out.Bytes(), p.Bounds().Dx(), p.Bounds().Dy()}, err
}

// drawWebP takes the pixels over as they are: it can make them no smaller.
func drawWebP(file []byte, width, height int, l Limits) (Picture, error) {
	if width > l.Kept*4 || height > l.Kept*4 || width*height > l.Pixels {
		return Picture{}, ErrTooLarge
	}
	bare, ok := bareWebP(file)
	if !ok {
		return Picture{}, ErrUnreadable
	}
	return Picture{"image/webp", bare, width, height}, nil
}

// drawGIF writes all pictures of a GIF anew, with their times. It is not made
// smaller.
func drawGIF(file []byte, l Limits) (Picture, error) {
	pixels, ok := gifPixels(file)
	if !ok {
		return Picture{}, ErrUnreadable
	}
	if pixels > l.Pixels {
		return Picture{}, ErrTooLarge
	}
	all, err := gif.DecodeAll(bytes.NewReader(file))
	if err != nil {
		return Picture{}, ErrUnreadable
	}
	var out bytes.Buffer
	if err := gif.EncodeAll(&out, all); err != nil {
		return Picture{}, ErrUnreadable
	}
	return Picture{"image/gif", out.Bytes(), all.Config.Width, all.Config.Height}, nil
}
