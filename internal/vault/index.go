package vault

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"

	"github.com/botimum/botimum/internal/fault"
)

const (
	equalSize = 16 // bytes of an equality token
	wordSize  = 8  // bytes of a word's or a prefix's token

	// maxTokens bounds the distinct tokens of one text; what comes after is not
	// found by search.
	maxTokens = 512
)

// What a token is of. It goes into the MAC, so that tokens of one sort never
// match those of another.
const (
	sortEqual  = 1
	sortWord   = 2
	sortPrefix = 3
)

// Index makes the blind tokens of one workspace: HMAC-SHA-256, cut, under a key
// derived from the workspace's own. Equal normal forms give equal tokens within a
// workspace, and unrelated ones between workspaces. It is safe for concurrent use
// and, like a Key, serves one request.
type Index struct{ macs sync.Pool }

// Index gives the blind index of the workspace, whose key is made on first use.
// It fails with fault.Gone("subject_erased") once the workspace was erased.
func (v *Vault) Index(ctx context.Context, workspace string) (*Index, error) {
	s := Subject{Workspace: workspace}
	k, err := v.Key(ctx, s)
	if fault.Is(err, fault.KindGone) {
		if err = v.Create(ctx, s); err == nil {
			k, err = v.Key(ctx, s)
		}
	}
	if err != nil {
		return nil, fault.Wrap("vault.Index", err)
	}
	return k.index, nil
}

// newIndex derives the index key from a workspace's raw key, which seals under
// itself: HKDF keeps the two uses apart.
func newIndex(raw []byte) *Index {
	key, err := hkdf.Key(sha256.New, raw, nil, "botimum blind index 1", sha256.Size)
	if err != nil {
		panic("vault: " + err.Error()) // only a too long output fails
	}
	ix := new(Index)
	ix.macs.New = func() any { return &mac{hash: hmac.New(sha256.New, key)} }
	return ix
}

// mac is a keyed hash with room for its input and output.
type mac struct {
	hash hash.Hash
	text []byte
	sum  [sha256.Size]byte
}

// token appends size bytes of the MAC of text to dst.
func (m *mac) token(dst []byte, size int, text []byte) []byte {
	m.hash.Reset()
	m.hash.Write(text)
	return append(dst, m.hash.Sum(m.sum[:0])[:size]...)
}

// Equal gives the 16-byte token by which a value is looked up. The kind says how
// the value is normalised, and values of different kinds never match:
//
//   - "email": surrounding space removed, NFKC, lower case
//   - "phone": the digits, as 0 to 9, after a + if there is one in front
//   - any other, such as "external_id": as it is
func (ix *Index) Equal(kind, value string) []byte {
	m := ix.macs.Get().(*mac)
	defer ix.macs.Put(m)
	m.text = append(m.text[:0], sortEqual)
	m.text = appendField(m.text, kind)
	m.text = append(m.text, normalise(kind, value)...)
	return m.token(make([]byte, 0, equalSize), equalSize, m.text)
}

// Words gives the 8-byte tokens of the distinct words of a text, in the order in
// which they appear, at most 512. Words are compared without case, width and
// diacritics. Writing without spaces between words (Chinese, Japanese, Thai and
// others, and Korean) is cut into pairs of characters.
func (ix *Index) Words(text string) [][]byte {
	return ix.tokens(sortWord, func(yield func([]byte) bool) { words(text, true, yield) })
}

// QueryWords gives the tokens that a text must all have to match the query; none
// if the query has no word in it.
func (ix *Index) QueryWords(query string) [][]byte {
	return ix.tokens(sortWord, func(yield func([]byte) bool) { words(query, false, yield) })
}

// Prefixes gives the 8-byte tokens of the beginnings of each word of a name, 2 to
// 12 characters long; where characters are not letters of an alphabet, of all
// pieces of 1 to 4 of them.
func (ix *Index) Prefixes(name string) [][]byte {
	return ix.tokens(sortPrefix, func(yield func([]byte) bool) { prefixes(name, yield) })
}

// Prefix gives the token that a name has if one of its words begins with the
// first word of the query; nil if that is too short to tell. Of a longer word
// than Prefixes knows, the beginning counts.
func (ix *Index) Prefix(query string) []byte {
	if all := ix.QueryPrefixes(query); len(all) > 0 {
		return all[0]
	}
	return nil
}

// QueryPrefixes is Prefix for each word of the query; a name matches that has all
// the tokens.
func (ix *Index) QueryPrefixes(query string) [][]byte {
	return ix.tokens(sortPrefix, func(yield func([]byte) bool) { queryPrefixes(query, yield) })
}

// tokens gives the distinct tokens of a sort that each yields texts for.
func (ix *Index) tokens(sort byte, each func(func([]byte) bool)) [][]byte {
	m := ix.macs.Get().(*mac)
	defer ix.macs.Put(m)
	var all []byte
	seen := make(map[uint64]struct{}, 32)
	each(func(text []byte) bool {
		m.text = append(append(m.text[:0], sort), text...)
		all = m.token(all, wordSize, m.text)
		token := binary.BigEndian.Uint64(all[len(all)-wordSize:])
		if _, double := seen[token]; double {
			all = all[:len(all)-wordSize]
		}
		seen[token] = struct{}{}
		return len(seen) < maxTokens
	})
	out := make([][]byte, 0, len(all)/wordSize)
	for ; len(all) > 0; all = all[wordSize:] {
		out = append(out, all[:wordSize:wordSize])
	}
	return out
}
