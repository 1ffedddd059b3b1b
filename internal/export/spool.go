package export

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"io"
	"os"
)

// spool is a temporary file that only this process can read: it is encrypted with
// a key that is nowhere else, and has no name once it is open. It is written once
// and then read once.
type spool struct {
	file   *os.File
	block  cipher.Block
	buffer *bufio.Writer
	size   int64
}

const spoolBuffer = 64 << 10

func newSpool(dir string) (*spool, error) {
	key := make([]byte, 32)
	rand.Read(key) // never fails: the process ends if the random source does
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(dir, "export-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return nil, err
	}
	s := &spool{file: file, block: block}
	s.buffer = bufio.NewWriterSize(cipher.StreamWriter{S: s.stream(), W: file}, spoolBuffer)
	return s, nil
}

// stream begins the key stream anew. Each file has a key of its own, so that the
// first block may have the number 0.
func (s *spool) stream() cipher.Stream {
	return cipher.NewCTR(s.block, make([]byte, aes.BlockSize))
}

// Write adds to the file.
func (s *spool) Write(p []byte) (int, error) {
	n, err := s.buffer.Write(p)
	s.size += int64(n)
	return n, err
}

// rewind ends the writing and gives what was written.
func (s *spool) rewind() (io.Reader, error) {
	if err := s.buffer.Flush(); err != nil {
		return nil, err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return cipher.StreamReader{S: s.stream(), R: s.file}, nil
}

// Close lets go of the file, and so of its bytes.
func (s *spool) Close() error { return s.file.Close() }
