package picture

import (
	"image"
	"image/draw"
)

// fitted gives a picture at no more than so many pixels a side: each pixel is the
// average of those that it stands for. It reads the picture strip by strip, so that a
// large one is never there twice.
func fitted(from image.Image, side int) image.Image {
	b := from.Bounds()
	longest := max(b.Dx(), b.Dy())
	if longest <= side {
		return from
	}
	width, height := max(1, b.Dx()*side/longest), max(1, b.Dy()*side/longest)
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	var strip *image.RGBA
	for y := range height {
		top, bottom := y*b.Dy()/height, (y+1)*b.Dy()/height
		if strip == nil || strip.Rect.Dy() < bottom-top {
			strip = image.NewRGBA(image.Rect(0, 0, b.Dx(), bottom-top))
		}
		rows := image.Rect(0, 0, b.Dx(), bottom-top)
		draw.Draw(strip, rows, from, image.Pt(b.Min.X, b.Min.Y+top), draw.Src)
		averageRow(out.Pix[y*out.Stride:], strip, rows, width)
	}
	return out
}

// averageRow writes a row of so many pixels, each of which stands for a part of the
// strip.
func averageRow(to []byte, strip *image.RGBA, rows image.Rectangle, width int) {
	for x := range width {
		var sum [4]uint32
		left, right := x*rows.Dx()/width, (x+1)*rows.Dx()/width
		for sy := range rows.Dy() {
			line := strip.Pix[sy*strip.Stride+left*4 : sy*strip.Stride+right*4]
			for i := 0; i < len(line); i += 4 {
				sum[0], sum[1], sum[2], sum[3] = sum[0]+uint32(line[i]), sum[1]+uint32(line[i+1]), sum[2]+uint32(line[i+2]), sum[3]+uint32(line[i+3])
			}
		}
		n := uint32((right - left) * rows.Dy()) //nolint:gosec // at most some hundred pixels
		for i := range sum {
			to[x*4+i] = byte(sum[i] / n) //nolint:gosec // the average of bytes
		}
	}
}

// turned gives a picture as its EXIF orientation says that it is looked at.
func turned(from image.Image, how int) image.Image {
	if how < 2 || how > 8 {
		return from
	}
	b := from.Bounds()
	size := image.Rect(0, 0, b.Dx(), b.Dy())
	if how >= 5 {
		size = image.Rect(0, 0, b.Dy(), b.Dx())
	}
	flat := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(flat, flat.Rect, from, b.Min, draw.Src)
	out := image.NewRGBA(size)
	w, h := b.Dx()-1, b.Dy()-1
	for y := range b.Dy() {
		for x := range b.Dx() {
			to := [9]image.Point{2: {w - x, y}, 3: {w - x, h - y}, 4: {x, h - y}, 5: {y, x}, 6: {h - y, x}, 7: {h - y, w - x}, 8: {y, w - x}}[how]
			copy(out.Pix[to.Y*out.Stride+to.X*4:], flat.Pix[y*flat.Stride+x*4:y*flat.Stride+x*4+4])
		}
	}
	return out
}
