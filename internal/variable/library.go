package variable

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// LibrarySet is a set of variables, or a module of scripts, that several projects include.
type LibrarySet struct {
	store.Meta
	space.Member
	Name          string
	Description   string
	VariableSetID string `json:"VariableSetId"`
	// ContentType is Variables or ScriptModule; it stays what it was at the creation.
	ContentType string
	Templates   []Template
	// Version counts the writes of the set.
	Version int
}

// Template is a variable that tenants give a value to, or a parameter.
type Template struct {
	ID              string `json:"Id"`
	Name            string
	Label           string
	HelpText        string
	DefaultValue    Property
	DisplaySettings map[string]string
}

// Type is the type of the variable that the template makes: what its control lets people choose.
func (t *Template) Type() string {
	if control := t.DisplaySettings["Octopus.ControlType"]; slices.Contains(Types(), control) {
		return control
	}
	return String
}

// Kinds of library sets.
const (
	Variables    = "Variables"
	ScriptModule = "ScriptModule"
)

// LibrarySets are the library variable sets and script modules.
func LibrarySets() *store.Collection[LibrarySet] {
	return &store.Collection[LibrarySet]{
		Table: "library_variable_set", Prefix: "LibraryVariableSets-", Noun: "library variable set",
		Columns: []store.Column[LibrarySet]{
			{Name: "space_id", Value: func(s *LibrarySet) any { return s.SpaceID }},
			{Name: "name_fold", Value: func(s *LibrarySet) any { return store.Fold(s.Name) }},
			{Name: "content_type", Value: func(s *LibrarySet) any { return store.Fold(s.ContentType) }},
		},
		Keys: []store.Key[LibrarySet]{{Columns: []string{"space_id", "content_type", "name_fold"}, Taken: func(s *LibrarySet) string {
			return "a " + s.noun() + " with the name \"" + s.Name + "\" exists already in this space; choose another name"
		}}},
	}
}

// IsLibrary tells whether the owner of a variable set is a library set; otherwise it is a project.
func IsLibrary(ownerID string) bool { return strings.HasPrefix(ownerID, LibrarySets().Prefix) }

func (s *LibrarySet) noun() string {
	if s.ContentType == ScriptModule {
		return "script module"
	}
	return "library variable set"
}

// Prepare completes a library set. Its kind and its variables stay those that it was created with.
func (s *LibrarySet) Prepare(old *LibrarySet) {
	if strings.EqualFold(s.ContentType, ScriptModule) {
		s.ContentType = ScriptModule
	} else if s.ContentType == "" || strings.EqualFold(s.ContentType, Variables) {
		s.ContentType = Variables
	}
	s.VariableSetID, s.Version = IDOf(s.ID), 0
	var before []Template
	if old != nil {
		s.ContentType, s.Version, before = old.ContentType, old.Version+1, old.Templates
	}
	s.Templates = PrepareTemplates(s.Templates, before)
}

// Validate returns what is wrong with a library set.
func (s *LibrarySet) Validate() []string {
	found := environment.NameFindings(s.noun(), s.Name)
	if s.ContentType != Variables && s.ContentType != ScriptModule {
		found = append(found, fmt.Sprintf("ContentType is %q; it must be %s or %s", s.ContentType, Variables, ScriptModule))
	}
	return append(found, TemplateFindings(s.Templates)...)
}

// PrepareTemplates gives new templates IDs (those with the name of an old one get its ID back) and turns nil maps into empty ones.
func PrepareTemplates(templates, before []Template) []Template {
	if templates == nil {
		return []Template{}
	}
	for i := range templates {
		t := &templates[i]
		if t.DisplaySettings == nil {
			t.DisplaySettings = map[string]string{}
		}
		if t.ID != "" {
			continue
		}
		t.ID = uuid.NewString()
		if j := slices.IndexFunc(before, func(b Template) bool { return b.Name == t.Name }); j >= 0 {
			t.ID = before[j].ID
		}
	}
	return templates
}

// TemplateFindings returns what is wrong with templates. One without a name is accepted, as clients add them before they are filled
// in; it makes no variable.
func TemplateFindings(templates []Template) []string {
	var found []string
	names := map[string]bool{}
	for _, t := range templates {
		if t.Name != "" && names[store.Fold(t.Name)] {
			found = append(found, fmt.Sprintf("two variable templates are named %q", t.Name))
		}
		names[store.Fold(t.Name)] = true
	}
	return found
}
