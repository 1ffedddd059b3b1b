package picture

import "encoding/binary"

// WebP files are RIFF containers (RFC 9649): chunks of four letters, a length in
// little-endian bytes, and the data, padded to an even length.

// webpSize gives the size of a still WebP picture in pixels; false for what is none.
func webpSize(file []byte) (width, height int, ok bool) {
	chunks, ok := webpChunks(file)
	if !ok {
		return 0, 0, false
	}
	for _, c := range chunks {
		switch d := c.data; {
		case c.name == "VP8 " && len(d) >= 10 && d[0]&1 == 0 && d[3] == 0x9d && d[4] == 0x01 && d[5] == 0x2a:
			return int(binary.LittleEndian.Uint16(d[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(d[8:]) & 0x3fff), true
		case c.name == "VP8L" && len(d) >= 5 && d[0] == 0x2f:
			bits := binary.LittleEndian.Uint32(d[1:])
			return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1, true
		}
	}
	return 0, 0, false
}

type webpChunk struct {
	name string
	data []byte
}

func webpChunks(file []byte) (out []webpChunk, ok bool) {
	if len(file) < 20 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WEBP" {
		return nil, false
	}
	for rest := file[12:]; len(rest) >= 8; {
		n := int(binary.LittleEndian.Uint32(rest[4:]))
		if n < 0 || n > len(rest)-8 {
			return nil, false
		}
		out = append(out, webpChunk{string(rest[:4]), rest[8 : 8+n]})
		rest = rest[min(len(rest), 8+n+n&1):]
	}
	return out, true
}

// What the extended header says of the file; see RFC 9649, section 2.7.1.
const webpAlpha = 0x10

// bareWebP writes a still picture anew with nothing but its pixels and their alpha:
// no EXIF, XMP or colour profile, and nothing after the end.
func bareWebP(file []byte) ([]byte, bool) {
	chunks, ok := webpChunks(file)
	if !ok {
		return nil, false
	}
	var header, alpha, pixels *webpChunk
	for i := range chunks {
		c := &chunks[i]
		switch c.name {
		case "VP8X":
			header = c
		case "ALPH":
			alpha = c
		case "VP8 ", "VP8L":
			if pixels != nil {
				return nil, false
			}
			pixels = c
		case "ANIM", "ANMF":
			return nil, false
		}
	}
	if pixels == nil {
		return nil, false
	}
	body := []byte("WEBP")
	if header != nil && alpha != nil && pixels.name == "VP8 " && len(header.data) == 10 {
		plain := append([]byte{webpAlpha, 0, 0, 0}, header.data[4:]...)
		body = appendChunk(appendChunk(body, "VP8X", plain), "ALPH", alpha.data)
	}
	body = appendChunk(body, pixels.name, pixels.data)
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))) //nolint:gosec // at most 100 KB
	return append(out, body...), true
}

func appendChunk(to []byte, name string, data []byte) []byte {
	to = binary.LittleEndian.AppendUint32(append(to, name...), uint32(len(data))) //nolint:gosec // at most 100 KB
	to = append(to, data...)
	if len(data)%2 == 1 {
		to = append(to, 0)
	}
	return to
}
