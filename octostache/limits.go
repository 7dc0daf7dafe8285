package octostache

import "time"

// Limits bounds what one evaluation may cost. A zero field means its default.
type Limits struct {
	// Depth bounds the nesting of templates: variables that refer to
	// variables, bodies of if and each, options, and brackets. Default 1000.
	Depth int
	// Output bounds the bytes printed by one evaluation, counting every
	// intermediate text once. Default 64 MiB.
	Output int
	// Steps bounds the tokens evaluated, and the size of what is parsed on the
	// way (eight bytes are a step). Default 5 million.
	Steps int
	// RegexpTime bounds the time in regular expressions. Default 5 seconds.
	RegexpTime time.Duration
}

const (
	defaultDepth      = 1000
	defaultOutput     = 64 << 20
	defaultSteps      = 5_000_000
	defaultRegexpTime = 5 * time.Second
)

func (l Limits) withDefaults() Limits {
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	if l.Output <= 0 {
		l.Output = defaultOutput
	}
	if l.Steps <= 0 {
		l.Steps = defaultSteps
	}
	if l.RegexpTime <= 0 {
		l.RegexpTime = defaultRegexpTime
	}
	return l
}
