// Package option reads command lines the way that a Tentacle does: --name value, --name=value, --name:value,
// -name, /name, names without regard to case, flags with an optional + or -. It is for the agent's commands; it
// knows nothing of what the options mean. Only internal/agent/setup may import it.
package option

import (
	"fmt"
	"strings"
)

// Option is one declared option. The first name is the one that help shows.
type Option struct {
	Names       []string
	Description string
	TakesValue  bool
	Hidden      bool
	set         func(value string) error
}

// Set is the options of one command.
type Set struct {
	options []*Option
	byName  map[string]*Option
}

// MissingValueError reports an option at the end of the line that needs a value.
type MissingValueError struct{ Option string }

// Error names the option.
func (e *MissingValueError) Error() string {
	return fmt.Sprintf("option %s needs a value, for example %s=VALUE", e.Option, e.Option)
}

// New returns an empty set.
func New() *Set { return &Set{byName: map[string]*Option{}} }

// All returns the declared options in the order of their declaration.
func (s *Set) All() []*Option { return s.options }

// String declares an option with a value; the last value given wins. Names are separated by "|".
func (s *Set) String(names, description string, target *string) *Option {
	return s.add(names, description, true, func(v string) error { *target = v; return nil })
}

// Strings declares an option that may be given several times.
func (s *Set) Strings(names, description string, target *[]string) *Option {
	return s.add(names, description, true, func(v string) error { *target = append(*target, v); return nil })
}

// Optional declares an option with a value where "not given" differs from every value.
func (s *Set) Optional(names, description string, target **string) *Option {
	return s.add(names, description, true, func(v string) error { *target = &v; return nil })
}

// Flag declares an option without a value. --name and --name+ switch it on, --name- and
// --name=false off.
func (s *Set) Flag(names, description string, target *bool) *Option {
	return s.add(names, description, false, func(v string) error { *target = v != "-"; return nil })
}

func (s *Set) add(names, description string, takesValue bool, set func(string) error) *Option {
	o := &Option{Names: strings.Split(names, "|"), Description: description, TakesValue: takesValue, set: set}
	s.options = append(s.options, o)
	for _, n := range o.Names {
		// A name that is declared twice stays with the option that had it first.
		if _, taken := s.byName[strings.ToLower(n)]; !taken {
			s.byName[strings.ToLower(n)] = o
		}
	}
	return o
}

// Hide keeps an option out of the help.
func (o *Option) Hide() { o.Hidden = true }

// Parse sets the options found in args and returns what it does not know, in order.
func (s *Set) Parse(args []string) ([]string, error) {
	var rest []string
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			return append(rest, args[i+1:]...), nil
		}
		flag, name, value, hasValue := split(args[i])
		o, suffix := s.find(flag, name)
		if o == nil {
			rest = append(rest, args[i])
			continue
		}
		if !o.TakesValue {
			if hasValue && strings.EqualFold(value, "false") {
				suffix = "-"
			}
			if err := o.set(suffix); err != nil {
				return rest, err
			}
			continue
		}
		if !hasValue {
			if i+1 >= len(args) {
				return rest, &MissingValueError{Option: flag + name}
			}
			i++
			value = args[i]
		}
		if err := o.set(value); err != nil {
			return rest, err
		}
	}
	return rest, nil
}

// find looks a name up; "force-" is the flag "force" with the suffix "-".
func (s *Set) find(flag, name string) (*Option, string) {
	if flag == "" {
		return nil, ""
	}
	lower := strings.ToLower(name)
	if o := s.byName[lower]; o != nil {
		return o, ""
	}
	if n := len(lower); n > 1 && (lower[n-1] == '-' || lower[n-1] == '+') {
		if o := s.byName[lower[:n-1]]; o != nil && !o.TakesValue {
			return o, lower[n-1:]
		}
	}
	return nil, ""
}

// split takes an argument apart; an argument that is no option has an empty flag.
func split(arg string) (flag, name, value string, hasValue bool) {
	for _, f := range []string{"--", "-", "/"} {
		if strings.HasPrefix(arg, f) {
			flag, name = f, arg[len(f):]
			break
		}
	}
	if i := strings.IndexAny(name, ":="); i >= 0 {
		name, value, hasValue = name[:i], name[i+1:], true
	}
	if name == "" {
		return "", arg, "", false
	}
	return flag, name, value, hasValue
}
