package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/mantledeploy/mantle/internal/fault"
)

// MasterKeyFile is the name of the master key's file in the data directory.
const MasterKeyFile = "master.key"

// LoadOrCreateMasterKey reads the master key of a data directory, and makes one where there is none. It says
// whether it was made now: then it is to be shown to the operator, once. Two servers that start together on an
// empty directory end with the same key.
func LoadOrCreateMasterKey(dataDir string) (key MasterKey, created bool, err error) {
	path := filepath.Join(dataDir, MasterKeyFile)
	key, err = ReadMasterKeyFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, false, err
	}
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return MasterKey{}, false, fault.Invalid("the data directory %s cannot be made: %v; choose another with --data-dir", dataDir, err)
	}
	key = NewMasterKey()
	err = createMasterKeyFile(path, key)
	if errors.Is(err, fs.ErrExist) {
		key, err = ReadMasterKeyFile(path)
		return key, false, err
	}
	if err != nil {
		return MasterKey{}, false, fmt.Errorf("write master key %s: %w", path, err)
	}
	return key, true, nil
}

// ReadMasterKeyFile reads a master key's file. The error is fs.ErrNotExist where there is none.
func ReadMasterKeyFile(path string) (MasterKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return MasterKey{}, fmt.Errorf("read master key: %w", err)
	}
	// The group may read it where an orchestrator's volume says so; everybody may not.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0 {
		return MasterKey{}, fault.Invalid("the master key's file %s is open to every user of this machine (mode %04o); run: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return MasterKey{}, fmt.Errorf("read master key: %w", err)
	}
	key, err := ParseMasterKey(string(text))
	if err != nil {
		return MasterKey{}, fmt.Errorf("master key's file %s: %w", path, err)
	}
	return key, nil
}

// ReplaceMasterKeyFile writes another master key to a data directory whose key is being rotated: at every moment the file holds the one or the
// other, whole.
func ReplaceMasterKeyFile(dataDir string, key MasterKey) error {
	path := filepath.Join(dataDir, MasterKeyFile)
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("replace master key: %w", err)
	}
	tmp, err := os.CreateTemp(dataDir, ".master.key-*")
	if err != nil {
		return fmt.Errorf("replace master key: %w", err)
	}
	_, err = tmp.WriteString(key.Text().Reveal() + "\n")
	err = errors.Join(err, tmp.Chmod(info.Mode().Perm()), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("replace master key %s: %w", path, errors.Join(err, os.Remove(tmp.Name())))
	}
	return syncDir(dataDir)
}

// syncDir makes a renamed file last where the system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// createMasterKeyFile writes the whole file under another name and links it: a half-written key is never seen,
// and an existing one is never replaced.
func createMasterKeyFile(path string, key MasterKey) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".master.key-*") // CreateTemp uses mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(tmp.Name())) }()
	_, err = tmp.WriteString(key.Text().Reveal() + "\n")
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without hard links: create it in place.
	return writeExclusive(path, key.Text().Reveal()+"\n")
}

func writeExclusive(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
