//go:build unix

package identity

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	machineIDFile = "/etc/machine-id"
	keyFileName   = "machinekey"
)

// Machine returns the protector of a configuration file: the key file that lies beside it (see KeyBeside), otherwise
// the machine's own key, which is its machine-id, or a key file in configurationHome where there is none.
func Machine(configurationHome, configurationFile string) (Protector, error) {
	beside := keyFileBeside(configurationFile)
	if _, err := os.Stat(beside); err == nil {
		return OpenMachineKey(machineIDFile, beside)
	}
	return OpenMachineKey(machineIDFile, filepath.Join(configurationHome, keyFileName))
}

// KeyBeside makes a key file beside a configuration file that is not there yet, so that the two can move to another
// machine together: a container whose home is a volume has a new machine-id, or none, every time it is made.
func KeyBeside(configurationFile string) error {
	path := keyFileBeside(configurationFile)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(configurationFile); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, err := createKeyFile(path)
	return err
}

func keyFileBeside(configurationFile string) string {
	return filepath.Join(filepath.Dir(configurationFile), keyFileName)
}
