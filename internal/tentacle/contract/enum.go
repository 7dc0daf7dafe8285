package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// parseEnum sets dst to the value whose name is text, without regard to case.
func parseEnum[T ~int](text []byte, names map[string]T, dst *T) error {
	for name, value := range names {
		if strings.EqualFold(name, string(text)) {
			*dst = value
			return nil
		}
	}
	return fmt.Errorf("%q is none of %s", text, strings.Join(slices.Sorted(maps.Keys(names)), ", "))
}
