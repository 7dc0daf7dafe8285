package systemapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/api"
)

// Toggle is one feature that can be on or off.
type Toggle struct {
	Name      string
	IsEnabled bool
}

// Toggles is a list of them.
type Toggles struct{ FeatureToggles []Toggle }

// Capabilities names what clients may rely on.
type Capabilities struct{ Capabilities []string }

func registerToggles(e *api.Engine, p Parts) {
	why := "clients ask how to speak to the server"
	toggles := signedIn("configuration/feature-toggles", why, "Features that are on or off", Toggles{}, func(c *api.Call) error {
		return c.JSON(http.StatusOK, Toggles{find(p.Toggles, c.Query("name"))})
	})
	toggles.Queries = []string{"Name"}
	e.Handle(toggles, signedIn("capabilities", why, "What clients may rely on", Capabilities{}, func(c *api.Call) error {
		return c.JSON(http.StatusOK, Capabilities{append([]string{}, p.Capabilities...)})
	}))
}

// find returns the toggle of the name: one that is not known is off, because clients take a missing one for on. No name is all.
func find(known map[string]bool, name string) []Toggle {
	if name != "" {
		for toggle, on := range known {
			if strings.EqualFold(toggle, name) {
				return []Toggle{{name, on}}
			}
		}
		return []Toggle{{name, false}}
	}
	list := []Toggle{}
	for toggle, on := range known {
		list = append(list, Toggle{toggle, on})
	}
	slices.SortFunc(list, func(a, b Toggle) int { return strings.Compare(a.Name, b.Name) })
	return list
}
