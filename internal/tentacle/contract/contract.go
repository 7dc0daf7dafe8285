// Package contract is what a server and an agent say to each other: the Tentacle's RPC services, their messages and
// the names that these have on the wire.
//
// Field names and their order are the wire's. A text that is marked nullable is sent as null when it is empty: where
// the original fails on null, it is not. It is not a client and not an implementation: the server calls through
// internal/tentacle, the agent answers in internal/agent, and both import this. It imports only halibut.
package contract

import (
	"time"

	"github.com/mantledeploy/mantle/halibut"
)

// Names of the services, as capabilities and requests have them. Case matters.
const (
	CapabilitiesService = "ICapabilitiesServiceV2"
	ScriptServiceV1     = "IScriptService"
	ScriptServiceV2     = "IScriptServiceV2"
	KubernetesScriptV1  = "IKubernetesScriptServiceV1"
	FileTransferService = "IFileTransferService"
)

// DefaultMutexName is the isolation mutex of a script that names none.
const DefaultMutexName = "RunningScript"

// NoMutexTimeout is what the original sends for "wait without limit". Zero means the same.
const NoMutexTimeout = time.Duration(1<<31-1) * time.Millisecond

// Exit codes that an agent makes up. Every other code is the script's own.
const (
	// ExitRunning stands in a status of a script that has not finished.
	ExitRunning = 0
	// ExitKilled is the code of a script that was cancelled while it ran.
	ExitKilled = -1
	// ExitFatal means that the script could not be started at all.
	ExitFatal = -41
	// ExitNoShell means that the shell could not be invoked.
	ExitNoShell = -42
	// ExitCancelled means that the script was cancelled while it waited for its isolation mutex.
	ExitCancelled = -43
	// ExitTimeout means that the script waited too long for its isolation mutex.
	ExitTimeout = -44
	// ExitUnknownScript means that the agent does not know the ticket.
	ExitUnknownScript = -45
	// ExitUnknownResult means that the script was started, and nobody knows how it ended.
	ExitUnknownResult = -46
	// ExitPowerShellNeverStarted means that PowerShell did not come up in time.
	ExitPowerShellNeverStarted = -47
	// ExitPodNotFound means that a Kubernetes agent cannot find the script's pod.
	ExitPodNotFound = -81
)

// ProcessState says how far a script is.
type ProcessState int

// The states, in the order in which a script has them.
const (
	Pending  ProcessState = 0
	Running  ProcessState = 1
	Complete ProcessState = 2
)

// String returns the name of the state.
func (s ProcessState) String() string {
	switch s {
	case Pending:
		return "Pending"
	case Running:
		return "Running"
	}
	return "Complete"
}

// UnmarshalText reads the state's name, which some peers send for its number.
func (s *ProcessState) UnmarshalText(text []byte) error {
	return parseEnum(text, map[string]ProcessState{"Pending": Pending, "Running": Running, "Complete": Complete}, s)
}

// IsolationLevel says whether a script tolerates others of the same mutex.
type IsolationLevel int

// The levels: readers and writers of a lock.
const (
	NoIsolation   IsolationLevel = 0
	FullIsolation IsolationLevel = 1
)

// String returns the name that the agent's log shows.
func (l IsolationLevel) String() string {
	if l == FullIsolation {
		return "FullIsolation"
	}
	return "NoIsolation"
}

// UnmarshalText reads the level's name.
func (l *IsolationLevel) UnmarshalText(text []byte) error {
	return parseEnum(text, map[string]IsolationLevel{"NoIsolation": NoIsolation, "FullIsolation": FullIsolation}, l)
}

// ScriptType is the syntax of an alternative body.
type ScriptType int

// The syntaxes of a bootstrap script.
const (
	PowerShell ScriptType = 0
	Bash       ScriptType = 1
)

// MarshalText returns the type's name: dictionary keys go by name.
func (t ScriptType) MarshalText() ([]byte, error) {
	if t == Bash {
		return []byte("Bash"), nil
	}
	return []byte("PowerShell"), nil
}

// UnmarshalText reads the type's name.
func (t *ScriptType) UnmarshalText(text []byte) error {
	return parseEnum(text, map[string]ScriptType{"PowerShell": PowerShell, "Bash": Bash}, t)
}

// OutputSource says where a line of output came from.
type OutputSource int

// The sources of output.
const (
	StdOut OutputSource = 0
	StdErr OutputSource = 1
	Debug  OutputSource = 2
)

// UnmarshalText reads the source's name.
func (s *OutputSource) UnmarshalText(text []byte) error {
	return parseEnum(text, map[string]OutputSource{"StdOut": StdOut, "StdErr": StdErr, "Debug": Debug}, s)
}

// ScriptTicket names one run of a script on one agent. Tickets are equal without regard to case.
type ScriptTicket struct {
	TaskId string
}

// ScriptFile is a file that is put into the script's workspace before it runs.
type ScriptFile struct {
	// Name may hold folders.
	Name     string
	Contents *halibut.DataStream
	// EncryptionPassword, where it is set, makes the agent write the file encrypted.
	EncryptionPassword string `halibut:"EncryptionPassword,nullable"`
}

// ProcessOutput is one line of output.
type ProcessOutput struct {
	Source   OutputSource
	Occurred time.Time
	Text     string
}

// UploadResult is the answer to an upload. Hash is the SHA-1 of what was written, in lower-case hex; "" (null) when
// nothing was sent.
type UploadResult struct {
	FullPath string
	Hash     string `halibut:"Hash,nullable"`
	Length   int64
}

// CapabilitiesResponseV2 lists the services that an agent has.
type CapabilitiesResponseV2 struct {
	SupportedCapabilities []string
}
