package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

var usual = Limits{Side: 4096, Pixels: 4 << 20, Kept: 200}

// halves is a picture whose upper left quarter is red and the rest white.
func halves(w, h int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 255, 255, 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{200, 0, 0, 255}
			}
			p.SetRGBA(x, y, c)
		}
	}
	return p
}

func encode(t *testing.T, kind string, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	err := png.Encode(&b, p)
	if kind == "jpeg" {
		b.Reset()
		err = jpeg.Encode(&b, p, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif gives a JPEG with an EXIF segment that turns it and says where it was taken.
func exif(file []byte, order binary.AppendByteOrder, mark string, how uint16) []byte {
	body := append([]byte("Exif\x00\x00"), mark...)
	body = order.AppendUint16(body, 42)
	body = order.AppendUint32(body, 8)
	body = order.AppendUint16(body, 2)
	body = order.AppendUint16(body, 0x0110)
	body = append(body, "\x00\x02\x00\x00\x00\x04CAM!"...)
	body = order.AppendUint16(body, 0x0112)
	body = order.AppendUint16(body, 3)
	body = order.AppendUint32(body, 1)
	body = order.AppendUint16(body, how)
	body = append(body, "\x00\x00GPS 52.5200N 13.4050E"...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	return append(append(out, body...), file[2:]...)
}

func decode(t *testing.T, p Picture) image.Image {
	t.Helper()
	out, kind, err := image.Decode(bytes.NewReader(p.Content))
	if err != nil || "image/"+kind != p.Type || out.Bounds().Dx() != p.Width || out.Bounds().Dy() != p.Height {
		t.Fatalf("%s of %dx%d: %v", p.Type, p.Width, p.Height, err)
	}
	return out
}

func isRed(c color.Color) bool {
	r, g, _, _ := c.RGBA()
	return r > 0x9000 && g < 0x4000
}

func TestPicturesAreTurnedAndBare(t *testing.T) {
	corners := map[uint16]image.Point{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}}
	for how, corner := range corners {
		for mark, order := range map[string]binary.AppendByteOrder{"II": binary.LittleEndian, "MM": binary.BigEndian} {
			p, err := Draw(exif(encode(t, "jpeg", halves(80, 40)), order, mark, how), usual)
			if err != nil {
				t.Fatal(err)
			}
			out := decode(t, p)
			if turned := how >= 5; turned != (p.Height > p.Width) {
				t.Errorf("turned as %d it has %dx%d", how, p.Width, p.Height)
			}
			at := image.Pt(2+corner.X*(p.Width-5), 2+corner.Y*(p.Height-5))
			if !isRed(out.At(at.X, at.Y)) {
				t.Errorf("turned as %d, %v is %v", how, at, out.At(at.X, at.Y))
			}
			if bytes.Contains(p.Content, []byte("GPS 52.52")) || bytes.Contains(p.Content, []byte("Exif\x00\x00")) || bytes.Contains(p.Content, []byte("\x04CAM!")) {
				t.Error("what the camera wrote is still there")
			}
		}
	}
}

func TestPicturesBecomeSmaller(t *testing.T) {
	for _, kind := range []string{"png", "jpeg"} {
		file := append(encode(t, kind, halves(1000, 500)), "<script>alert(1)</script>"...)
		p, err := Draw(file, usual)
		if err != nil || p.Width != 200 || p.Height != 100 {
			t.Fatalf("%dx%d, %v", p.Width, p.Height, err)
		}
		out := decode(t, p)
		if !isRed(out.At(10, 10)) || isRed(out.At(190, 10)) || isRed(out.At(10, 90)) {
			t.Errorf("%s: the colours moved", kind)
		}
		if bytes.Contains(p.Content, []byte("script")) {
			t.Errorf("%s: its tail is still there", kind)
		}
	}
	thin, err := Draw(encode(t, "png", halves(2000, 1)), usual)
	if err != nil || thin.Width != 200 || thin.Height != 1 {
		t.Errorf("%dx%d, %v", thin.Width, thin.Height, err)
	}
}

// bomb is a PNG of a few bytes that says it has many pixels.
func bomb(w, h uint32, depth byte) []byte {
	head := append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h), depth, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), binary.BigEndian.AppendUint32(nil, 13)...)
	out = append(out, head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

func TestBombsAreRefusedByTheirHeader(t *testing.T) {
	frames := &gif.GIF{}
	for range 600 {
		frames.Image = append(frames.Image, image.NewPaletted(image.Rect(0, 0, 100, 100), color.Palette{color.Black, color.White}))
		frames.Delay = append(frames.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, frames); err != nil {
		t.Fatal(err)
	}
	webp := append([]byte("RIFF\x16\x00\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f"), 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0)
	for what, file := range map[string][]byte{"wide": bomb(50_000, 10, 8), "large": bomb(4000, 4000, 8), "deep": bomb(1<<16, 1<<16, 16), "a long GIF": b.Bytes(), "a WebP": webp} {
		if _, err := Draw(file, usual); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", what, err)
		}
	}
	deep := Limits{Side: 1 << 20, Pixels: 1 << 30, Kept: 200}
	if _, err := Draw(bomb(5000, 5000, 16), deep); !errors.Is(err, ErrTooLarge) {
		t.Errorf("200 MB of pixels: %v", err)
	}
}

func TestMovingPicturesMoveOn(t *testing.T) {
	all := &gif.GIF{LoopCount: 3}
	for i := range 4 {
		p := image.NewPaletted(image.Rect(0, 0, 30, 20), color.Palette{color.Black, color.White})
		p.SetColorIndex(i, 0, 1)
		all.Image, all.Delay = append(all.Image, p), append(all.Delay, 7*i)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, all); err != nil {
		t.Fatal(err)
	}
	file := append(b.Bytes()[:b.Len()-1], "\x21\xfe\x06secret\x00\x3b"...)
	p, err := Draw(file, usual)
	if err != nil || p.Type != "image/gif" || p.Width != 30 {
		t.Fatal(p.Type, p.Width, err)
	}
	again, err := gif.DecodeAll(bytes.NewReader(p.Content))
	if err != nil || len(again.Image) != 4 || again.Delay[2] != 14 || again.LoopCount != 3 || bytes.Contains(p.Content, []byte("secret")) {
		t.Errorf("%d pictures, %v", len(again.Image), err)
	}
	still, err := Draw(file, Limits{Side: 100, Pixels: 10_000, Kept: 100, Still: true})
	if err != nil || still.Type != "image/png" {
		t.Error(still.Type, err)
	}
}

func TestWhatIsNoPicture(t *testing.T) {
	whole := encode(t, "png", halves(50, 50))
	for what, file := range map[string][]byte{"nothing": nil, "HTML": []byte("<html><script>"), "half a picture": whole[:len(whole)/2], "a header": whole[:33],
		"a text that begins like one": []byte("GIF89a\x01\x00\x01\x00;alert(1)"), "an SVG": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "half a WebP": []byte("RIFF\x00\x00\x00\x00WEBPVP8 ")} {
		if p, err := Draw(file, usual); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: %v, %v", what, p.Type, err)
		}
	}
}

func FuzzDraw(f *testing.F) {
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00\x00\x00"))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8L"))
	f.Add(bomb(3, 3, 8))
	f.Fuzz(func(t *testing.T, file []byte) {
		orientation(file)
		gifPixels(file)
		if p, err := Draw(file, Limits{Side: 300, Pixels: 90_000, Kept: 100}); err == nil && (len(p.Content) == 0 || p.Width < 1) {
			t.Errorf("an empty picture of %q", file)
		}
	})
}
