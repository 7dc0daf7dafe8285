package project

import (
	"fmt"
	"strings"
)

// Retention says how long releases, or files on targets, are kept.
type Retention struct {
	// Strategy is Default (what the space says), Forever or Count.
	Strategy       string
	Unit           string
	QuantityToKeep int
	// ShouldKeepForever is what older clients read and write instead of Strategy.
	ShouldKeepForever bool
}

// Strategies of retention, and units of Count.
const (
	KeepDefault = "Default"
	KeepForever = "Forever"
	KeepCount   = "Count"
	Days        = "Days"
	Items       = "Items"
)

// DefaultRetention is the retention of what does not say.
func DefaultRetention() *Retention {
	return &Retention{Strategy: KeepDefault, Unit: Items, ShouldKeepForever: true}
}

// complete fills in what older clients leave out, and makes the members agree.
func (r *Retention) complete() {
	if r == nil {
		return
	}
	if r.Strategy == "" {
		r.Strategy = KeepCount
		if r.ShouldKeepForever {
			r.Strategy = KeepForever
		}
	}
	r.Unit = normalUnit(r.Unit)
	r.ShouldKeepForever = r.Strategy != KeepCount
	if r.Strategy != KeepCount {
		r.QuantityToKeep, r.Unit = 0, Items
	}
}

func (r *Retention) findings(what string) []string {
	if r == nil {
		return nil
	}
	var found []string
	if r.Strategy != KeepDefault && r.Strategy != KeepForever && r.Strategy != KeepCount {
		found = append(found, fmt.Sprintf("the Strategy of %s is %q; it must be Default, Forever or Count", what, r.Strategy))
	}
	if r.Unit != Days && r.Unit != Items {
		found = append(found, fmt.Sprintf("the Unit of %s is %q; it must be Days or Items", what, r.Unit))
	}
	if r.QuantityToKeep < 0 || r.Strategy == KeepCount && r.QuantityToKeep == 0 {
		found = append(found, fmt.Sprintf("%s keeps %d; give it 1 or more, or the Strategy Forever", what, r.QuantityToKeep))
	}
	return found
}

// normalUnit spells a unit as the wire does; Items where there is none.
func normalUnit(unit string) string {
	for _, known := range []string{Days, Items} {
		if strings.EqualFold(unit, known) {
			return known
		}
	}
	return orElse(unit, Items)
}
