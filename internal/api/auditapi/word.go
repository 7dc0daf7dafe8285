package auditapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
)

// Word is a category, an agent or a document type that events are filtered by.
type Word struct {
	ID   string `json:"Id"`
	Name string
}

// Group is a set of categories.
type Group struct {
	ID              string `json:"Id"`
	Name            string
	EventCategories []string
}

func registerWords(e *api.Engine, op func(string, string, any, func(*api.Call) error) api.Operation) {
	e.AddLink("EventCategories", "{s?}/events/categories{?appliesTo}")
	e.AddLink("EventGroups", "{s?}/events/groups{?appliesTo}")
	e.AddLink("EventAgents", "{s?}/events/agents")
	e.AddLink("EventDocumentTypes", "{s?}/events/documenttypes")
	e.Handle(
		op("events/categories", "The categories of events", []Word{}, func(c *api.Call) error { return words(c, "categories", audit.Categories()) }),
		op("events/agents", "The kinds of programs that make events", []Word{}, func(c *api.Call) error { return words(c, "agents", audit.Agents()) }),
		op("events/documenttypes", "The types of documents that events tell of", []Word{}, func(c *api.Call) error { return words(c, "documenttypes", types(c)) }),
		op("events/groups", "The groups of categories", []Group{}, groups),
	)
}

func words(c *api.Call, path string, named []audit.Named) error {
	list := []any{}
	for _, n := range named {
		shown, err := c.Resource(Word{n.ID, n.Name}, api.Links{"Self": "/api/events/" + path + "/" + n.ID})
		if err != nil {
			return err
		}
		list = append(list, shown)
	}
	return c.JSON(http.StatusOK, list)
}

// types are the registered resources, as the audit calls them.
func types(c *api.Call) []audit.Named {
	var list []audit.Named
	for _, r := range c.Engine.Resources() {
		list = append(list, audit.Named{ID: r.DocumentType, Name: r.ItemType})
	}
	slices.SortFunc(list, func(a, b audit.Named) int { return strings.Compare(a.ID, b.ID) })
	return list
}

func groups(c *api.Call) error {
	list := []any{}
	for _, g := range audit.Groups() {
		categories := []string{}
		for _, category := range g.Categories {
			categories = append(categories, string(category))
		}
		shown, err := c.Resource(Group{g.ID, g.Name, categories}, api.Links{"Self": "/api/events/groups/" + g.ID})
		if err != nil {
			return err
		}
		list = append(list, shown)
	}
	return c.JSON(http.StatusOK, list)
}
