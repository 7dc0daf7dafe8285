package octostache

import (
	"strings"
	"time"

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
	pattern, ok := dialect(options[0])
	rx, err := regexp2.Compile(pattern, regexp2.None)
	if err != nil || !ok {
		return Null(), &FilterError{name, "the pattern is not a regular expression: " + options[0]}
	}
	rx.MatchTimeout = e.config.Limits.RegexpTime - e.matching
	if rx.MatchTimeout <= 0 {
		return Null(), e.regexpTime()
	}
	start := time.Now()
	defer func() { e.matching += time.Since(start) }()
	if match {
		ok, err := rx.MatchString(in)
		if err != nil {
			return Null(), e.regexpTime()
		}
		return boolText(ok), nil
	}
	return e.replace(rx, in, append(options, "")[1])
}

// replace replaces every match, by the replacement patterns of .NET.
func (e *evaluation) replace(rx *regexp2.Regexp, in, replacement string) (Value, error) {
	if err := e.replaceRoom(rx, in, replacement); err != nil {
		return Null(), err
	}
	out, err := rx.Replace(in, replacement, -1, -1)
	if err != nil {
		if strings.Contains(err.Error(), "timeout") {
			return Null(), e.regexpTime()
		}
		return Null(), &FilterError{"Replace", "the replacement is not valid: " + replacement}
	}
	return Text(out), nil
}

// replaceRoom fails before a replacement that would grow beyond the limit: it
// adds up what each match becomes at most.
func (e *evaluation) replaceRoom(rx *regexp2.Regexp, in, replacement string) error {
	groups := strings.Count(replacement, "$")
	whole := strings.Count(replacement, "$_") + strings.Count(replacement, "$`") + strings.Count(replacement, "$'")
	room := e.config.Limits.Output - e.bytes
	if groups < 1<<20 && (len(in)+1)*(len(replacement)+groups*len(in)) < room {
		return nil
	}
	m, err := rx.FindStringMatch(in)
	for ; m != nil && err == nil; m, err = rx.FindNextMatch(m) {
		longest := m.Length
		for _, g := range m.Groups() {
			longest = max(longest, g.Length)
		}
		room -= len(replacement) + groups*longest*4 + whole*len(in)
		if room < 0 {
			return &LimitError{"Output", int64(e.config.Limits.Output)}
		}
	}
	if err != nil {
		return e.regexpTime()
	}
	return nil
}

func (e *evaluation) regexpTime() error {
	return &LimitError{"RegexpTime", e.config.Limits.RegexpTime.Milliseconds()}
}
