package systemapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/store"
)

// Maintenance is whether only administrators change things.
type Maintenance struct {
	ID                  string `json:"Id"`
	IsInMaintenanceMode bool
}

const maintenancePath = "/api/maintenanceconfiguration"

func registerMaintenance(e *api.Engine) {
	e.AddLink("MaintenanceConfiguration", maintenancePath)
	put := needs(access.AdministerSystem, http.MethodPut, "maintenanceconfiguration", "Begin or end maintenance mode", Maintenance{}, putMaintenance)
	put.In, put.ChangesAccess = Maintenance{}, true
	e.Handle(signedIn("maintenanceconfiguration", "everybody may know why their changes are refused", "Whether only administrators change things", Maintenance{}, getMaintenance), put)
}

func showMaintenance(c *api.Call, on bool) (any, error) {
	return c.Resource(Maintenance{ID: "maintenance", IsInMaintenanceMode: on}, api.Links{"Self": maintenancePath})
}

func isInMaintenance(c *api.Call) (on bool, err error) {
	err = c.Read(func(tx *store.Tx) error {
		m, err := access.ReadMaintenance(tx)
		on = m.On
		return err
	})
	return on, err
}

func getMaintenance(c *api.Call) error {
	on, err := isInMaintenance(c)
	if err != nil {
		return err
	}
	body, err := showMaintenance(c, on)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, body)
}

func putMaintenance(c *api.Call) error {
	var asked Maintenance
	if err := c.Decode(&asked); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		before, err := access.ReadMaintenance(tx)
		if err != nil {
			return api.Reply{}, err
		}
		body, err := showMaintenance(c, asked.IsInMaintenanceMode)
		if err != nil || before.On == asked.IsInMaintenanceMode {
			return api.Reply{Body: body}, err
		}
		if err := access.SetMaintenance(tx, asked.IsInMaintenanceMode, c.Principal.User.Username); err != nil {
			return api.Reply{}, err
		}
		message := "Maintenance mode was ended"
		if asked.IsInMaintenanceMode {
			message = "Maintenance mode was begun"
		}
		return api.Reply{Body: body}, c.Record(tx, audit.Entry{Category: audit.Modified, DocumentID: "maintenance", DocumentType: "MaintenanceConfigurations", Message: message})
	})
}
