//go:build unix

package workspace

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Alive is the lock by which a process shows that it lives. The operating system takes it away when it dies.
type Alive struct{ file *os.File }

// TryAlive takes the lock, or reports false when another process has it.
func (w Workspace) TryAlive() (*Alive, bool, error) {
	f, err := os.OpenFile(w.control("alive"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return &Alive{f}, true, nil
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, false, f.Close()
	}
	return nil, false, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
}

// Release gives the lock up.
func (a *Alive) Release() error { return a.file.Close() }
