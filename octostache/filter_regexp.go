package octostache

import (
	"strings"

	"github.com/dlclark/regexp2"
)

// regexpFilter matches or replaces with the regular expressions of .NET, whose
// running time is bounded.
func (e *evaluation) regexpFilter(match bool, in string, options []string) (Value, error) {
	if len(options) == 0 || match && len(options) > 1 {
		return Null(), nil
	}
	rx, err := regexp2.Compile(options[0], regexp2.None)
	if err != nil {
		return Null(), &FilterError{regexpName(match), "the pattern is not a regular expression: " + options[0]}
	}
	rx.MatchTimeout = e.config.Limits.RegexpTime
	if match {
		ok, err := rx.MatchString(in)
		if err != nil {
			return Null(), e.regexpTime()
		}
		return boolText(ok), nil
	}
	replacement := ""
	if len(options) > 1 {
		replacement = options[1]
	}
	out, err := rx.Replace(in, replacement, -1, -1)
	if err != nil {
		if strings.Contains(err.Error(), "timeout") {
			return Null(), e.regexpTime()
		}
		return Null(), &FilterError{regexpName(match), "the replacement is not valid: " + replacement}
	}
	return Text(out), nil
}

func regexpName(match bool) string {
	if match {
		return "Match"
	}
	return "Replace"
}

func (e *evaluation) regexpTime() error {
	return &LimitError{"RegexpTime", e.config.Limits.RegexpTime.Milliseconds()}
}
