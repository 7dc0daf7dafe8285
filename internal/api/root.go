package api

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// rootLink is one link of the root documents.
type rootLink struct{ name, template string }

// AddLink adds a link to the root documents. A template that begins with "{s}" leads into the space: the root document
// shows the default space's. One with "{s?}" leads into the space in a space's document, and to all spaces in the root's. One
// with "/" is only in the root document.
func (e *Engine) AddLink(name, template string) {
	e.links = append(e.links, rootLink{name, template})
}

// Root is the document at /api.
type Root struct {
	Application          string
	Version              string
	APIVersion           string `json:"ApiVersion"`
	InstallationID       string `json:"InstallationId"`
	IsEarlyAccessProgram bool
	HasLongTermSupport   bool
}

// RootOperations returns the operations of the root documents.
func (e *Engine) RootOperations() []Operation {
	return []Operation{
		{Method: http.MethodGet, Path: "", Where: InSystem, Anonymous: true, Summary: "The root document: version and links", Out: Root{}, Handler: e.root},
		{Method: http.MethodGet, Path: "{space}", Where: InSystem, SignedIn: "a space's links; who may not enter the space does not see it",
			Summary: "The root document of a space", Out: struct{}{}, Handler: e.spaceRoot},
	}
}

func (e *Engine) root(c *Call) error {
	var home *space.Space
	err := c.Read(func(tx *store.Tx) (err error) {
		home, err = space.Default(tx)
		return ignoreNotFound(err)
	})
	if err != nil {
		return err
	}
	links := Links{"Self": "/api", "Web": "/app", "SpaceHome": "/api/{spaceId}"}
	spaceID := ""
	if home != nil {
		spaceID = home.ID
	}
	for _, l := range e.links {
		if !strings.HasPrefix(l.template, "{s}") || spaceID != "" {
			links[l.name] = strings.Replace(l.template, "{s?}", "/api", 1)
		}
	}
	text, err := json.Marshal(Root{Application: "Octopus Deploy", Version: e.Version, APIVersion: "3.0.0", InstallationID: e.InstallationID})
	if err != nil {
		return err
	}
	body, err := e.WithLinks(text, links, spaceID)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, body)
}

func (e *Engine) spaceRoot(c *Call) error {
	if !c.Principal.Enters(c.SpaceID()) {
		return notInSpace(c)
	}
	links := Links{"Self": "{s}", "Web": "/app#/" + c.SpaceID()}
	for _, l := range e.links {
		if strings.HasPrefix(l.template, "{s") {
			links[l.name] = l.template
		}
	}
	body, err := c.Resource(struct {
		ID string `json:"Id"`
	}{c.SpaceID()}, links)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, body)
}
