package versioning

import "errors"

// CombineNuGetRanges gives the smallest range that has all versions of all ranges, and those between them.
// A star counts as its lowest version.
func CombineNuGetRanges(ranges ...NuGetRange) (NuGetRange, error) {
	if len(ranges) == 0 {
		return NuGetRange{}, errNoRanges
	}
	all := ranges[0].withoutFloat()
	for _, r := range ranges[1:] {
		if all.lowerThan(r) > 0 {
			all.min, all.hasMin, all.minOpen = r.min, r.hasMin, r.minOpen
		}
		if all.upperThan(r) < 0 {
			all.max, all.hasMax, all.maxOpen = r.max, r.hasMax, r.maxOpen
		}
	}
	return all, nil
}

// CommonNuGetRange gives the range of the versions that all ranges have. Without any it is (0.0.0, 0.0.0), which
// contains nothing. A star counts as its lowest version.
func CommonNuGetRange(ranges ...NuGetRange) (NuGetRange, error) {
	if len(ranges) == 0 {
		return NuGetRange{}, errNoRanges
	}
	all := ranges[0].withoutFloat()
	for _, r := range ranges[1:] {
		if all.lowerThan(r) < 0 {
			all.min, all.hasMin, all.minOpen = r.min, r.hasMin, r.minOpen
		}
		if all.upperThan(r) > 0 {
			all.max, all.hasMax, all.maxOpen = r.max, r.hasMax, r.maxOpen
		}
	}
	if all.hasMin && all.hasMax {
		if c := all.min.Compare(all.max); c > 0 || c == 0 && (all.minOpen || all.maxOpen) {
			return NuGetRange{hasMin: true, hasMax: true, minOpen: true, maxOpen: true}, nil
		}
	}
	return all, nil
}

// IsSubsetOf tells whether the other range contains all versions between the bounds of this one.
func (r NuGetRange) IsSubsetOf(o NuGetRange) bool {
	return r.lowerThan(o) >= 0 && r.upperThan(o) <= 0
}

var errNoRanges = errors.New("versioning: there are no ranges to put together")

func (r NuGetRange) withoutFloat() NuGetRange {
	r.float = float{}
	return r
}

// lowerThan compares where two ranges begin.
func (r NuGetRange) lowerThan(o NuGetRange) int {
	switch {
	case !r.hasMin || !o.hasMin:
		return order(r.hasMin, o.hasMin)
	case r.min.Compare(o.min) != 0:
		return r.min.Compare(o.min)
	}
	return order(r.minOpen, o.minOpen)
}

// upperThan compares where two ranges end.
func (r NuGetRange) upperThan(o NuGetRange) int {
	switch {
	case !r.hasMax || !o.hasMax:
		return order(o.hasMax, r.hasMax)
	case r.max.Compare(o.max) != 0:
		return r.max.Compare(o.max)
	}
	return order(o.maxOpen, r.maxOpen)
}

// order puts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
