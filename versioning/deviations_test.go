package versioning

// deviations are the recorded rows with which this package differs on purpose.
func deviations() map[string]string {
	const labels = "a constructor that takes labels which no parser reads back is a trap; ours refuses them"
	return map[string]string{
		"maven-compare-0005": "the order has cycles, so a sorted list depends on the algorithm",
		"semver-parse-0341":  labels,
		"semver-parse-0343":  labels,
		"semver-parse-0352":  labels,
		"semver-parse-0354":  labels,
		"semver-parse-0363":  labels,
		"semver-parse-0364":  labels,
		"semver-parse-0365":  labels,
		"semver-parse-0374":  labels,
		"semver-parse-0375":  labels,
		"semver-parse-0376":  labels,
		"semver-parse-0386":  labels,
		"semver-parse-0387":  labels,
	}
}

// apisOfOthers are recorded operations that this package does not have.
func apisOfOthers() map[string]string {
	return map[string]string{
		"semver.strictctor":  "strictness is a matter of parsing here, there is no second type",
		"version.precedence": "an order between formats that nothing uses",
		"version.cross":      "across formats the peer's order is not antisymmetric; Compare keeps formats apart",
		"nuget.combine":      "no rule of a channel combines ranges",
	}
}
