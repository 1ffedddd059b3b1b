//go:build unix

package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

const lockName = "botimum.lock"

// LockDir makes this process the only one that may use dir, until unlock is
// called or the process ends, however it ends. A second process gets an error
// of one line that says so.
func LockDir(dir string) (unlock func(), err error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, cannotOpen(path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("storage: another botimum is using %s; stop it first, or give this one another data directory", dir)
		}
		return nil, fmt.Errorf("storage: %s cannot be locked: %w", dir, err)
	}
	return sync.OnceFunc(func() { f.Close() }), nil
}
