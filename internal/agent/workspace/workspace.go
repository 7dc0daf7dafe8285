// Package workspace is what an agent keeps on disk for one script: its folder, bootstrap file, uploaded files, state
// and job, and the marks by which the agent and the process that owns the script find each other after a restart.
//
//	<Home>/Work/<ticket>/Bootstrap.sh | Bootstrap.ps1   the script
//	                     Output.log                     its output (package outputlog)
//	                     scriptstate.json               how far it is, as a Tentacle writes it
//	                     .mantle/job.json               what to run, and under which isolation
//	                     .mantle/claim                  made once, by the process that runs the script
//	                     .mantle/alive                  locked by that process as long as it lives
//	                     .mantle/wanted                 removed by the agent to end the script (which works on a full disk, too)
//	                     .mantle/forgotten              made by the agent: delete all this when the script has ended
//	                     .mantle/reserve                room for the last lines and the result on a full disk
//
// It runs nothing. Only internal/agent and its sub-packages import it.
package workspace

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Names inside a workspace that tools look for.
const (
	LogName        = "Output.log"
	StateName      = "scriptstate.json"
	BashName       = "Bootstrap.sh"
	PowerShellName = "Bootstrap.ps1"
	controlName    = ".mantle"
)

// Workspace is the folder of one script.
type Workspace struct {
	Dir string
}

// At returns the workspace at dir, which need not exist.
func At(dir string) Workspace { return Workspace{Dir: dir} }

// maxTicket bounds a ticket so that every path in its workspace stays usable on Windows too.
const maxTicket = 120

// CheckTicket refuses a ticket that is not the name of one folder. An agent must not let the name choose the place.
func CheckTicket(ticket string) error {
	reason := ""
	switch {
	case ticket == "":
		reason = "it is empty"
	case len(ticket) > maxTicket:
		reason = fmt.Sprintf("it is longer than %d bytes", maxTicket)
	case !utf8.ValidString(ticket) || strings.ContainsFunc(ticket, unicode.IsControl):
		reason = "it holds control characters"
	case strings.ContainsAny(ticket, `/\:*?"<>|`):
		reason = `it holds one of / \ : * ? " < > |`
	case strings.HasPrefix(ticket, ".") || strings.HasSuffix(ticket, ".") || strings.TrimSpace(ticket) != ticket:
		reason = "it begins or ends with a dot or a blank"
	case !filepath.IsLocal(ticket):
		reason = "it is not the name of a folder on this machine"
	}
	if reason == "" {
		return nil
	}
	return fault.Invalid("the script ticket %q cannot be used: %s; send letters, digits and hyphens", ticket, reason)
}

// Make creates the folder. It fails if there is one, so that two scripts never share it.
func (w Workspace) Make() error {
	if err := os.MkdirAll(filepath.Dir(w.Dir), 0o755); err != nil {
		return fmt.Errorf("create the agent's work folder: %w", err)
	}
	if err := os.Mkdir(w.Dir, 0o755); err != nil {
		return fmt.Errorf("create workspace: %w", err)
	}
	if err := os.Mkdir(w.control(""), 0o700); err != nil {
		return err
	}
	return touch(w.control("wanted"))
}

// Remove deletes the folder and all in it.
func (w Workspace) Remove() error { return os.RemoveAll(w.Dir) }

// Exists reports whether there is a folder.
func (w Workspace) Exists() bool {
	info, err := os.Stat(w.Dir)
	return err == nil && info.IsDir()
}

// LogPath is where the script's output is kept.
func (w Workspace) LogPath() string { return filepath.Join(w.Dir, LogName) }

// ShimLogPath is where the process that owns the script says what went wrong with itself.
func (w Workspace) ShimLogPath() string { return w.control("shim.log") }

func (w Workspace) control(name string) string { return filepath.Join(w.Dir, controlName, name) }

// Claim makes the caller the one that runs the script. It reports false when somebody was earlier: then the script
// has been started, and must never be started again.
func (w Workspace) Claim() (bool, error) {
	f, err := os.OpenFile(w.control("claim"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("claim script: %w", err)
	}
	return true, f.Close()
}

// Claimed reports whether somebody has run, or runs, the script.
func (w Workspace) Claimed() bool { return exists(w.control("claim")) }

// TryAlive takes the lock of the process that owns the script, or reports false when that process lives.
func (w Workspace) TryAlive() (*Lock, bool, error) { return TryLock(w.control("alive")) }

// Cancel asks the process that owns the script to end it.
func (w Workspace) Cancel() error {
	if err := os.Remove(w.control("wanted")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Cancelled reports whether the script is to be ended. Where all our marks are gone, nobody said so.
func (w Workspace) Cancelled() bool { return !exists(w.control("wanted")) && exists(w.control("")) }

// Forget marks the workspace for deletion as soon as its script has ended.
func (w Workspace) Forget() error { return touch(w.control("forgotten")) }

// Forgotten reports whether the workspace was marked so.
func (w Workspace) Forgotten() bool { return exists(w.control("forgotten")) }

// reserveBytes is room for the last lines of a log and for a state file.
const reserveBytes = 16 << 10

// Reserve takes some room on the disk while there is any.
func (w Workspace) Reserve() error {
	return os.WriteFile(w.control("reserve"), bytes.Repeat([]byte{'.'}, reserveBytes), 0o600)
}

// FreeReserve gives that room back.
func (w Workspace) FreeReserve() error { return os.Remove(w.control("reserve")) }

func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
