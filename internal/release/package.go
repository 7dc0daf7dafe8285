package release

import (
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/octostache"
	"github.com/mantledeploy/mantle/versioning"
)

// Use is a package that an action of a process uses, and for which a release selects a version.
type Use struct {
	StepName, ActionName, ActionSlug, ActionID, StepID string
	// Reference is the name of the package in the action; the primary one has none.
	Reference         string
	PackageID, FeedID string
	// Fixed is the version that the process itself asks for; empty: the release chooses.
	Fixed string
	// Resolvable: the package and the feed are known before a deployment's variables are.
	Resolvable bool
}

// Uses returns the packages of the enabled actions of a process, in their order.
func Uses(p *process.Process) []Use {
	var uses []Use
	for _, s := range p.Steps {
		for _, a := range s.Actions {
			if a.IsDisabled {
				continue
			}
			for _, ref := range a.Packages {
				u := Use{StepName: s.Name, StepID: s.ID, ActionName: a.Name, ActionSlug: a.Slug, ActionID: a.ID, Reference: ref.Name, PackageID: ref.PackageID, FeedID: ref.FeedID}
				if ref.Version != nil {
					u.Fixed = *ref.Version
				}
				u.Resolvable = !octostache.HasTokens(u.PackageID) && !octostache.HasTokens(u.FeedID)
				uses = append(uses, u)
			}
		}
	}
	return uses
}

// String names the package and where it is used: for people.
func (u Use) String() string {
	text := fmt.Sprintf("the package %q of the step %q", u.PackageID, u.ActionName)
	if u.Reference != "" {
		text += fmt.Sprintf(" (referred to as %q)", u.Reference)
	}
	return text
}

// Choice says which versions a release takes.
type Choice struct {
	// Default is the version of every package that nothing else names.
	Default string
	// Specs are "Package:1.0", "Step:1.0", "Step:Package:1.0", "Step:Reference:1.0"; * stands for any name.
	Specs []string
	// Selected are versions by action and reference; they come before all others.
	Selected []SelectedPackage
	// Prerelease is what a version that is chosen by itself must have as its prerelease tag.
	Prerelease string
	// IgnoreRules takes versions that the channel does not.
	IgnoreRules bool
	// Known are the versions that feeds elsewhere have, for what Draft.Asks returns.
	Known map[Elsewhere][]string
}

// spec is a parsed item of Specs.
type spec struct {
	text, owner, reference, version string
	referenced, used                bool
}

func parseSpecs(texts []string) ([]*spec, error) {
	var specs []*spec
	for _, text := range texts {
		s, err := parseSpec(text)
		if err != nil {
			return nil, err
		}
		specs = append(specs, s)
	}
	return specs, nil
}

func parseSpec(text string) (*spec, error) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '=' })
	if len(parts) != 2 || strings.Contains(text, ":") {
		parts = strings.Split(text, ":")
	}
	s := &spec{text: text, version: strings.TrimSpace(parts[len(parts)-1])}
	switch len(parts) {
	case 1:
		s.owner = "*"
	case 2:
		s.owner = strings.TrimSpace(parts[0])
	case 3:
		s.owner, s.reference, s.referenced = strings.TrimSpace(parts[0]), strings.TrimSpace(parts[1]), true
	default:
		return nil, fault.Invalid("the package version %q cannot be read; write Package:Version, Step:Version or Step:Package:Version", text)
	}
	if s.version == "" {
		return nil, fault.Invalid("the package version %q has no version; write Package:Version, Step:Version or Step:Package:Version", text)
	}
	return s, nil
}

// matches tells how exactly the spec names the use: 0 is not at all.
func (s *spec) matches(u Use) int {
	if s.referenced {
		if n := s.pair(u, s.owner, s.reference); n > 0 {
			return n
		}
		return s.pair(u, s.reference, s.owner) // the reference's name may stand first
	}
	switch {
	case strings.EqualFold(s.owner, u.ActionName), strings.EqualFold(s.owner, u.StepName), strings.EqualFold(s.owner, u.PackageID):
		return 2
	case s.owner == "*":
		return 1
	}
	return 0
}

// pair compares an owner (step, action or package) and a reference (its name, or the package's ID).
func (s *spec) pair(u Use, owner, reference string) int {
	ownerRank := 0
	switch {
	case strings.EqualFold(owner, u.ActionName), strings.EqualFold(owner, u.StepName), strings.EqualFold(owner, u.PackageID):
		ownerRank = 2
	case owner == "*" || owner == "":
		ownerRank = 1
	}
	referenceRank := 0
	switch {
	case strings.EqualFold(reference, u.Reference), strings.EqualFold(reference, u.PackageID):
		referenceRank = 2
	case reference == "*":
		referenceRank = 1
	}
	if ownerRank == 0 || referenceRank == 0 {
		return 0
	}
	return 2 + ownerRank + referenceRank
}

// Resolve returns the selected packages of a process for a release in the channel.
func (c Choice) Resolve(tx *store.Tx, p *process.Process, channel *project.Channel) ([]SelectedPackage, error) {
	specs, err := parseSpecs(c.Specs)
	if err != nil {
		return nil, err
	}
	selected := []SelectedPackage{}
	for _, u := range Uses(p) {
		version, err := c.version(tx, p.SpaceID, u, channel, specs)
		if err != nil {
			return nil, err
		}
		selected = append(selected, SelectedPackage{StepName: u.StepName, ActionName: u.ActionName, PackageReferenceName: u.Reference, Version: version})
	}
	return selected, c.unused(p, specs)
}

// unused refuses versions of packages that the process does not use.
func (c Choice) unused(p *process.Process, specs []*spec) error {
	for _, s := range specs {
		if !s.used && s.owner != "*" {
			return fault.Invalid("the version %q is for no step and no package of the process; name a package ID or a step that uses one", s.text)
		}
	}
	for _, sel := range c.Selected {
		known := false
		for _, u := range Uses(p) {
			known = known || sel.names(u)
		}
		if !known && !disabled(p, sel) {
			return fault.Invalid("a version was selected for the package %q of the step %q, which the process does not have", sel.PackageReferenceName, sel.ActionName+sel.StepName)
		}
	}
	return nil
}

// disabled tells whether the selection is for an action that is disabled: clients send those too.
func disabled(p *process.Process, sel SelectedPackage) bool {
	for _, s := range p.Steps {
		for _, a := range s.Actions {
			if a.IsDisabled && strings.EqualFold(a.Name, sel.ActionName) {
				return true
			}
		}
	}
	return false
}

// names tells whether the selection is the use's. Old clients give the step's name alone.
func (s SelectedPackage) names(u Use) bool {
	if !strings.EqualFold(s.PackageReferenceName, u.Reference) {
		return false
	}
	if s.ActionName == "" {
		return strings.EqualFold(s.StepName, u.StepName)
	}
	return strings.EqualFold(s.ActionName, u.ActionName) || strings.EqualFold(s.ActionName, u.ActionSlug)
}

// version chooses the version of one package.
func (c Choice) version(tx *store.Tx, spaceID string, u Use, channel *project.Channel, specs []*spec) (string, error) {
	version := c.named(u, specs)
	if !u.Resolvable {
		if version == "" && u.Fixed == "" {
			return "", fault.Invalid("%s is only known at the deployment; give its version, as packageVersion or as %s:VERSION", u, u.ActionName)
		}
		return orElse(version, u.Fixed), nil
	}
	f, err := feed.Of(tx, spaceID, u.FeedID)
	if fault.Is(err, fault.KindNotFound) {
		return "", fault.Invalid("%s comes from the feed %q, which does not exist; choose another feed in the step", u, u.FeedID)
	}
	if err != nil {
		return "", err
	}
	if version == "" {
		version = u.Fixed
	}
	if version == "" {
		return c.newest(tx, spaceID, u, channel, f)
	}
	return version, c.check(tx, spaceID, u, channel, f, version)
}

// named returns the version that was asked for, or "".
func (c Choice) named(u Use, specs []*spec) string {
	for _, sel := range c.Selected {
		if sel.names(u) && sel.Version != "" {
			return sel.Version
		}
	}
	var best *spec
	rank := 0
	for _, s := range specs {
		n := s.matches(u)
		if n > 0 {
			s.used = true
		}
		if n > rank {
			best, rank = s, n
		}
	}
	if best != nil {
		return best.version
	}
	return c.Default
}

func ruleFor(u Use, channel *project.Channel) *project.Rule {
	rule := channel.RuleFor(u.ActionName, u.ActionSlug, u.Reference)
	if rule == nil {
		rule = &project.Rule{}
	}
	return rule
}

// newest returns the newest version in the feed that the channel takes.
func (c Choice) newest(tx *store.Tx, spaceID string, u Use, channel *project.Channel, f *feed.Feed) (string, error) {
	if f.FeedType == feed.NuGet {
		return c.newestElsewhere(u, channel, f)
	}
	if f.Served() != nil {
		return "", fault.Invalid("%s comes from the feed %q, whose versions this server does not know; give its version, as packageVersion or as %s:VERSION", u, f.Name, u.PackageID)
	}
	list, _, err := feed.Versions{SpaceID: spaceID, PackageID: u.PackageID, Prerelease: true}.Find(tx)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fault.Invalid("%s is not in the built-in feed; push a version of it before you create a release", u)
	}
	versions := make([]string, len(list))
	for i, p := range list {
		versions[i] = p.Version
	}
	return c.first(u, channel, versions)
}

// first returns the first of the versions, which are sorted, that the channel takes.
func (c Choice) first(u Use, channel *project.Channel, versions []string) (string, error) {
	rule := ruleFor(u, channel)
	for _, candidate := range versions {
		v, err := versioning.ParseSemVer(candidate)
		if err != nil || c.Prerelease != "" && !strings.EqualFold(v.Parts().Release, c.Prerelease) {
			continue
		}
		allowed, err := rule.Allows(v)
		if err != nil {
			return "", fault.Invalid("a rule of the channel %q cannot be read: %v", channel.Name, err)
		}
		if allowed || c.IgnoreRules {
			return candidate, nil
		}
	}
	return "", fault.Invalid("no version of %s is allowed by the channel %q, which takes %s; push one, give a version, or choose another channel", u, channel.Name, rule)
}

// check refuses a version that is not in the feed, or that the channel does not take.
func (c Choice) check(tx *store.Tx, spaceID string, u Use, channel *project.Channel, f *feed.Feed, version string) error {
	if f.Served() == nil {
		_, err := feed.Open(tx, spaceID, u.PackageID, version)
		if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindInvalid) {
			return fault.Invalid("version %s of %s is not in the built-in feed; push it, or give another version", version, u).Because(err)
		}
		if err != nil {
			return err
		}
	}
	if c.IgnoreRules {
		return nil
	}
	v, err := versioning.Parse(formatOf(f), version)
	if err != nil {
		return fault.Invalid("%q is no version for %s: %v", version, u, err)
	}
	rule := ruleFor(u, channel)
	allowed, err := rule.Allows(v)
	if err != nil {
		return fault.Invalid("a rule of the channel %q cannot be read: %v", channel.Name, err)
	}
	if !allowed {
		return fault.Invalid("the channel %q does not take version %s of %s: it takes %s; choose another version or channel, or send IgnoreChannelRules", channel.Name, version, u, rule)
	}
	return nil
}

// formatOf is the kind of versions that a feed has.
func formatOf(f *feed.Feed) versioning.Format {
	switch f.FeedType {
	case "Maven":
		return versioning.FormatMaven
	case "Docker", "AwsElasticContainerRegistry", "AzureContainerRegistry", "GoogleContainerRegistry", "OciRegistry":
		return versioning.FormatDocker
	}
	return versioning.FormatSemver
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
