package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
)

var errLocked = errors.New("another process holds the lock")

// lock takes a lock that the operating system drops when its holder dies.
func lock(ctx context.Context, path string, patience time.Duration) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("open the lock %s: %w", path, err)
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	over := time.NewTimer(patience)
	defer over.Stop()
	for {
		err := tryLock(f)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, errLocked) {
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			_ = f.Close()
			return nil, ctx.Err()
		case <-over.C:
			_ = f.Close()
			return nil, fault.Unavailable("another deployment has held the lock %s for %v: see what runs on this machine, and try again", path, patience)
		}
	}
}
