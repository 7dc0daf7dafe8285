// Package premises is what a node needs of its own machine before it starts: a data directory that it may write in and has for itself, and
// the files of HTTPS. The server's start refuses by these checks, and mantle doctor reports them; nobody else imports it. It knows no
// database and no cluster, and what it looks at stays as it is.
package premises

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// HomeLock is the file in a data directory that a server of a cluster locks while it runs.
const HomeLock = "node.lock"

// Writable is nil where this process may write in the directory, which exists.
func Writable(dir string) error {
	f, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return fault.Invalid("this user cannot write in the data directory %s: %v; make it this user's own, or choose another with --data-dir", dir, Reason(err)).Because(err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Taken tells whether a server runs on the data directory, or has the SQLite file (empty: none) open.
func Taken(dir, sqlite string) (bool, error) {
	lock := filepath.Join(dir, HomeLock)
	if sqlite != "" {
		lock = sqlite + ".lock"
	}
	return store.LockHeld(lock)
}

// Certificate reads what HTTPS is served with; nil: the settings want HTTP.
func Certificate(certificate, key string) (*tls.Certificate, error) {
	if certificate == "" && key == "" {
		return nil, nil
	}
	if certificate == "" || key == "" {
		return nil, fault.Invalid("--tls-certificate and --tls-key belong together; give both, or neither")
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, fault.Invalid("HTTPS cannot be served: %v; correct --tls-certificate and --tls-key", err).Because(err)
	}
	return &pair, nil
}

// Reason is what the system said, without the paths of helpers.
func Reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
