package config

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

const (
	envPrefix = "MANTLE_"
	fileEnv   = "MANTLE_CONFIG"

	// FileFlag is the name of the flag that gives the configuration file.
	FileFlag = "config"
	// fromDefault is the origin of a value that nobody gave.
	fromDefault = "default"
)

// Load finds the value of every setting and checks it. The flags are by name, without dashes; the environment has
// the form of os.Environ. The error is a fault that names every wrong setting, its reason, and where it came from.
func Load(flags map[string]string, environ []string) (Config, error) {
	l := loader{flags: flags, env: parseEnviron(environ)}
	l.readFile()
	l.refuseUnknown()
	c := Config{origins: map[string]string{}}
	v := reflect.ValueOf(&c).Elem()
	for _, s := range Settings() {
		raw, origin, given := l.find(s)
		c.origins[s.Name] = origin
		if raw == "" && !given {
			continue
		}
		if err := decode(v.Field(s.index), raw); err != nil {
			l.report("%s (%s): %w", s.Name, origin, err)
		}
	}
	if len(l.problems) > 0 {
		return Config{}, l.fault()
	}
	return c, c.complete()
}

// complete fills in the defaults that depend on the machine or on other settings.
func (c *Config) complete() error {
	if c.Database.URL.Empty() {
		c.Database = sqliteIn(filepath.Join(string(c.DataDir), "mantle.db"))
	}
	if c.NodeName == "" {
		name, err := os.Hostname()
		if err != nil {
			return fault.Invalid("node-name: the host's name cannot be found; give one with --node-name").Because(err)
		}
		c.NodeName = name
	}
	return nil
}

type loader struct {
	flags    map[string]string
	env      map[string]string
	file     map[string]line
	path     string
	problems []string
}

func (l *loader) report(format string, args ...any) {
	l.problems = append(l.problems, fmt.Errorf(format, args...).Error())
}

func (l *loader) fault() error {
	if len(l.problems) == 1 {
		return fault.Invalid("%s", l.problems[0])
	}
	return fault.Invalid("%d settings are wrong:\n  %s", len(l.problems), strings.Join(l.problems, "\n  "))
}

// find returns a setting's raw value and where it came from. An empty variable counts as not given: container
// descriptions pass on variables that nobody set.
func (l *loader) find(s Setting) (raw, origin string, given bool) {
	if raw, found := l.flags[s.Name]; found {
		return raw, "flag --" + s.Name, true
	}
	for _, name := range s.Env {
		if raw := l.env[name]; raw != "" {
			return raw, "environment " + name, true
		}
	}
	if line, found := l.file[s.Name]; found {
		return line.value, fmt.Sprintf("%s line %d", l.path, line.number), true
	}
	return s.Default, fromDefault, false
}

func (l *loader) readFile() {
	l.path = l.env[fileEnv]
	if path, found := l.flags[FileFlag]; found {
		l.path = path
	}
	if l.path == "" {
		return
	}
	text, err := os.ReadFile(l.path)
	if err != nil {
		l.report("the configuration file cannot be read: %w", err)
		return
	}
	var problems []string
	l.file, problems = parseFile(string(text))
	for _, p := range problems {
		l.report("%s %s", l.path, p)
	}
}

// refuseUnknown reports keys of the file and MANTLE_ variables that are no settings: a misspelt one would otherwise
// be a default that nobody meant.
func (l *loader) refuseUnknown() {
	names := map[string]bool{}
	vars := map[string]bool{fileEnv: true}
	for _, s := range Settings() {
		names[s.Name] = true
		for _, name := range s.Env {
			vars[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.file)) {
		if !names[name] {
			l.report("%s (%s line %d): there is no such setting%s", name, l.path, l.file[name].number, nearest(name, names))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.env)) {
		if strings.HasPrefix(name, envPrefix) && !vars[name] && !notOurs().MatchString(name) {
			l.report("%s (environment): there is no such setting%s", name, nearest(name, vars))
		}
	}
}

// notOurs matches variables under our prefix that others set: Kubernetes, for a service whose name begins with
// "mantle", the agent, and tests.
func notOurs() *regexp.Regexp {
	return regexp.MustCompile(`^MANTLE_(AGENT_.*|TEST_.*|FAULT(_.*)?|(\w+_)?SERVICE_(HOST|PORT)(_\w+)?|(\w+_)?PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$`)
}

func parseEnviron(environ []string) map[string]string {
	env := map[string]string{}
	for _, e := range environ {
		if name, value, found := strings.Cut(e, "="); found && name != "" {
			env[name] = value
		}
	}
	return env
}

// decode reads a raw value into a field: a string that must not be empty, or a type that reads itself.
func decode(field reflect.Value, raw string) error {
	if strings.TrimSpace(raw) == "" {
		return errors.New("it has no value; give one, or leave the setting out")
	}
	if field.Kind() == reflect.String && !field.Addr().Type().Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		field.SetString(raw)
		return nil
	}
	return field.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(raw))
}
