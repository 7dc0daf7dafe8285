package versioning

import (
	"strings"
	"time"

	"github.com/dlclark/regexp2"
)

// ChannelRule says which versions of a package a channel takes: a range of versions, in Maven's
// notation for Maven packages and in NuGet's for all others, and a .NET regular expression for the
// labels. Either may be missing.
type ChannelRule struct {
	maven *MavenRange
	nuget *NuGetRange
	tag   *regexp2.Regexp
}

// ParseChannelRule reads a rule for packages with versions of a format.
func ParseChannelRule(f Format, versionRange, tag string) (ChannelRule, error) {
	var rule ChannelRule
	if strings.TrimSpace(versionRange) != "" {
		if f == FormatMaven {
			r, err := ParseMavenRange(versionRange)
			if err != nil {
				return ChannelRule{}, err
			}
			rule.maven = &r
		} else {
			r, err := ParseNuGetRange(versionRange)
			if err != nil {
				return ChannelRule{}, err
			}
			rule.nuget = &r
		}
	}
	if strings.TrimSpace(tag) != "" {
		re, err := regexp2.Compile(tag, regexp2.None)
		if err != nil {
			return ChannelRule{}, &ParseError{Kind: "prerelease tag expression", Text: tag, Reason: err.Error()}
		}
		re.MatchTimeout = time.Second
		rule.tag = re
	}
	return rule, nil
}

// Allows tells whether the channel takes a version. Metadata does not count. An expression that
// takes longer than a second to match does not match.
func (r ChannelRule) Allows(v Version) bool {
	if r.maven != nil && !mavenContains(*r.maven, v) {
		return false
	}
	if r.nuget != nil && !r.nuget.Contains(NuGetOf(v)) {
		return false
	}
	if r.tag == nil {
		return true
	}
	ok, err := r.tag.MatchString(v.Parts().Release)
	return err == nil && ok
}

func mavenContains(r MavenRange, v Version) bool {
	m, ok := v.(Maven)
	if !ok {
		var err error
		if m, err = ParseMaven(v.String()); err != nil {
			return false
		}
	}
	return r.Contains(m)
}
