package picture

import "encoding/binary"

// gifPixels counts the pixels of all pictures in a GIF without decoding one; see
// the specification of GIF89a. False for what is none.
func gifPixels(file []byte) (pixels int, ok bool) {
	g := gifBlocks{file}
	head, ok := g.take(13)
	if !ok {
		return 0, false
	}
	if _, ok = g.take(tableSize(head[10])); !ok {
		return 0, false
	}
	for {
		block, ok := g.take(1)
		if !ok {
			return pixels, pixels > 0 // some end without a trailer
		}
		switch block[0] {
		case 0x3b: // trailer
			return pixels, pixels > 0
		case 0x21: // extension
			if _, ok := g.take(1); !ok || !g.skip() {
				return 0, false
			}
		case 0x2c: // picture
			d, ok := g.take(9)
			if !ok {
				return 0, false
			}
			pixels += int(binary.LittleEndian.Uint16(d[4:])) * int(binary.LittleEndian.Uint16(d[6:]))
			if _, ok = g.take(tableSize(d[8]) + 1); !ok || !g.skip() {
				return 0, false
			}
		default:
			return 0, false
		}
	}
}

// tableSize gives the bytes of the table of colours that some flags announce.
func tableSize(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

type gifBlocks struct{ rest []byte }

func (g *gifBlocks) take(n int) ([]byte, bool) {
	if len(g.rest) < n {
		return nil, false
	}
	out := g.rest[:n]
	g.rest = g.rest[n:]
	return out, true
}

// skip goes over sub-blocks, each with its length in front.
func (g *gifBlocks) skip() bool {
	for {
		n, ok := g.take(1)
		if !ok {
			return false
		}
		if n[0] == 0 {
			return true
		}
		if _, ok := g.take(int(n[0])); !ok {
			return false
		}
	}
}
