// Package instance keeps the list of the agents on a machine: a small file for each, naming its configuration
// file, in the machine's configuration directory or, for a user without administration rights, in the user's own.
// It does not read configurations. Only internal/agent/setup may import it.
package instance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// DefaultName is the instance that a command means when none is named.
const DefaultName = "Tentacle"

// Instance is one agent on this machine.
type Instance struct {
	Name              string `json:"Name"`
	ConfigurationFile string `json:"ConfigurationFilePath"`
}

// Index is the directory of instances.
type Index struct{ dir string }

// NewIndex returns the index below a configuration directory (see Directories).
func NewIndex(configurationHome string) *Index {
	return &Index{dir: filepath.Join(configurationHome, "Tentacle", "Instances")}
}

// FileName returns the file of an instance: lower case, blanks as hyphens.
func (x *Index) FileName(name string) string {
	return filepath.Join(x.dir, strings.ReplaceAll(strings.ToLower(name), " ", "-")+".config")
}

// List returns all instances by name. Files that are not readable as an instance are left out.
func (x *Index) List() ([]Instance, error) {
	entries, err := os.ReadDir(x.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the instances in %s: %w", x.dir, err)
	}
	var list []Instance
	for _, e := range entries {
		if !strings.EqualFold(filepath.Ext(e.Name()), ".config") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(x.dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read instance file %s: %w", e.Name(), err)
		}
		var i Instance
		if json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &i) == nil && i.Name != "" {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b Instance) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// Find returns an instance by its name, without regard to case.
func (x *Index) Find(name string) (Instance, bool, error) {
	list, err := x.List()
	if err != nil {
		return Instance{}, false, err
	}
	i := slices.IndexFunc(list, func(i Instance) bool { return strings.EqualFold(i.Name, name) })
	if i < 0 {
		return Instance{}, false, nil
	}
	return list[i], true, nil
}

// Save adds an instance, or replaces the one of the same name.
func (x *Index) Save(i Instance) error {
	if err := CheckName(i.Name); err != nil {
		return err
	}
	data, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(x.dir, 0o755); err != nil {
		return fmt.Errorf("create the directory of instances: %w", err)
	}
	tmp, err := os.CreateTemp(x.dir, "*.new")
	if err != nil {
		return fmt.Errorf("write instance file: %w", err)
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), x.FileName(i.Name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write instance file: %w", err), os.Remove(tmp.Name()))
	}
	return nil
}

// Delete takes an instance off the list. Its configuration file stays.
func (x *Index) Delete(i Instance) error {
	if err := os.Remove(x.FileName(i.Name)); err != nil {
		return fmt.Errorf("delete instance %s: %w", i.Name, err)
	}
	return nil
}

// CheckName refuses names that cannot be a file's name.
func CheckName(name string) error {
	if strings.TrimSpace(name) == "" {
		return errors.New("an instance needs a name, for example --instance=Tentacle")
	}
	if strings.ContainsAny(name, `/\:*?"<>|`) || strings.Trim(name, ". ") == "" {
		return fmt.Errorf("instance name %q has a character that a file's name cannot have; use letters, digits, blanks, - and _", name)
	}
	return nil
}
