package project

import (
	"fmt"

	"github.com/mantledeploy/mantle/versioning"
)

// parse reads the rule for versions of a format. The tag of a rule is the newer VersionTagRegex, or Tag.
func (r *Rule) parse(f versioning.Format) (versioning.ChannelRule, error) {
	return versioning.ParseChannelRule(f, r.VersionRange, orElse(r.VersionTagRegex, r.Tag))
}

// findings checks a rule in the two notations that ranges have: which one is meant depends on the packages' feeds, and may change.
func (r *Rule) findings(number int) []string {
	_, nuget := r.parse(versioning.FormatSemver)
	_, maven := r.parse(versioning.FormatMaven)
	if nuget == nil || maven == nil {
		return nil
	}
	return []string{fmt.Sprintf("rule %d of the channel cannot be read: %v", number, nuget)}
}

// Allows tells whether the rule takes a version of a package.
func (r *Rule) Allows(v versioning.Version) (bool, error) {
	rule, err := r.parse(v.Format())
	if err != nil {
		return false, err
	}
	return rule.Allows(v), nil
}

// String says the rule in words: for whoever is refused.
func (r *Rule) String() string {
	text := "any version"
	if r.VersionRange != "" {
		text = "versions in the range " + r.VersionRange
	}
	if tag := orElse(r.VersionTagRegex, r.Tag); tag != "" {
		text += fmt.Sprintf(" with a prerelease tag that matches %q", tag)
	}
	return text
}
