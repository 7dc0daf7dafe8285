package machineapi

import (
	"reflect"
	"slices"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
)

// recordMachine writes the events of a deployment target's life by which deployments are triggered, beside those of the document.
func recordMachine(c *api.Call, tx *store.Tx, doc, old *infrastructure.Machine) error {
	for _, e := range machineEvents(doc, old) {
		entry := audit.Entry{
			Category: e.category, DocumentID: doc.ID, DocumentType: "Machines", SpaceID: doc.SpaceID, Message: "Deployment target " + doc.Name + " " + e.text,
			Subjects: []audit.Subject{{ID: doc.ID, Name: doc.Name}}, Related: slices.Concat(doc.EnvironmentIDs, doc.TenantIDs),
		}
		if err := c.Record(tx, entry); err != nil {
			return err
		}
	}
	return nil
}

type machineEvent struct {
	category audit.Category
	text     string
}

func machineEvents(doc, old *infrastructure.Machine) []machineEvent {
	if old == nil {
		return []machineEvent{{audit.MachineAdded, "was added"}}
	}
	var events []machineEvent
	switch {
	case old.IsDisabled && !doc.IsDisabled:
		events = append(events, machineEvent{audit.MachineEnabled, "was enabled"})
	case !old.IsDisabled && doc.IsDisabled:
		events = append(events, machineEvent{audit.MachineDisabled, "was disabled"})
	}
	if !slices.Equal(old.EnvironmentIDs, doc.EnvironmentIDs) || !slices.Equal(old.Roles, doc.Roles) || !slices.Equal(old.TenantIDs, doc.TenantIDs) ||
		!slices.Equal(old.TenantTags, doc.TenantTags) || old.TenantedDeploymentParticipation != doc.TenantedDeploymentParticipation ||
		!reflect.DeepEqual(old.Endpoint, doc.Endpoint) {
		events = append(events, machineEvent{audit.MachineDeploymentRelatedChange, "was changed in what deployments depend on"})
	}
	return events
}
