package contract

import "time"

// The messages of IScriptServiceV2. The caller makes the ticket, so every call may be repeated.

// StartScriptCommandV2 starts a script, or asks for the state of the one that has this ticket.
type StartScriptCommandV2 struct {
	ScriptTicket *ScriptTicket
	ScriptBody   string
	TaskId       string
	// DurationToWaitForScriptToFinish holds the answer back until the script has finished, at most so long.
	DurationToWaitForScriptToFinish *time.Duration
	Isolation                       IsolationLevel
	ScriptIsolationMutexTimeout     time.Duration
	IsolationMutexName              string `halibut:"IsolationMutexName,nullable"`
	Scripts                         map[ScriptType]string
	Files                           []ScriptFile
	Arguments                       []string
}

// ScriptStatusRequestV2 asks for the state, and for the log lines after LastLogSequence.
type ScriptStatusRequestV2 struct {
	Ticket          *ScriptTicket
	LastLogSequence int64
}

// CancelScriptCommandV2 asks the agent to end the script.
type CancelScriptCommandV2 struct {
	Ticket          *ScriptTicket
	LastLogSequence int64
}

// CompleteScriptCommandV2 deletes the workspace; the ticket is forgotten. It has no answer.
type CompleteScriptCommandV2 struct {
	Ticket *ScriptTicket
}

// ScriptStatusResponseV2 is the answer to the first three.
type ScriptStatusResponseV2 struct {
	Ticket          *ScriptTicket
	Logs            []ProcessOutput
	NextLogSequence int64
	State           ProcessState
	ExitCode        int32
}
