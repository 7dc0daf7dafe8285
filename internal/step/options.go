package step

import (
	"fmt"
	"io"
	"strings"
)

// option is one argument of a command. Names are compared without case.
type option struct {
	name     string
	value    string
	help     string
	required bool
	many     bool
	// bare options take no value.
	bare bool
}

// given are the options' values by name.
type given map[string][]string

func (g given) first(name string) string {
	if len(g[name]) == 0 {
		return ""
	}
	return g[name][0]
}

func isHelp(arg string) bool { return arg == "--help" || arg == "-h" || arg == "-?" || arg == "help" }

// parse reads "--name value" and "--name=value"; one dash will do.
func parse(c command, args []string) (given, error) {
	g := given{}
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		o, found := find(c.options, name)
		if !strings.HasPrefix(args[i], "-") || !found {
			return nil, fmt.Errorf("%s does not take the argument %q", c.name, args[i])
		}
		if o.bare && !joined {
			value, joined = "true", true
		}
		if !joined {
			if i++; i == len(args) {
				return nil, fmt.Errorf("the option --%s of %s needs a value: %s", o.name, c.name, o.value)
			}
			value = args[i]
		}
		if len(g[o.name]) > 0 && !o.many {
			return nil, fmt.Errorf("the option --%s of %s is given twice", o.name, c.name)
		}
		g[o.name] = append(g[o.name], value)
	}
	for _, o := range c.options {
		if o.required && g.first(o.name) == "" {
			return nil, fmt.Errorf("%s needs the option --%s %s", c.name, o.name, o.value)
		}
	}
	return g, nil
}

func find(options []option, name string) (option, bool) {
	for _, o := range options {
		if strings.EqualFold(o.name, name) {
			return o, true
		}
	}
	return option{}, false
}

func writeHelp(w io.Writer) {
	fmt.Fprint(w, "Usage: mantle-agent step <command> [options]\n\nWhat a deployment does on this machine. A server sends these commands; they can be typed too.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-20s %s\n", c.name, c.summary)
	}
	fmt.Fprintf(w, "  %-20s %s\n", deltaTool, "Make and apply deltas by hand: octodiff help lists how.")
	fmt.Fprint(w, "\nmantle-agent step <command> --help lists a command's options.\n")
}

func writeCommandHelp(w io.Writer, c command) {
	fmt.Fprintf(w, "Usage: mantle-agent step %s [options]\n\n%s\n", c.name, c.summary)
	if len(c.options) > 0 {
		fmt.Fprintln(w)
	}
	for _, o := range c.options {
		note := ""
		if o.required {
			note = " Required."
		}
		if o.many {
			note += " May be given again."
		}
		fmt.Fprintf(w, "  --%-36s %s%s\n", o.name+" "+o.value, o.help, note)
	}
}
