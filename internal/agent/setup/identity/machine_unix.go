//go:build unix

package identity

import "path/filepath"

// Machine returns this machine's protector. configurationHome holds the key file where there is no machine-id.
func Machine(configurationHome string) (Protector, error) {
	return OpenMachineKey("/etc/machine-id", filepath.Join(configurationHome, "machinekey"))
}
