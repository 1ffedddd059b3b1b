package blob

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func TestSealedFilesComeBack(t *testing.T) {
	s := Sealed{inDir(t, t.TempDir())}
	for _, size := range []int{1, 15, segmentSize - 100, segmentSize - 16, segmentSize, segmentSize + 1, 3*segmentSize + 7} {
		plain, key := make([]byte, size), NewKey()
		for i := range plain {
			plain[i] = byte(rand.Uint32()) //nolint:gosec // any content will do
		}
		n, err := s.Put(t.Context(), "wsp_1/fil_1", key, bytes.NewReader(plain))
		if err != nil || n != int64(size) {
			t.Fatal(n, err)
		}
		if raw := get(t, s.Store, "wsp_1/fil_1"); size > 8 && strings.Contains(raw, string(plain[:8])) {
			t.Errorf("%d bytes are stored as they came", size)
		}
		f := s.Open(t.Context(), "wsp_1/fil_1", key, int64(size))
		if err := iotest.TestReader(f, plain); err != nil { // seeks, too
			t.Errorf("%d bytes: %v", size, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAnyPartOfAFileCanBeRead(t *testing.T) {
	s, key := Sealed{inDir(t, t.TempDir())}, NewKey()
	plain := []byte(strings.Repeat("all work and no play ", 20_000))
	if _, err := s.Put(t.Context(), "wsp_1/fil_1", key, bytes.NewReader(plain)); err != nil {
		t.Fatal(err)
	}
	f := s.Open(t.Context(), "wsp_1/fil_1", key, int64(len(plain)))
	defer f.Close()
	rapid.Check(t, func(r *rapid.T) {
		from := rapid.IntRange(0, len(plain)).Draw(r, "from")
		n := rapid.IntRange(0, len(plain)-from).Draw(r, "n")
		if _, err := f.Seek(int64(from), io.SeekStart); err != nil {
			r.Fatal(err)
		}
		got := make([]byte, n)
		if _, err := io.ReadFull(f, got); err != nil || !bytes.Equal(got, plain[from:from+n]) {
			r.Fatalf("%d from %d: %v", n, from, err)
		}
	})
}

// What was changed, cut short, moved or sealed for another does not open.
func TestBrokenFilesDoNotOpen(t *testing.T) {
	s, key := Sealed{inDir(t, t.TempDir())}, NewKey()
	plain := bytes.Repeat([]byte("secret "), 30_000)
	if _, err := s.Put(t.Context(), "wsp_1/fil_1", key, bytes.NewReader(plain)); err != nil {
		t.Fatal(err)
	}
	raw := get(t, s.Store, "wsp_1/fil_1")
	flipped := []byte(raw)
	flipped[segmentSize+100] ^= 1
	swapped := raw[:segmentSize] + raw[2*segmentSize:3*segmentSize] + raw[segmentSize:2*segmentSize] + raw[3*segmentSize:]
	for what, stored := range map[string]string{
		"a changed byte": string(flipped), "a missing end": raw[:len(raw)-1], "a missing segment": raw[:2*segmentSize], "swapped segments": swapped,
		"something behind": raw + "x", "nothing": "", "half a header": raw[:10],
	} {
		put(t, s.Store, "wsp_1/fil_1", stored)
		if _, err := io.ReadAll(s.Open(t.Context(), "wsp_1/fil_1", key, int64(len(plain)))); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", what, err)
		}
	}
	put(t, s.Store, "wsp_1/fil_2", raw)
	if _, err := io.ReadAll(s.Open(t.Context(), "wsp_1/fil_2", key, int64(len(plain)))); !errors.Is(err, ErrBroken) {
		t.Errorf("under another name: %v", err)
	}
	put(t, s.Store, "wsp_1/fil_1", raw)
	if _, err := io.ReadAll(s.Open(t.Context(), "wsp_1/fil_1", NewKey(), int64(len(plain)))); !errors.Is(err, ErrBroken) {
		t.Errorf("with another key: %v", err)
	}
	if _, err := io.ReadAll(s.Open(t.Context(), "wsp_1/fil_1", key, int64(len(plain))+5)); !errors.Is(err, ErrBroken) {
		t.Errorf("of another size: %v", err)
	}
}

// An upload that breaks off does not become a file that looks whole.
func TestBrokenOffUploadIsNoFile(t *testing.T) {
	each(t, func(t *testing.T, store Store) {
		cut := errors.New("the connection is gone")
		from := io.MultiReader(strings.NewReader(strings.Repeat("x", 300_000)), iotest.ErrReader(cut))
		if _, err := (Sealed{store}).Put(t.Context(), "wsp_1/fil_1", NewKey(), from); !errors.Is(err, cut) {
			t.Errorf("got %v", err)
		}
		if got := list(t, store); len(got) > 0 {
			t.Errorf("there is %v", got)
		}
	})
}
