package versioning

import "strconv"

// ReleaseNumbers are what a template of release numbers may ask about the release before, such as
// #{Octopus.Version.LastMajor}.#{Octopus.Version.LastMinor}.#{Octopus.Version.NextPatch}.
type ReleaseNumbers struct {
	Major, Minor, Patch, Revision int
	Suffix                        string // the labels
}

// NumbersAfter takes the numbers of the release before; nil means that there is none, and all of
// them are 0.
func NumbersAfter(last Version) ReleaseNumbers {
	if last == nil {
		return ReleaseNumbers{}
	}
	p := last.Parts()
	return ReleaseNumbers{Major: p.Major, Minor: p.Minor, Patch: p.Patch, Revision: p.Revision, Suffix: p.Release}
}

// Variables gives LastMajor, LastMinor, LastPatch, LastBuild (the patch by its older name),
// LastRevision and LastSuffix, and NextMajor to NextSuffix, each counted up by itself, under a
// prefix such as "Octopus.Version." or "Octopus.Version.Channel[Beta].".
func (n ReleaseNumbers) Variables(prefix string) map[string]string {
	out := map[string]string{}
	for name, v := range map[string]int{"Major": n.Major, "Minor": n.Minor, "Patch": n.Patch, "Build": n.Patch, "Revision": n.Revision} {
		out[prefix+"Last"+name] = strconv.Itoa(v)
		out[prefix+"Next"+name] = strconv.Itoa(v + 1)
	}
	out[prefix+"LastSuffix"], out[prefix+"NextSuffix"] = n.Suffix, ""
	if n.Suffix == "" {
		return out
	}
	// A suffix whose digits cannot be counted has no next one.
	if next, err := NextRelease(n.Suffix); err == nil {
		out[prefix+"NextSuffix"] = next
	}
	return out
}
