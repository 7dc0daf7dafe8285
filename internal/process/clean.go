package process

import (
	"slices"
	"strconv"
	"strings"
)

// CleanAction is the type of the action that removes old installations of packages from a target. No process has it: a run that cleans adds a
// step with it to its end.
const CleanAction = "Mantle.CleanTarget"

// Cleaning is what a target keeps of each package besides what is installed now: what was installed in the last so many days, or so many
// successful installations. One of them.
type Cleaning struct{ Days, Releases int }

// RetentionSet names the installations on a target that are counted together: those of one action, in one environment, for one tenant or none.
func RetentionSet(run RunOf, action string) string {
	tenant := "<default>"
	if run.TenantID != "" {
		tenant = run.TenantID
	}
	return strings.Join([]string{run.EnvironmentID, run.ProjectID, "Step-" + action, tenant}, "/")
}

// RetentionSets are those of the packages that the plan installs on a machine.
func (p *Plan) RetentionSets(machineID string) []string {
	var sets []string
	for _, s := range p.Steps {
		for _, a := range s.Actions {
			if installs(&s, &a) && slices.Contains(s.Machines, machineID) {
				sets = append(sets, RetentionSet(p.Run, a.Name))
			}
		}
	}
	return sets
}

func installs(s *PlannedStep, a *PlannedAction) bool {
	return s.Left == "" && a.Left == "" && a.Type == PackageAction && a.Where == OnTargets
}

// CleaningStep is the step that cleans the targets after all others have succeeded; nil where nothing is to be cleaned.
func (p *Plan) CleaningStep() *PlannedStep {
	if p.Cleaning == nil || len(p.Steps) == 0 {
		return nil
	}
	var machines []string
	for _, m := range p.MachinesInOrder() {
		if !m.Worker && len(p.RetentionSets(m.ID)) > 0 {
			machines = append(machines, m.ID)
		}
	}
	if len(machines) == 0 {
		return nil
	}
	const name = "Apply the retention policy on targets"
	s := &PlannedStep{Number: p.Steps[len(p.Steps)-1].Number + 1, ID: "clean-targets", Name: name, Condition: Success, Machines: machines}
	s.Actions = []PlannedAction{{Number: strconv.Itoa(s.Number), ID: s.ID, Name: name, Type: CleanAction, Condition: Success, Properties: Properties{}, Where: OnTargets}}
	return s
}
