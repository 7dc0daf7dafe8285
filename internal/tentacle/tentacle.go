// Package tentacle is what a server says to an agent: start this script once, how far is it, cancel it, forget it, take this
// file. It hides whether the agent speaks version 1 or 2 of the script service, listens or polls, or is this server's own
// built-in worker.
//
// It decides nothing: what is safe to ask again is the orchestrator's business, which journals every ticket. The packages
// executor and orchestrator, and internal/server, import it.
package tentacle

import (
	"context"
	"io"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// Script is what an agent is asked to run.
type Script struct {
	// Ticket is the caller's name for this run; it is made from the journal, so that asking again is safe (version 2).
	Ticket, TaskID string
	// Bash and PowerShell are the same script for the two families of systems.
	Bash, PowerShell string
	Files            []File
	// Isolated scripts of one mutex run alone on the agent; others share it.
	Isolated     bool
	Mutex        string
	MutexTimeout time.Duration
	// Wait is how long the agent may hold the answer back for the script to end. Zero on a polling agent, whose only
	// connection it would block.
	Wait time.Duration
}

// File goes into the script's working directory.
type File struct {
	Name    string
	Content []byte
	// Password makes the agent keep the file encrypted.
	Password string
}

// Status is how far a script is, and what it said since the sequence that was asked for.
type Status struct {
	// Known is false when the agent does not know the ticket, or cannot say how the script ended.
	Known    bool
	Finished bool
	ExitCode int
	Lines    []contract.ProcessOutput
	// Next is the sequence to ask for next.
	Next int64
	// Handle names the script in later calls: the ticket, or what a version 1 agent made of it.
	Handle string
}

// Agent is one agent, reached in one way.
type Agent interface {
	// Version is 1 or 2: whether tickets are the caller's.
	Version(ctx context.Context) (int, error)
	// Waits tells whether a call may block for a while without keeping others from the agent.
	Waits() bool
	Start(ctx context.Context, s Script) (Status, error)
	Status(ctx context.Context, handle string, after int64) (Status, error)
	Cancel(ctx context.Context, handle string, after int64) (Status, error)
	// Complete lets the agent forget the script and its files.
	Complete(ctx context.Context, handle string, after int64) error
	// Upload writes a file; a relative path lies below the agent's home. The answer has the SHA-1 of what was written.
	Upload(ctx context.Context, path string, content *halibut.DataStream) (contract.UploadResult, error)
	// Download reads a file; nil when there is none. The caller closes it.
	Download(ctx context.Context, path string) (io.ReadCloser, int64, error)
}

// status brings the answer of either version into one form.
func status(handle string, state contract.ProcessState, exit int32, lines []contract.ProcessOutput, next int64) Status {
	s := Status{Known: true, Handle: handle, Finished: state == contract.Complete, ExitCode: int(exit), Lines: lines, Next: next}
	if s.Finished && (exit == contract.ExitUnknownScript || exit == contract.ExitUnknownResult) {
		s.Known = false
	}
	return s
}
