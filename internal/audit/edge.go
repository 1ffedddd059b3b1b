package audit

import (
	"errors"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// edge is the right edge of a tree: the hashes of the largest whole subtrees that
// cover its leaves, from left to right. There is one for each bit that is set in
// the size. It is all that is needed to append leaves and to know the root.
type edge struct {
	size   int64
	hashes []tlog.Hash
}

var errEdge = errors.New("audit: the edge of a tree does not fit its size")

// readEdge reads an edge as stored.
func readEdge(size int64, stored []byte) (edge, error) {
	if size < 0 || len(stored) != bits.OnesCount64(uint64(size))*tlog.HashSize {
		return edge{}, errEdge
	}
	return edge{size: size, hashes: splitHashes(stored)}, nil
}

// bytes gives the edge as it is stored.
func (e *edge) bytes() []byte { return joinHashes(e.hashes) }

// append adds a leaf and gives its hash, then those of the nodes that it
// completes, lowest first, in into.
func (e *edge) append(leaf tlog.Hash, into []tlog.Hash) []tlog.Hash {
	into = append(into[:0], leaf)
	node := leaf
	for n := e.size; n&1 == 1; n >>= 1 {
		last := len(e.hashes) - 1
		node = tlog.NodeHash(e.hashes[last], node)
		e.hashes = e.hashes[:last]
		into = append(into, node)
	}
	e.hashes = append(e.hashes, node)
	e.size++
	return into
}

// root gives the hash of the whole tree.
func (e *edge) root() tlog.Hash {
	last := len(e.hashes) - 1
	if last < 0 {
		root, _ := tlog.TreeHash(0, nil) // the hash of nothing; reads nothing
		return root
	}
	root := e.hashes[last]
	for i := last - 1; i >= 0; i-- {
		root = tlog.NodeHash(e.hashes[i], root)
	}
	return root
}

// completes gives how many hashes the row at a position has: one more than the
// levels that its leaf completes.
func completes(position int64) int { return bits.TrailingZeros64(^uint64(position)) + 1 }

// placed tells in which row the hash of a node is kept, and as the how manieth.
func placed(storedIndex int64) (position int64, level int) {
	level, n := tlog.SplitStoredHashIndex(storedIndex)
	return (n+1)<<level - 1, level
}

func joinHashes(hashes []tlog.Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		b = append(b, hashes[i][:]...)
	}
	return b
}

func splitHashes(b []byte) []tlog.Hash {
	hashes := make([]tlog.Hash, len(b)/tlog.HashSize)
	for i := range hashes {
		copy(hashes[i][:], b[i*tlog.HashSize:])
	}
	return hashes
}
