package versioning

import "strings"

func looseSplit(s string) []string { return strings.Split(s, ".") }

func describeMavenRange(r MavenRange) map[string]any {
	restrictions := []any{}
	for _, in := range r.intervals {
		one := map[string]any{"lower": nil, "upper": nil, "lowerInclusive": in.lowClosed, "upperInclusive": in.highClosed, "toString": in.String()}
		if in.low != nil {
			one["lower"] = in.low.String()
		}
		if in.high != nil {
			one["upper"] = in.high.String()
		}
		restrictions = append(restrictions, one)
	}
	v, recommends := r.Recommended()
	out := map[string]any{"restrictions": restrictions, "toString": r.String(), "recommended": nil, "hasRestrictions": len(r.intervals) > 0 && !recommends}
	if recommends {
		out["recommended"] = v.String()
	}
	if !r.IsEmpty() {
		out["isSelectedVersionKnown"] = recommends
	}
	return out
}

func checkMavenRange(r row) (any, error) {
	set, err := ParseMavenRange(r.Input)
	return describeMavenRange(set), err
}

func checkMavenRangeOf(r row) (any, error) {
	v, err := ParseMaven(r.Input)
	return describeMavenRange(MavenRangeOf(v)), err
}

func checkMavenContains(r row) (any, error) {
	sets, err := parseAll(r.Ranges, ParseMavenRange)
	if err != nil {
		return nil, err
	}
	versions, err := parseAll(texts(r.Versions), ParseMaven)
	return bits(len(sets), len(versions), func(i, j int) bool { return sets[i].Contains(versions[j]) }), err
}

func checkMavenMatch(r row) (any, error) {
	set, err := ParseMavenRange(r.Input)
	if err != nil {
		return nil, err
	}
	versions, err := parseAll(texts(r.Versions), ParseMaven)
	if err != nil {
		return nil, err
	}
	if best, ok := set.Best(versions); ok {
		return best.String(), nil
	}
	return nil, nil
}

func checkMavenRestrict(r row) (any, error) {
	a, err := ParseMavenRange(r.A)
	if err != nil {
		return nil, err
	}
	b, err := ParseMavenRange(r.B)
	return describeMavenRange(a.Restrict(b)), err
}

func checkMavenID(r row) (any, error) {
	id, err := ParseMavenCoordinates(r.Input)
	if r.OctopusInput {
		id, err = ParseMavenID(r.Input, r.Version)
	}
	out := map[string]any{
		"group": id.Group, "artifact": id.Artifact, "version": id.Version, "packaging": id.Packaging,
		"classifier": id.Classifier, "displayName": id.String(), "toString": id.String(),
		"groups": strings.Split(id.Group, "."),
	}
	if id.Artifact != "" {
		out["groupMetadataPath"] = id.MetadataPath()
	}
	if id.Artifact != "" && id.Version != "" {
		const build = "20200102.030405-1"
		out["groupVersionMetadataPath"], out["pomPath"], out["artifactPath"] = id.VersionMetadataPath(), id.POMPath(id.Version), id.ArtifactPath(id.Version)
		out["snapshotPomPath"], out["snapshotArtifactPath"] = id.POMPath(build), id.ArtifactPath(build)
	}
	return out, err
}

func checkNuGetRange(r row) (any, error) {
	set, err := ParseNuGetRange(r.Input)
	low, lowIn, hasLow := set.Min()
	high, highIn, hasHigh := set.Max()
	out := map[string]any{
		"normalized": set.String(), "toString": set.String(), "pretty": set.Pretty(), "float": set.Float(),
		"hasMin": hasLow, "minInclusive": lowIn, "hasMax": hasHigh, "maxInclusive": highIn,
		"isFloating": set.Float() != "", "min": nil, "max": nil,
	}
	if hasLow {
		out["min"] = low.Normalized()
	}
	if hasHigh {
		out["max"] = high.Normalized()
	}
	if err == nil && r.AllowFloat != nil && !*r.AllowFloat && set.Float() != "" {
		return nil, &ParseError{}
	}
	return out, err
}

func checkNuGetSatisfies(r row) (any, error) {
	sets, err := parseAll(r.Ranges, ParseNuGetRange)
	if err != nil {
		return nil, err
	}
	versions, err := parseAll(texts(r.Versions), ParseNuGet)
	return bits(len(sets), len(versions), func(i, j int) bool { return sets[i].Contains(versions[j]) }), err
}

func checkNuGetBest(r row) (any, error) {
	set, err := ParseNuGetRange(r.Input)
	if err != nil {
		return nil, err
	}
	versions, err := parseAll(texts(r.Versions), ParseNuGet)
	if err != nil {
		return nil, err
	}
	if best, ok := set.Best(versions); ok {
		return best.String(), nil
	}
	return nil, nil
}
