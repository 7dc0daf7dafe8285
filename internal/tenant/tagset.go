package tenant

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// TagSet is a set of tags, as the wire has it.
type TagSet struct {
	store.Meta
	space.Member
	Name        string
	Description string
	SortOrder   int
	// Type is SingleSelect, MultiSelect or FreeText.
	Type string
	// Scopes are what the tags are for: Tenant, Environment, Project, Runbook, Target.
	Scopes   []string
	IsSystem bool
	Tags     []Tag
}

// Tag is one tag of a set. Its ID is "TagSets-1/Tags-2", its canonical name "Set/Tag".
type Tag struct {
	ID               string `json:"Id"`
	Name             string
	CanonicalTagName string
	Color            string
	Description      string
	SortOrder        int
}

// TagSets are the tag sets of the installation.
func TagSets() *store.Collection[TagSet] {
	return &store.Collection[TagSet]{
		Table: "tag_set", Prefix: "TagSets-", Noun: "tag set",
		Columns: []store.Column[TagSet]{
			{Name: "space_id", Value: func(s *TagSet) any { return s.SpaceID }},
			{Name: "name_fold", Value: func(s *TagSet) any { return store.Fold(s.Name) }},
			{Name: "sort_order", Value: func(s *TagSet) any { return s.SortOrder }},
		},
		Links: []store.Link[TagSet]{{Name: "scope", Values: func(s *TagSet) []string {
			folded := make([]string, len(s.Scopes))
			for i, scope := range s.Scopes {
				folded[i] = store.Fold(scope)
			}
			return folded
		}}},
		Keys: []store.Key[TagSet]{{Columns: []string{"space_id", "name_fold"}, Taken: func(s *TagSet) string {
			return "a tag set with the name \"" + s.Name + "\" exists already in this space; choose another name"
		}}},
	}
}

// TagSetDefaults returns what a tag set is before anything is entered.
func TagSetDefaults() *TagSet { return &TagSet{Type: "MultiSelect", Scopes: []string{"Tenant"}} }

// Prepare completes a tag set: IDs stay with tags of the same ID or name, new tags get some; canonical names are computed.
func (s *TagSet) Prepare(tx *store.Tx, old *TagSet) error {
	if s.Type == "" {
		s.Type = "MultiSelect"
	}
	if len(s.Scopes) == 0 {
		s.Scopes = []string{"Tenant"}
	}
	s.IsSystem = old != nil && old.IsSystem
	if s.Tags == nil {
		s.Tags = []Tag{}
	}
	known := map[string]string{}
	if old != nil {
		for _, t := range old.Tags {
			known[t.ID], known[store.Fold(t.Name)] = t.ID, t.ID
		}
	}
	for i := range s.Tags {
		t := &s.Tags[i]
		t.CanonicalTagName = s.Name + "/" + t.Name
		if id, ok := known[t.ID]; ok {
			t.ID = id
			continue
		}
		t.ID = known[store.Fold(t.Name)]
		if t.ID != "" {
			continue
		}
		id, _, err := tx.NextID("Tags-")
		if err != nil {
			return fmt.Errorf("number a new tag: %w", err)
		}
		t.ID = s.ID + "/" + id
	}
	return s.place(tx, old)
}

func (s *TagSet) place(tx *store.Tx, old *TagSet) error {
	if old != nil || s.SortOrder != 0 {
		return nil
	}
	last, err := TagSets().First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", s.SpaceID)}, OrderBy: []string{"sort_order DESC"}})
	if err == nil && last != nil {
		s.SortOrder = last.SortOrder + 1
	}
	return err
}

// Validate returns what is wrong with a tag set.
func (s *TagSet) Validate() []string {
	findings := environment.NameFindings("tag set", s.Name)
	if strings.Contains(s.Name, "/") {
		findings = append(findings, "the name of a tag set must not contain a slash: \""+s.Name+"\"")
	}
	if !slices.Contains([]string{"SingleSelect", "MultiSelect", "FreeText"}, s.Type) {
		findings = append(findings, "Type is \""+s.Type+"\"; it must be one of SingleSelect, MultiSelect, FreeText")
	}
	for _, scope := range s.Scopes {
		if !slices.Contains([]string{"Tenant", "Environment", "Project", "Runbook", "Target"}, scope) {
			findings = append(findings, "Scopes has \""+scope+"\"; it may have Tenant, Environment, Project, Runbook, Target")
		}
	}
	color := regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)
	names, ids := map[string]bool{}, map[string]bool{}
	for _, t := range s.Tags {
		findings = append(findings, environment.NameFindings("tag", t.Name)...)
		switch {
		case strings.Contains(t.Name, "/"):
			findings = append(findings, "the name of a tag must not contain a slash: \""+t.Name+"\"")
		case names[store.Fold(t.Name)]:
			findings = append(findings, "the tag \""+t.Name+"\" is in the set twice")
		case ids[t.ID]:
			findings = append(findings, "the tag ID "+t.ID+" is in the set twice")
		case t.Color != "" && !color.MatchString(t.Color):
			findings = append(findings, "the color \""+t.Color+"\" of the tag \""+t.Name+"\" must be like #333333")
		}
		names[store.Fold(t.Name)], ids[t.ID] = true, true
	}
	return findings
}

// Rename is a tag whose canonical name has changed.
type Rename struct{ From, To string }

// Changes compares a written tag set with the one before: which tags were renamed, and the canonical names that are gone.
func (s *TagSet) Changes(old *TagSet) (renamed []Rename, gone []string) {
	now := map[string]string{}
	for _, t := range s.Tags {
		now[t.ID] = t.CanonicalTagName
	}
	for _, t := range old.Tags {
		name, ok := now[t.ID]
		switch {
		case !ok:
			gone = append(gone, t.CanonicalTagName)
		case name != t.CanonicalTagName:
			renamed = append(renamed, Rename{t.CanonicalTagName, name})
		}
	}
	return renamed, gone
}

// Canonical returns the tags of the space that the texts mean, by canonical name (case ignored) or by ID, as canonical names
// without repetitions. What is none is a fault.
func Canonical(tx *store.Tx, spaceID string, texts []string) ([]string, error) {
	if len(texts) == 0 {
		return []string{}, nil
	}
	sets, err := TagSets().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID)}})
	if err != nil {
		return nil, err
	}
	known, free := map[string]string{}, map[string]string{}
	for _, set := range sets {
		for _, t := range set.Tags {
			known[store.Fold(t.CanonicalTagName)], known[store.Fold(t.ID)] = t.CanonicalTagName, t.CanonicalTagName
		}
		if set.Type == "FreeText" {
			free[store.Fold(set.Name)] = set.Name
		}
	}
	names := []string{}
	for _, text := range texts {
		name, ok := known[store.Fold(text)]
		if set, rest, found := strings.Cut(text, "/"); !ok && found && free[store.Fold(set)] != "" && rest != "" {
			name, ok = free[store.Fold(set)]+"/"+rest, true
		}
		if !ok {
			return nil, fault.Invalid("the tag %q does not exist in this space; name a tag as Set/Tag, or add it to its tag set first", text)
		}
		names = append(names, name)
	}
	return infrastructure.Distinct(names), nil
}

// TenantsTagged returns the IDs of the space's tenants that any of the tags (canonical names) means: a tenant counts if it has,
// of each set that is named, at least one of the tags named.
func TenantsTagged(tx *store.Tx, spaceID string, tags []string) ([]string, error) {
	q := store.Query{Where: []store.Cond{store.Eq("space_id", spaceID)}}
	for _, group := range BySet(tags) {
		q = q.With(store.In("tenant_tag", group...))
	}
	tenants, err := Tenants().Find(tx, q)
	if err != nil || len(tags) == 0 {
		return nil, err
	}
	ids := make([]string, len(tenants))
	for i, t := range tenants {
		ids[i] = t.ID
	}
	return ids, nil
}

// BySet groups canonical names, folded, by their set.
func BySet(tags []string) [][]string {
	sets := map[string][]string{}
	for _, tag := range tags {
		set, _, _ := strings.Cut(store.Fold(tag), "/")
		sets[set] = append(sets[set], store.Fold(tag))
	}
	groups := [][]string{}
	for _, group := range sets {
		groups = append(groups, group)
	}
	slices.SortFunc(groups, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return groups
}
