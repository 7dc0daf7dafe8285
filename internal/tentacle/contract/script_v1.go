package contract

import "time"

// The messages of IScriptService. Its calls may not be repeated: the agent makes the ticket, so a StartScript that
// is sent twice runs twice.

// StartScriptCommand starts a script; the answer is a ScriptTicket.
type StartScriptCommand struct {
	ScriptBody                  string
	Isolation                   IsolationLevel
	Scripts                     map[ScriptType]string
	Files                       []ScriptFile
	Arguments                   []string
	TaskId                      string
	ScriptIsolationMutexTimeout time.Duration
	IsolationMutexName          string `halibut:"IsolationMutexName,nullable"`
}

// ScriptStatusRequest asks for the state, and for the log lines after LastLogSequence.
type ScriptStatusRequest struct {
	Ticket          *ScriptTicket
	LastLogSequence int64
}

// CancelScriptCommand asks the agent to end the script.
type CancelScriptCommand struct {
	Ticket          *ScriptTicket
	LastLogSequence int64
}

// CompleteScriptCommand fetches the last lines and deletes the workspace.
type CompleteScriptCommand struct {
	Ticket          *ScriptTicket
	LastLogSequence int64
}

// ScriptStatusResponse is the answer to the three above.
type ScriptStatusResponse struct {
	Ticket          *ScriptTicket
	Logs            []ProcessOutput
	NextLogSequence int64
	State           ProcessState
	ExitCode        int32
}
