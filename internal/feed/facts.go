package feed

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/versioning"
)

// What a manifest may list: a hostile one must not make every answer large.
const (
	maxGroups       = 200
	maxDependencies = 5000 // of all groups together
	maxFact         = 4 << 10
)

// Facts is what a package's manifest says beyond its texts. NuGet's clients are told, nothing else reads it.
type Facts struct {
	Authors         string            `json:",omitempty"` // names with commas between them
	Owners          string            `json:",omitempty"`
	Tags            string            `json:",omitempty"` // words with blanks between them
	ProjectURL      string            `json:",omitempty"`
	IconURL         string            `json:",omitempty"`
	LicenseURL      string            `json:",omitempty"`
	License         string            `json:",omitempty"` // an expression of SPDX
	Copyright       string            `json:",omitempty"`
	Language        string            `json:",omitempty"`
	MinClient       string            `json:",omitempty"`
	AcceptLicense   bool              `json:",omitempty"`
	DevelopmentOnly bool              `json:",omitempty"`
	Groups          []DependencyGroup `json:",omitempty"`
	Types           []string          `json:",omitempty"`
}

// DependencyGroup is what a package needs where it is used by a framework; by any, if Framework is empty.
type DependencyGroup struct {
	Framework    string       `json:",omitempty"`
	Dependencies []Dependency `json:",omitempty"`
}

// Dependency is a package that another one needs. Range is in NuGet's notation, normalized; empty is any version.
type Dependency struct{ ID, Range string }

// manifestFacts is the same as a .nuspec has it.
type manifestFacts struct {
	Authors         string            `xml:"authors"`
	Owners          string            `xml:"owners"`
	Tags            string            `xml:"tags"`
	ProjectURL      string            `xml:"projectUrl"`
	IconURL         string            `xml:"iconUrl"`
	LicenseURL      string            `xml:"licenseUrl"`
	License         license           `xml:"license"`
	Copyright       string            `xml:"copyright"`
	Language        string            `xml:"language"`
	AcceptLicense   string            `xml:"requireLicenseAcceptance"`
	DevelopmentOnly string            `xml:"developmentDependency"`
	Groups          []dependencyGroup `xml:"dependencies>group"`
	Dependencies    []dependency      `xml:"dependencies>dependency"`
	Types           []packageType     `xml:"packageTypes>packageType"`
	MinClient       string            `xml:"minClientVersion,attr"`
}

type license struct {
	XMLName xml.Name `xml:"license"`
	Kind    string   `xml:"type,attr"`
	Text    string   `xml:",chardata"`
}

type packageType struct {
	Name string `xml:"name,attr"`
}

type dependencyGroup struct {
	Framework    string       `xml:"targetFramework,attr"`
	Dependencies []dependency `xml:"dependency"`
}

type dependency struct {
	ID      string `xml:"id,attr"`
	Version string `xml:"version,attr"`
}

func (m *manifestFacts) facts() Facts {
	f := Facts{
		Authors: fact(m.Authors), Owners: fact(m.Owners), Tags: fact(strings.Join(strings.Fields(m.Tags), " ")), ProjectURL: fact(m.ProjectURL), IconURL: fact(m.IconURL),
		LicenseURL: fact(m.LicenseURL), Copyright: fact(m.Copyright), Language: fact(m.Language), MinClient: fact(m.MinClient),
		AcceptLicense: isTrue(m.AcceptLicense), DevelopmentOnly: isTrue(m.DevelopmentOnly),
	}
	if strings.EqualFold(m.License.Kind, "expression") {
		f.License = fact(m.License.Text)
	}
	for _, t := range m.Types[:min(len(m.Types), maxGroups)] {
		f.Types = append(f.Types, fact(t.Name))
	}
	left := maxDependencies
	if len(m.Dependencies) > 0 {
		f.add(dependencyGroup{Dependencies: m.Dependencies}, &left)
	}
	for _, g := range m.Groups[:min(len(m.Groups), maxGroups)] {
		f.add(g, &left)
	}
	return f
}

func (f *Facts) add(g dependencyGroup, left *int) {
	group := DependencyGroup{Framework: shortFramework(fact(g.Framework))}
	for _, d := range g.Dependencies {
		if d.ID = fact(d.ID); d.ID == "" || *left == 0 {
			continue
		}
		*left--
		group.Dependencies = append(group.Dependencies, Dependency{d.ID, normalRange(fact(d.Version))})
	}
	f.Groups = append(f.Groups, group)
}

// normalRange writes a range as NuGet does; one that cannot be read stays as it is.
func normalRange(text string) string {
	if text == "" {
		return ""
	}
	if r, err := versioning.ParseNuGetRange(text); err == nil {
		return r.String()
	}
	return text
}

func fact(text string) string {
	if text = clean(text); len(text) > maxFact {
		text = strings.ToValidUTF8(text[:maxFact], "")
	}
	return text
}

func isTrue(text string) bool { return strings.EqualFold(strings.TrimSpace(text), "true") }

func longFramework() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\.?(NETFramework|NETStandard|NETCoreApp)(?:,Version=v)?,?([0-9]+(?:\.[0-9]+)*)$`)
}

// shortFramework writes the name of a framework as NuGet's answers have it: .NETFramework4.6.1 is net461. Others stay.
func shortFramework(name string) string {
	m := longFramework().FindStringSubmatch(name)
	if m == nil {
		return name
	}
	numbers := strings.Split(m[2], ".")
	switch strings.ToLower(m[1]) {
	case "netframework":
		if len(numbers) == 1 {
			numbers = append(numbers, "0")
		}
		for len(numbers) > 2 && numbers[len(numbers)-1] == "0" {
			numbers = numbers[:len(numbers)-1]
		}
		return "net" + strings.Join(numbers, "")
	case "netcoreapp":
		if major, err := strconv.Atoi(numbers[0]); err == nil && major >= 5 {
			return "net" + m[2]
		}
	}
	return strings.ToLower(m[1]) + m[2]
}

// Describe gives the dependencies as version 2 of NuGet's protocol has them: id:range:framework, with bars between.
func (f *Facts) Describe() string {
	var parts []string
	for _, g := range f.Groups {
		if len(g.Dependencies) == 0 && g.Framework != "" {
			parts = append(parts, "::"+g.Framework)
		}
		for _, d := range g.Dependencies {
			part := d.ID + ":" + d.Range
			if g.Framework != "" {
				part += ":" + g.Framework
			}
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "|")
}

// AuthorList gives the authors one by one.
func (f *Facts) AuthorList() []string {
	list := []string{}
	for name := range strings.SplitSeq(f.Authors, ",") {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name)
		}
	}
	return list
}

func (f *Facts) encode() (string, error) {
	text, err := json.Marshal(f)
	return string(text), err
}

func (f *Facts) decode(text string) error {
	if err := json.Unmarshal([]byte(text), f); err != nil {
		return fmt.Errorf("read the facts of a package: %w", err)
	}
	return nil
}
