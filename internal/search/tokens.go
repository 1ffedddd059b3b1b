package search

import (
	"encoding/base32"
	"encoding/binary"
	"hash/fnv"
)

// spelling writes a token as a word of 13 lower-case letters and digits, which
// both engines take for one word.
var spelling = base32.HexEncoding.WithPadding(base32.NoPadding)

const spelled = 13 // letters of a token

// kindToken is an extra word of every document, by which a query keeps to some
// kinds without looking at the rows of others. It is no secret.
func kindToken(workspace, kind string) []byte {
	h := fnv.New64a()
	_, _ = h.Write([]byte("kind\x00" + workspace + "\x00" + kind))
	return binary.BigEndian.AppendUint64(nil, h.Sum64())
}

// appendToken spells one token.
func appendToken(dst, token []byte) []byte {
	start := len(dst)
	dst = spelling.AppendEncode(dst, token)
	for i := start; i < len(dst); i++ {
		dst[i] |= 0x20 // lower case; digits have the bit already
	}
	return dst
}

// spell writes tokens with spaces between.
func spell(tokens []byte) string {
	text := make([]byte, 0, len(tokens)/tokenSize*(spelled+1))
	for ; len(tokens) >= tokenSize; tokens = tokens[tokenSize:] {
		if len(text) > 0 {
			text = append(text, ' ')
		}
		text = appendToken(text, tokens[:tokenSize])
	}
	return string(text)
}

// expression writes a query: all of the tokens, and one of the kinds if any are
// given, with the engine's words for and and or.
func expression(workspace string, tokens [][]byte, kinds []string, and, or string) string {
	var b []byte
	for i, token := range tokens {
		if i > 0 {
			b = append(b, and...)
		}
		b = appendToken(b, token)
	}
	if len(kinds) == 0 {
		return string(b)
	}
	b = append(append(b, and...), '(')
	for i, kind := range kinds {
		if i > 0 {
			b = append(b, or...)
		}
		b = appendToken(b, kindToken(workspace, kind))
	}
	return string(append(b, ')'))
}
