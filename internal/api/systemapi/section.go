package systemapi

import (
	"encoding/json"
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
)

// Section is a part of the configuration. Its values are another document.
type Section struct {
	ID          string `json:"Id"`
	Name        string
	Description string
}

const sectionsPath = "configuration"

func registerSections(e *api.Engine, p Parts) {
	sections := []Section{authenticationSection()}
	if p.Storage != nil {
		sections = append(sections, storageSection())
	}
	e.AddLink("Configuration", "/api/"+sectionsPath+"{/id}")
	list := needs(access.ConfigureServer, http.MethodGet, sectionsPath, "The sections of the configuration", Section{}, func(c *api.Call) error {
		page, err := c.Paging()
		if err != nil {
			return err
		}
		items := []any{}
		for _, s := range sections[min(page.Skip, len(sections)):] {
			if len(items) == page.Take {
				break
			}
			text, err := showSection(c, s)
			if err != nil {
				return err
			}
			items = append(items, text)
		}
		return c.JSON(http.StatusOK, c.Page("ConfigurationSectionMetadata", "/api/"+sectionsPath, []string{"skip", "take"}, page, len(sections), items))
	})
	list.List, list.Queries = true, []string{"skip", "take"}
	e.Handle(list)
}

func showSection(c *api.Call, s Section) (json.RawMessage, error) {
	self := "/api/" + sectionsPath + "/" + s.ID
	return c.Resource(s, api.Links{"Self": self, "Values": self + "/values"})
}

func answerSection(c *api.Call, s Section) error {
	text, err := showSection(c, s)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, text)
}
