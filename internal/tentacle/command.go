package tentacle

import (
	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// v1 writes the script as version 1 of the service wants it.
func (s Script) v1() *contract.StartScriptCommand {
	return &contract.StartScriptCommand{
		ScriptBody: s.PowerShell, Scripts: s.scripts(), Isolation: s.isolation(), Files: s.files(), Arguments: []string{}, TaskId: s.TaskID,
		ScriptIsolationMutexTimeout: s.MutexTimeout, IsolationMutexName: s.Mutex,
	}
}

// v2 writes the script as version 2 wants it.
func (s Script) v2() *contract.StartScriptCommandV2 {
	c := &contract.StartScriptCommandV2{
		ScriptTicket: &contract.ScriptTicket{TaskId: s.Ticket},
		ScriptBody:   s.PowerShell, Scripts: s.scripts(), Isolation: s.isolation(), Files: s.files(), Arguments: []string{}, TaskId: s.TaskID,
		ScriptIsolationMutexTimeout: s.MutexTimeout, IsolationMutexName: s.Mutex,
	}
	if s.Wait > 0 {
		c.DurationToWaitForScriptToFinish = &s.Wait
	}
	return c
}

func (s Script) scripts() map[contract.ScriptType]string {
	return map[contract.ScriptType]string{contract.Bash: s.Bash}
}

func (s Script) isolation() contract.IsolationLevel {
	if s.Isolated {
		return contract.FullIsolation
	}
	return contract.NoIsolation
}

func (s Script) files() []contract.ScriptFile {
	files := make([]contract.ScriptFile, len(s.Files))
	for i, f := range s.Files {
		files[i] = contract.ScriptFile{Name: f.Name, Contents: halibut.StreamBytes(f.Content), EncryptionPassword: f.Password}
	}
	return files
}
