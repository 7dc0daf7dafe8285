package variables

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/octostache"
)

// File is one file of variables on the target. A password means that it is encrypted.
type File struct {
	Path     string
	Password string
	// Legacy files are one JSON object.
	Legacy bool
}

// Read reads one file.
func Read(f File) ([]Variable, error) {
	text, err := os.ReadFile(f.Path)
	if err != nil {
		return nil, fault.NotFound("the variables file %s cannot be read: the server must send it with the script", f.Path).Because(err)
	}
	decode := Decode
	if f.Legacy {
		decode = DecodeLegacy
	}
	if f.Password != "" {
		text, err = Decrypt(text, f.Password, func(plain []byte) bool { return utf8.Valid(plain) })
		if err != nil {
			return nil, fault.Invalid("the variables file %s cannot be opened: %v", f.Path, err).Because(err)
		}
	}
	vs, err := decode(text)
	if errors.Is(err, ErrForm) && strings.HasPrefix(string(text), mark) {
		return nil, fault.Invalid("the variables file %s is encrypted: give its password", f.Path)
	}
	if err != nil {
		return nil, fault.Invalid("the variables file %s is %v", f.Path, err).Because(err)
	}
	return vs, nil
}

// Set is the variables of a step on its target: the files' variables, the later file winning, and the environment's.
type Set struct {
	*octostache.Variables
	sensitive map[string]bool
}

// NewSet makes an empty set.
func NewSet() *Set {
	return &Set{Variables: octostache.New(octostache.Config{}), sensitive: map[string]bool{}}
}

const (
	// instanceName is how the agent tells which of its instances runs the step.
	instanceName = "Octopus.Tentacle.Agent.InstanceName"
	additional   = "AdditionalVariablesPath"
)

// Load reads files in their order, then adds the environment ("env:NAME").
func Load(files []File, environ []string) (*Set, error) {
	s := NewSet()
	for _, f := range files {
		vs, err := Read(f)
		if err != nil {
			return nil, err
		}
		s.Add(vs...)
	}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && name != "" {
			s.Set("env:"+name, value)
		}
	}
	if !s.Has(instanceName) {
		s.Set(instanceName, "#{env:TentacleInstanceName}")
	}
	return s, s.addMore()
}

// addMore reads the file of this machine's own variables, where the variables name one.
func (s *Set) addMore() error {
	path, err := s.Text(additional)
	if err != nil || path == "" {
		return err
	}
	vs, err := Read(File{Path: path, Legacy: true})
	if err != nil {
		return fault.Invalid("the variable %s names a file that cannot be used: %v", additional, err).Because(err)
	}
	for i := range vs {
		vs[i].Sensitive = false
	}
	s.Add(vs...)
	return nil
}

// Add sets variables; names are compared without case.
func (s *Set) Add(vs ...Variable) {
	for _, v := range vs {
		if v.Value == nil {
			s.SetValue(v.Name, octostache.Null())
		} else {
			s.Set(v.Name, *v.Value)
		}
		if v.Sensitive {
			s.sensitive[strings.ToLower(v.Name)] = true
		}
	}
}

// Text evaluates a variable. What cannot be substituted stays as it is written; a variable that does not exist or has
// no value is "". Values that can never be evaluated (they refer to themselves, for instance) are errors.
func (s *Set) Text(name string) (string, error) {
	if raw, ok := s.GetRaw(name); !ok || raw == "" {
		return "", nil
	}
	text, err := s.Get(name)
	if err != nil && !octostache.Soft(err) {
		return "", fault.Invalid("the variable %q cannot be evaluated: %v", name, err).Because(err)
	}
	return text, nil
}

// Flag is Text, read as true or false.
func (s *Set) Flag(name string, fallback bool) (bool, error) {
	text, err := s.Text(name)
	if err != nil {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return fallback, nil
}

// Lines is Text, split into its lines without the empty ones.
func (s *Set) Lines(name string) ([]string, error) {
	text, err := s.Text(name)
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// Evaluated returns every variable with its value evaluated, for scripts. One that cannot be evaluated is given as it
// is written, as what a script never asks for must not fail it; failed names those.
func (s *Set) Evaluated() (all []Variable, failed []string) {
	for name, value := range s.All() {
		v := Variable{Name: name, Sensitive: s.sensitive[strings.ToLower(name)]}
		if !value.Null {
			text, err := s.Get(name)
			if err != nil && !octostache.Soft(err) {
				text = value.Text
				failed = append(failed, fmt.Sprintf("%s: %v", name, err))
			}
			v.Value = &text
		}
		all = append(all, v)
	}
	return all, failed
}

// SetOutput records an output variable as later steps and scripts see it: by its own name and, where the action and
// the machine are known, by theirs.
func (s *Set) SetOutput(name, value string) error {
	if name == "" {
		return nil
	}
	s.Set(name, value)
	action, err := s.Text("Octopus.Action.Name")
	if err != nil || action == "" {
		return err
	}
	s.Set("Octopus.Action["+action+"].Output."+name, value)
	machine, err := s.Text("Octopus.Machine.Name")
	if err != nil || machine == "" {
		return err
	}
	s.Set("Octopus.Action["+action+"].Output["+machine+"]."+name, value)
	return nil
}
