package audit_test

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// forgery is what somebody does who holds the database, and knows this package's
// source, but not the key: entry changed has another actor, nothing from size on is
// left, and hashes are made to fit.
type forgery struct {
	changed, size int
	hashes        int // how far: one of the constants below
}

const (
	itsLeaf     = iota // only the changed entry's own
	allHashes          // every hash in every row
	andTheEdge         // and the row that says where the log ends, but for its signature
	andSignIt          // and that with a key of their own
	onlyTheTree        // no leaf: a node above the changed entry instead
)

func TestRewritingWithoutTheKeyIsFound(t *testing.T) {
	cases := []struct {
		name    string
		forgery forgery
		want    string
	}{
		{"a leaf", forgery{4, 20, itsLeaf}, `one of the entries 4 to 5 was rewritten together with its hash`},
		{"a leaf on the right", forgery{5, 20, itsLeaf}, `one of the entries 4 to 5 was rewritten together with its hash`},
		{"a node", forgery{7, 20, onlyTheTree}, `one of the entries 6 to 7 was rewritten together with its hash, or the hashes of entry 7 were changed`},
		{"before a checkpoint", forgery{4, 20, andTheEdge}, `one of the entries 0 to 9 was rewritten together with its hashes: the signed checkpoint of size 10`},
		{"after the last checkpoint", forgery{14, 20, andTheEdge}, `the end of the log is not signed by this installation: any entry from 10 on may be false`},
		{"after the last checkpoint, the end left as it was", forgery{14, 20, allHashes},
			`an entry from 10 on was rewritten together with its hashes: the signed end of the log does not fit`},
		{"cut short after the checkpoint", forgery{-1, 15, andTheEdge}, `the end of the log is not signed by this installation: any entry from 10 on may be false`},
		{"cut short to the checkpoint", forgery{-1, 10, andTheEdge}, `the end of the log is not signed by this installation: any entry from 10 on may be false`},
		{"signed with another key", forgery{14, 20, andSignIt}, `the end of the log is not signed by this installation: any entry from 10 on may be false`},
	}
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		history(t, f)
		keep := dump(t, db)
		for _, c := range cases {
			c.forgery.commit(t, db)
			findings, out := verify(t, db)
			if !regexp.MustCompile(c.want).MatchString(strings.Join(findings, "\n")) {
				t.Errorf("%s: no finding matches %q:\n%s", c.name, c.want, out)
			}
			if len(findings) > 2 {
				t.Errorf("%s: %d findings for one thing:\n%s", c.name, len(findings), out)
			}
			restore(t, db, keep)
		}
		mustVerify(t, db)
	})
}

// commit is written apart from the package: from its documentation alone.
func (f forgery) commit(t testing.TB, db *storage.DB) {
	t.Helper()
	err := db.Write(context.Background(), func(tx *storage.Tx) error {
		if f.hashes == onlyTheTree {
			return f.setHashes(tx, f.changed, func(hashes []tlog.Hash) { hashes[1] = hashes[0] })
		}
		if _, err := tx.Exec(`UPDATE audit_entries SET actor_id = 'opr_eve'`+inAcme+`= $1`, f.changed); err != nil {
			return err
		}
		if f.hashes == itsLeaf {
			leaf := tlog.RecordHash(documented(tx, f.changed))
			return f.setHashes(tx, f.changed, func(hashes []tlog.Hash) { hashes[0] = leaf })
		}
		for _, table := range []string{"audit_entries", "access_subjects"} {
			if _, err := tx.Exec(`DELETE FROM `+table+inAcme+`>= $1`, f.size); err != nil {
				return err
			}
		}
		return f.rebuild(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (forgery) setHashes(tx *storage.Tx, position int, change func([]tlog.Hash)) error {
	var stored []byte
	if err := tx.QueryRow(`SELECT hashes FROM audit_entries`+inAcme+`= $1`, position).Scan(&stored); err != nil {
		return err
	}
	hashes := make([]tlog.Hash, len(stored)/tlog.HashSize)
	for i := range hashes {
		copy(hashes[i][:], stored[i*tlog.HashSize:])
	}
	change(hashes)
	_, err := tx.Exec(`UPDATE audit_entries SET hashes = $1`+inAcme+`= $2`, joined(hashes), position)
	return err
}

// rebuild makes all hashes fit what stands in the rows now.
func (f forgery) rebuild(tx *storage.Tx) error {
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, _ error) {
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for position := range f.size {
		hashes, err := tlog.StoredHashes(int64(position), documented(tx, position), read)
		if err != nil {
			return err
		}
		stored = append(stored, hashes...)
		if _, err := tx.Exec(`UPDATE audit_entries SET hashes = $1`+inAcme+`= $2`, joined(hashes), position); err != nil {
			return err
		}
	}
	if f.hashes == allHashes {
		return nil
	}
	var edge []tlog.Hash
	for level, from := 62, int64(0); level >= 0; level-- {
		if f.size>>level&1 == 1 {
			edge = append(edge, stored[tlog.StoredHashIndex(level, from>>level)])
			from += 1 << level
		}
	}
	if _, err := tx.Exec(`UPDATE audit_trees SET size = $1, edge = $2 WHERE workspace_id = 'wsp_acme'`, f.size, joined(edge)); err != nil {
		return err
	}
	if f.hashes == andTheEdge {
		return nil
	}
	root, err := tlog.TreeHash(int64(f.size), read)
	if err != nil {
		return err
	}
	message := text([]byte("botimum audit head v1\x00"), acme)
	message = append(binary.BigEndian.AppendUint64(message, uint64(f.size)), root[:]...)
	key := ed25519.NewKeyFromSeed([]byte("another key of thirty-two bytes!"))
	_, err = tx.Exec(`UPDATE audit_trees SET signature = $1 WHERE workspace_id = 'wsp_acme'`, ed25519.Sign(key, message))
	return err
}

// documented gives the record of an entry as the package's documentation has it.
func documented(tx *storage.Tx, position int) []byte {
	var f [8]string
	var at int64
	err := tx.QueryRow(`SELECT id, actor_type, actor_id, action, target_type, target_id, details, occurred_at FROM audit_entries`+inAcme+`= $1`, position).
		Scan(&f[0], &f[1], &f[2], &f[3], &f[4], &f[5], &f[6], &at)
	if err != nil {
		return nil
	}
	b := text([]byte("botimum audit entry v1\x00"), acme)
	b = binary.BigEndian.AppendUint64(b, uint64(position))
	for _, s := range f[:7] {
		b = text(b, s)
	}
	return binary.BigEndian.AppendUint64(b, uint64(at))
}

func text(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

func joined(hashes []tlog.Hash) (b []byte) {
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}
