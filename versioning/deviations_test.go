package versioning

// deviations are the recorded rows with which this package differs on purpose.
func deviations() map[string]string {
	all := map[string]string{"maven-compare-0005": "the order has cycles, so a sorted list depends on the algorithm"}
	for reason, ids := range map[string][]string{
		"no list of packages mixes formats, so none comes before another": {
			"factory-0001", "factory-0032", "factory-0063", "factory-0094"},
		"across formats the recorded order is not antisymmetric; Compare keeps formats apart": {"factory-0170"},
		"a label of nothing is no label": {
			"semver-parse-0439", "semver-parse-0440", "semver-parse-0466", "semver-parse-0467", "semver-parse-0494",
		},
		"a missing number is 0 here, not -1": {
			"semver-parse-0450", "semver-parse-0478",
		},
		"a strict version has no fourth number; the recorded one is kept and never printed": {
			"semver-parse-0516", "semver-parse-0520", "semver-parse-0522", "semver-parse-0523", "semver-parse-0525", "semver-parse-0526",
			"semver-parse-0527", "semver-parse-0528", "semver-parse-0530", "semver-parse-0531", "semver-parse-0532", "semver-parse-0533",
			"semver-parse-0534",
		},
	} {
		for _, id := range ids {
			all[id] = reason
		}
	}
	return all
}
