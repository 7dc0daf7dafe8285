package blob

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Opener opens the store at a location: the absolute path of a directory, or the URL of an object store. It reaches out to nothing:
// what is wrong with a store is said by its calls.
type Opener func(ctx context.Context, location string) (Store, error)

// OpenPath is the Opener of a program that has the driver for directories alone.
func OpenPath(_ context.Context, location string) (Store, error) {
	if IsURL(location) {
		return nil, fault.Unsupported("this program has no driver for %s; give the path of a directory", location)
	}
	if !filepath.IsAbs(location) {
		return nil, fault.Invalid("the path %s is not absolute; nodes start in different directories", location)
	}
	return OpenDir(location), nil
}

// IsURL tells whether a location is that of an object store.
func IsURL(location string) bool { return strings.Contains(location, "://") }
