package workspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The values of State.State, which are the wire's.
const (
	Pending  = 0
	Running  = 1
	Complete = 2
)

// State is what scriptstate.json holds.
type State struct {
	Created         Stamp
	Started         *Stamp
	Completed       *Stamp
	State           int
	ExitCode        *int32
	RanToCompletion *bool
}

// Stamp is a time in the form that the file has: seven digits and an offset.
type Stamp struct{ time.Time }

// StampNow returns the present time.
func StampNow() Stamp { return Stamp{time.Now().UTC()} }

// MarshalText writes the form.
func (s Stamp) MarshalText() ([]byte, error) {
	return []byte(s.Format("2006-01-02T15:04:05.0000000-07:00")), nil
}

// MarshalJSON writes the form as a JSON string.
func (s Stamp) MarshalJSON() ([]byte, error) {
	text, err := s.MarshalText()
	return append(append([]byte{'"'}, text...), '"'), err
}

// UnmarshalJSON reads any form of RFC 3339.
func (s *Stamp) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &s.Time) }

// Start returns the state of a script that has begun to run.
func (s State) Start() State {
	now := StampNow()
	s.Started, s.State = &now, Running
	return s
}

// End returns the state of a script that has ended. ran says that its process ran to its own end.
func (s State) End(exitCode int32, ran bool) State {
	now := StampNow()
	s.Completed, s.State, s.ExitCode, s.RanToCompletion = &now, Complete, &exitCode, &ran
	return s
}

// LoadState reads the state. The error is fs.ErrNotExist when there is none.
func (w Workspace) LoadState() (State, error) {
	var s State
	raw, err := os.ReadFile(filepath.Join(w.Dir, StateName))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("read %s: %w", filepath.Join(w.Dir, StateName), err)
	}
	return s, nil
}

// SaveState replaces the state, whole or not at all. On a full disk, where no second file fits, it overwrites the
// first in place: a script's result is worth more than the small risk.
func (w Workspace) SaveState(s State) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	path := filepath.Join(w.Dir, StateName)
	err = replace(path, w.control("state.new"), raw)
	if err == nil || !exists(path) {
		return err
	}
	if inPlace := overwrite(path, raw); inPlace != nil {
		return errors.Join(err, inPlace)
	}
	return nil
}

func replace(path, temporary string, raw []byte) error {
	f, err := os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		// A folder that a Tentacle made has no place for our marks.
		temporary = path + ".new"
		f, err = os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary)
	}
	return err
}

func overwrite(path string, raw []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(raw, 0)
	if err == nil {
		err = f.Truncate(int64(len(raw)))
	}
	return errors.Join(err, f.Sync(), f.Close())
}
