package workspace

import (
	"encoding/json"
	"errors"
	"os"
	"time"
)

// Job is what to run and how: everything that a restarted agent, or the process that owns the script, must know.
// What is secret is in the script's own files, or in the environment; not here.
type Job struct {
	Ticket string
	TaskID string
	// V1 says that the ticket was made by the agent.
	V1 bool
	// Shell is the full path of the program; Script the file that it runs; Arguments the command line behind it.
	Shell      string
	PowerShell bool
	Script     string
	Arguments  string

	FullIsolation bool
	MutexName     string
	// MutexTimeout is how long the script may wait for its mutex; zero is without limit.
	MutexTimeout time.Duration

	// OutputGrace is how long the end of the output is waited for when the script itself has ended.
	OutputGrace time.Duration
	// StartupGuard is how long PowerShell may take to begin; zero when the script has no guard.
	StartupGuard time.Duration
}

// SaveJob writes the job; it is written once.
func (w Workspace) SaveJob(j Job) error {
	raw, err := json.Marshal(j)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(w.control("job.json"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	return errors.Join(err, f.Sync(), f.Close())
}

// LoadJob reads the job. The error is fs.ErrNotExist in a folder that a Tentacle made.
func (w Workspace) LoadJob() (Job, error) {
	var j Job
	raw, err := os.ReadFile(w.control("job.json"))
	if err != nil {
		return j, err
	}
	return j, json.Unmarshal(raw, &j)
}
