package ocl

import (
	"slices"

	"golang.org/x/text/collate"
)

// sortedBy sorts a copy, keeping the order of what compares equal.
func sortedBy[T any](c *collate.Collator, list []T, key func(T) string) []T {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b T) int { return c.CompareString(key(a), key(b)) })
	return list
}
