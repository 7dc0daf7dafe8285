package project

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Channel sorts the releases of a project: which versions it takes, and through which lifecycle they go.
type Channel struct {
	store.Meta
	space.Member
	Name        string
	Slug        string
	Description string
	ProjectID   string `json:"ProjectId"`
	// ProjectGroupID is the group of the project, kept here because permissions are narrowed to groups.
	ProjectGroupID string `json:"ProjectGroupId"`
	// LifecycleID is nil where the project's lifecycle is used.
	LifecycleID *string `json:"LifecycleId"`
	IsDefault   bool
	// Type is Lifecycle, or EphemeralEnvironment.
	Type              string
	Rules             []Rule
	TenantTags        []string
	GitReferenceRules []string
	GitResourceRules  []GitResourceRule
	// CustomFieldDefinitions are fields that releases of the channel have besides.
	CustomFieldDefinitions                   []FieldDefinition
	ParentEnvironmentID                      *string `json:"ParentEnvironmentId"`
	EphemeralEnvironmentNameTemplate         *string
	AutomaticEphemeralEnvironmentDeployments bool
}

// Rule says which versions of packages a channel takes.
type Rule struct {
	ID string `json:"Id"`
	// VersionRange is in the notation of the packages' feed; Tag a regular expression for the prerelease tag.
	VersionRange       string
	Tag                string
	VersioningStrategy *string
	VersionTagRegex    string
	ActionPackages     []ActionPackage
	Links              map[string]string
	// Actions is what older clients read; always empty.
	Actions []string
}

// GitResourceRule says which references of repositories a channel takes.
type GitResourceRule struct {
	ID                   string `json:"Id"`
	GitDependencyActions []GitDependencyAction
	Rules                []string
}

// GitDependencyAction names a repository of the process.
type GitDependencyAction struct {
	DeploymentActionSlug string
	GitDependencyName    string
}

// FieldDefinition is a field of releases.
type FieldDefinition struct{ FieldName, Description string }

// Types of channels.
const (
	LifecycleChannel = "Lifecycle"
	EphemeralChannel = "EphemeralEnvironment"
)

// DefaultChannelName is the name of the channel that a new project has.
const DefaultChannelName = "Default"

// Channels are the channels.
func Channels() *store.Collection[Channel] {
	return &store.Collection[Channel]{
		Table: "channel", Prefix: "Channels-", Noun: "channel",
		Columns: []store.Column[Channel]{
			{Name: "space_id", Value: func(c *Channel) any { return c.SpaceID }},
			{Name: "project_id", Value: func(c *Channel) any { return c.ProjectID }},
			{Name: "name_fold", Value: func(c *Channel) any { return store.Fold(c.Name) }},
			// Not "slug": slugs of channels are unique in their project only, so nobody may find one by its slug in the space.
			{Name: "slug_in_project", Value: func(c *Channel) any { return c.Slug }},
			{Name: "lifecycle_id", Value: func(c *Channel) any { return deref(c.LifecycleID) }},
			{Name: "is_default", Value: func(c *Channel) any { return c.IsDefault }},
		},
		Links: []store.Link[Channel]{{Name: "tenant_tag", Values: func(c *Channel) []string { return c.TenantTags }}},
		Keys: []store.Key[Channel]{
			{Columns: []string{"project_id", "name_fold"}, Taken: func(c *Channel) string {
				return "a channel with the name \"" + c.Name + "\" exists already in this project; choose another name"
			}},
			{Columns: []string{"project_id", "slug_in_project"}, Taken: func(c *Channel) string {
				return "a channel with the slug \"" + c.Slug + "\" exists already in this project; choose another slug"
			}},
		},
	}
}

// Prepare completes a channel: lists are never null, rules keep their IDs and new ones get some. The project stays.
func (c *Channel) Prepare(tx *store.Tx, old *Channel) error {
	c.Name = strings.TrimSpace(c.Name)
	if old != nil {
		c.ProjectID, c.Slug = old.ProjectID, orElse(c.Slug, old.Slug)
	}
	c.Type = orElse(c.Type, LifecycleChannel)
	if deref(c.LifecycleID) == "" {
		c.LifecycleID = nil
	}
	c.Rules, c.TenantTags, c.GitReferenceRules = nonNil(c.Rules), unique(c.TenantTags), nonNil(c.GitReferenceRules)
	c.GitResourceRules, c.CustomFieldDefinitions = nonNil(c.GitResourceRules), nonNil(c.CustomFieldDefinitions)
	for i := range c.Rules {
		r := &c.Rules[i]
		r.ID, r.ActionPackages, r.Links, r.Actions = orElse(r.ID, uuid.NewString()), nonNil(r.ActionPackages), map[string]string{}, []string{}
	}
	for i := range c.GitResourceRules {
		r := &c.GitResourceRules[i]
		r.ID, r.GitDependencyActions, r.Rules = orElse(r.ID, uuid.NewString()), nonNil(r.GitDependencyActions), nonNil(r.Rules)
	}
	return c.makeSlug(tx)
}

// makeSlug gives the channel a slug that no other channel of the project has, unless it has one.
func (c *Channel) makeSlug(tx *store.Tx) error {
	if c.Slug != "" {
		c.Slug = space.Slug(c.Slug)
		return nil
	}
	base := space.Slug(c.Name)
	c.Slug = base
	for n := 1; ; n++ {
		count, err := Channels().Count(tx, store.Eq("project_id", c.ProjectID), store.Eq("slug_in_project", c.Slug))
		if err != nil || count == 0 {
			return err
		}
		c.Slug = base + "-" + strconv.Itoa(n)
	}
}

// Validate returns what is wrong with a channel by itself.
func (c *Channel) Validate() []string {
	found := environment.NameFindings("channel", c.Name)
	found = append(found, oneOf("Type", c.Type, LifecycleChannel, EphemeralChannel)...)
	uses := map[string]bool{}
	for i, r := range c.Rules {
		found = append(found, r.findings(i+1)...)
		for _, p := range r.ActionPackages {
			key := strings.ToLower(p.DeploymentAction + "\x00" + p.PackageReference)
			if uses[key] {
				found = append(found, fmt.Sprintf("two rules of the channel are for the same package of the step %q; a package has one rule", p.DeploymentAction))
			}
			uses[key] = true
		}
	}
	return found
}

// LifecycleOf returns the ID of the lifecycle that releases of the channel go through.
func (c *Channel) LifecycleOf(p *Project) string { return orElse(deref(c.LifecycleID), p.LifecycleID) }

// RuleFor returns the rule for a package of the process, or nil: any version is allowed then. An action is known by its name
// or its slug.
func (c *Channel) RuleFor(actionName, actionSlug, packageReference string) *Rule {
	for i := range c.Rules {
		if slices.ContainsFunc(c.Rules[i].ActionPackages, func(p ActionPackage) bool {
			return (strings.EqualFold(p.DeploymentAction, actionName) || p.DeploymentAction != "" && strings.EqualFold(p.DeploymentAction, actionSlug)) &&
				strings.EqualFold(p.PackageReference, packageReference)
		}) {
			return &c.Rules[i]
		}
	}
	return nil
}

// NewDefaultChannel returns the channel that a new project begins with, not yet stored.
func NewDefaultChannel(p *Project) *Channel {
	c := &Channel{Name: DefaultChannelName, ProjectID: p.ID, ProjectGroupID: p.ProjectGroupID, IsDefault: true}
	c.SpaceID = p.SpaceID
	return c
}

// ChannelsOf returns the channels of a project, by name.
func ChannelsOf(tx *store.Tx, projectID string) ([]*Channel, error) {
	return Channels().Find(tx, store.Query{Where: []store.Cond{store.Eq("project_id", projectID)}, OrderBy: []string{"name_fold"}})
}

// DefaultChannel returns the default channel of a project.
func DefaultChannel(tx *store.Tx, projectID string) (*Channel, error) {
	c, err := Channels().First(tx, store.Query{Where: []store.Cond{store.Eq("project_id", projectID), store.Eq("is_default", true)}})
	if err == nil && c == nil {
		return nil, fault.NotFound("the project %q has no default channel; make one of its channels the default", projectID)
	}
	return c, err
}

// FindChannel returns the channel of a project by its ID, slug or name.
func FindChannel(tx *store.Tx, projectID, key string) (*Channel, error) {
	for _, cond := range []store.Cond{store.Eq("id", key), store.Eq("slug_in_project", store.Fold(key)), store.Eq("name_fold", store.Fold(key))} {
		c, err := Channels().First(tx, store.Query{Where: []store.Cond{store.Eq("project_id", projectID), cond}})
		if err != nil || c != nil {
			return c, err
		}
	}
	return nil, fault.NotFound("the channel %q was not found in this project", key)
}

// MoveChannels tells the channels of a project to which group it belongs now.
func MoveChannels(tx *store.Tx, p *Project) error {
	channels, err := ChannelsOf(tx, p.ID)
	if err != nil {
		return err
	}
	for _, c := range channels {
		if c.ProjectGroupID == p.ProjectGroupID {
			continue
		}
		c.ProjectGroupID = p.ProjectGroupID
		if err := Channels().Update(tx, c); err != nil {
			return err
		}
	}
	return nil
}

// TakeDefault makes the channel the only default one of its project.
func (c *Channel) TakeDefault(tx *store.Tx) error {
	if !c.IsDefault {
		return nil
	}
	others, err := Channels().Find(tx, store.Query{Where: []store.Cond{store.Eq("project_id", c.ProjectID), store.Eq("is_default", true), store.NotIn("id", c.ID)}})
	if err != nil {
		return err
	}
	for _, other := range others {
		other.IsDefault = false
		if err := Channels().Update(tx, other); err != nil {
			return err
		}
	}
	return nil
}
