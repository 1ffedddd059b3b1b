package enrich

import (
	"bytes"
	"image"
	"image/color"
	_ "image/gif"  // read
	_ "image/jpeg" // read
	"image/png"
)

const (
	pictureSide = 128     // pixels of a picture as it is kept
	maxSide     = 4096    // of one that is read
	maxPixels   = 8 << 20 // of one that is read: 32 MB in memory
)

// redraw gives a picture as it is kept: a square PNG of 128 pixels, drawn anew from
// its pixels, so that nothing else that the file carried comes along. What is no
// PNG, JPEG or GIF, or too large to be a portrait, is refused before it is unpacked.
func redraw(file []byte) ([]byte, error) {
	size, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, &failure{code: "picture_unreadable"}
	}
	if size.Width < 1 || size.Height < 1 || size.Width > maxSide || size.Height > maxSide || size.Width*size.Height > maxPixels {
		return nil, &failure{code: "picture_too_large"}
	}
	from, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, &failure{code: "picture_unreadable"}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, square(from)); err != nil {
		return nil, &failure{code: "picture_unreadable"}
	}
	return out.Bytes(), nil
}

// square gives the middle of a picture at the size that is kept: each pixel is the
// average of those that it stands for.
func square(from image.Image) *image.NRGBA {
	b := from.Bounds()
	side := min(b.Dx(), b.Dy())
	left, top := b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2
	out := image.NewNRGBA(image.Rect(0, 0, pictureSide, pictureSide))
	span := func(i int) (from, to int) {
		from = i * side / pictureSide
		return from, max(from+1, (i+1)*side/pictureSide)
	}
	for y := range pictureSide {
		y0, y1 := span(y)
		for x := range pictureSide {
			x0, x1 := span(x)
			out.SetNRGBA(x, y, average(from, left+x0, top+y0, left+x1, top+y1))
		}
	}
	return out
}

func average(from image.Image, x0, y0, x1, y1 int) color.NRGBA {
	var r, g, b, a, n uint64
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			pr, pg, pb, pa := from.At(x, y).RGBA()
			r, g, b, a, n = r+uint64(pr), g+uint64(pg), b+uint64(pb), a+uint64(pa), n+1
		}
	}
	mean := color.RGBA64{R: uint16(r / n), G: uint16(g / n), B: uint16(b / n), A: uint16(a / n)} //nolint:gosec // an average of 16-bit values
	return color.NRGBAModel.Convert(mean).(color.NRGBA)
}
