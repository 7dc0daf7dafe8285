package octostache

import (
	"strings"

	"github.com/dlclark/regexp2"
)

// maxPattern bounds the bytes of a pattern.
const maxPattern = 1 << 16

// regexpFilter matches or replaces with the regular expressions of .NET, whose
// running time is bounded.
func (e *evaluation) regexpFilter(match bool, in string, options []string) (Value, error) {
	if len(options) == 0 || match && len(options) > 1 {
		return Null(), nil
	}
	name := "Replace"
	if match {
		name = "Match"
	}
	if len(options[0]) > maxPattern {
		return Null(), &FilterError{name, "the pattern is longer than 65536 bytes"}
	}
	pattern, ok := dialect(codeUnitPattern(options[0]))
	rx, err := regexp2.Compile(pattern, regexp2.None)
	if err != nil || !ok {
		return Null(), &FilterError{name, "the pattern is not a regular expression: " + options[0]}
	}
	run := &matching{e: e, rx: rx, units: codeUnits(in)}
	if strings.Contains(pattern, `\G`) {
		if run.behind, err = regexp2.Compile(withoutContinuation(pattern), regexp2.None); err != nil {
			return Null(), &FilterError{name, "the pattern is not a regular expression: " + options[0]}
		}
	}
	run.folded = run.units
	if strings.Contains(options[0], "(?") {
		run.folded = unfold(run.units)
	}
	if match {
		m, err := run.next(nil)
		return boolText(m != nil), err
	}
	return run.replace(append(options, "")[1])
}

func (e *evaluation) regexpTime() error {
	return &LimitError{"RegexpTime", e.config.Limits.RegexpTime.Milliseconds()}
}
