package script

import (
	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent/outputlog"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// Services returns what servers call.
func (r *Runner) Services() []halibut.Service {
	v1, v2 := v1{r}, v2{r}
	return []halibut.Service{
		{Name: contract.ScriptServiceV1, ClrType: "Octopus.Tentacle.Core.Services.Scripts.ScriptService", Methods: map[string]any{
			"StartScript": v1.StartScript, "GetStatus": v1.GetStatus, "CancelScript": v1.CancelScript, "CompleteScript": v1.CompleteScript}},
		{Name: contract.ScriptServiceV2, ClrType: "Octopus.Tentacle.Core.Services.Scripts.ScriptServiceV2", Methods: map[string]any{
			"StartScript": v2.StartScript, "GetStatus": v2.GetStatus, "CancelScript": v2.CancelScript, "CompleteScript": v2.CompleteScript}},
	}
}

func ticketOf(t *contract.ScriptTicket) (string, error) {
	if t == nil {
		return "", fault.Invalid("the request names no script ticket; send the ticket of the script")
	}
	return t.TaskId, nil
}

func outputs(lines []outputlog.Line) []contract.ProcessOutput {
	out := make([]contract.ProcessOutput, len(lines))
	for i, l := range lines {
		out[i] = contract.ProcessOutput{Source: contract.OutputSource(l.Source), Occurred: l.Occurred, Text: l.Text}
	}
	return out
}
