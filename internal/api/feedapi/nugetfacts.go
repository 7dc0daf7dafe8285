package feedapi

import (
	"net/url"
	"strings"

	"github.com/mantledeploy/mantle/internal/api"
)

// packageFacts is what searches and registrations say of a package in the same words.
type packageFacts struct {
	Title       string        `json:"title"`
	Description string        `json:"description"`
	Summary     string        `json:"summary"`
	Tags        []string      `json:"tags"`
	ProjectURL  string        `json:"projectUrl"`
	IconURL     string        `json:"iconUrl"`
	LicenseURL  string        `json:"licenseUrl"`
	License     string        `json:"licenseExpression"`
	Types       []packageType `json:"packageTypes,omitempty"`
}

type packageType struct {
	Name string `json:"name"`
}

func factsOf(r release) packageFacts {
	f := packageFacts{
		Title: r.Title, Description: r.Description, Summary: r.Summary, Tags: append([]string{}, strings.Fields(r.Facts.Tags)...),
		ProjectURL: r.Facts.ProjectURL, IconURL: r.Facts.IconURL, LicenseURL: r.Facts.LicenseURL, License: r.Facts.License,
	}
	for _, name := range r.Facts.Types {
		f.Types = append(f.Types, packageType{name})
	}
	return f
}

func authorsOf(r release) []string {
	if list := r.Facts.AuthorList(); len(list) > 0 {
		return list
	}
	return []string{r.authors()}
}

type dependencyGroup struct {
	ID           string       `json:"@id"`
	Type         string       `json:"@type"`
	Framework    string       `json:"targetFramework,omitempty"`
	Dependencies []dependency `json:"dependencies"`
}

type dependency struct {
	ID           string `json:"@id"`
	Type         string `json:"@type"`
	PackageID    string `json:"id"`
	Range        string `json:"range"`
	Registration string `json:"registration"`
}

// dependencyGroups lists what the package needs. Addresses that nothing lies at are names, as clients want one of each.
func (n nuget) dependencyGroups(c *api.Call, r release) []dependencyGroup {
	groups := []dependencyGroup{}
	at := n.registrationOf(c, r) + leaf(r) + "#dependencyGroup"
	for _, g := range r.Facts.Groups {
		group := dependencyGroup{ID: at, Type: "PackageDependencyGroup", Framework: g.Framework, Dependencies: []dependency{}}
		if g.Framework != "" {
			group.ID += "/" + url.PathEscape(strings.ToLower(g.Framework))
		}
		for _, d := range g.Dependencies {
			id := url.PathEscape(strings.ToLower(d.ID))
			item := dependency{ID: group.ID + "/" + id, Type: "PackageDependency", PackageID: d.ID, Range: d.Range, Registration: n.base(c) + "/v3/registration/" + id + "/index.json"}
			if item.Range == "" {
				item.Range = "(, )"
			}
			group.Dependencies = append(group.Dependencies, item)
		}
		groups = append(groups, group)
	}
	return groups
}
