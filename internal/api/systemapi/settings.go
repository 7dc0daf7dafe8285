package systemapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
)

// Setting is a setting of this node as it is in force, and where it came from.
type Setting struct{ Name, Value, Origin string }

func registerSettings(e *api.Engine, read func() []Setting) {
	e.Handle(needs(access.ConfigureServer, http.MethodGet, "serverstatus/settings", "The settings of this node, without secrets", []Setting{}, func(c *api.Call) error {
		list := []Setting{}
		if read != nil {
			list = append(list, read()...)
		}
		return c.JSON(http.StatusOK, list)
	}))
}
