//go:build unix

package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"

	"github.com/mantledeploy/mantle/internal/fault"
)

// giveTo makes a service's user the owner of the files that it must read; files that are not there do not matter.
func giveTo(name string, paths ...string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return fault.NotFound("there is no user %s on this machine", name)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	for _, path := range paths {
		if err := os.Chown(path, uid, gid); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("give %s to the service's user: %w", path, err)
		}
	}
	return nil
}
