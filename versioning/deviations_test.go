package versioning

// deviations are the recorded rows with which this package differs on purpose.
func deviations() map[string]string {
	all := map[string]string{"maven-compare-0005": "the order has cycles, so a sorted list depends on the algorithm"}
	for reason, ids := range map[string][]string{
		"across formats the recorded order is not antisymmetric; Compare keeps formats apart": {"factory-0170"},
	} {
		for _, id := range ids {
			all[id] = reason
		}
	}
	return all
}
