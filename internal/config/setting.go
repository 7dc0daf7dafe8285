package config

import (
	"reflect"
	"slices"
	"strings"
)

// Setting describes one setting, for a command line and for documents.
type Setting struct {
	Name    string   // of the flag (without dashes) and of the file's key
	Env     []string // variables, in the order in which they are asked
	Default string   // "" where Help says what happens
	Help    string

	index int // of the field
}

// Settings returns every setting, in the order in which they are shown.
func Settings() []Setting {
	var all []Setting
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		s := Setting{Name: f.Tag.Get("name"), Default: f.Tag.Get("default"), Help: f.Tag.Get("help"), index: i}
		s.Env = []string{envName(s.Name)}
		if name := f.Tag.Get("octopus"); name != "" {
			s.Env = append(s.Env, name)
		}
		all = append(all, s)
	}
	return all
}

func envName(setting string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(setting, "-", "_"))
}

// Flags are the settings as a command line's flags: a struct that a tag-driven parser fills.
type Flags struct {
	value reflect.Value // of a struct with a *string for the file and for each setting, in order
}

// NewFlags returns flags that are not set: for the configuration file and for the settings named, or for all.
func NewFlags(names ...string) Flags {
	fields := []reflect.StructField{flagField("Config", FileFlag, "Configuration file. ["+fileEnv+"]", "FILE")}
	t := reflect.TypeFor[Config]()
	for _, s := range Settings() {
		if len(names) > 0 && !slices.Contains(names, s.Name) {
			continue
		}
		help := s.Help
		if s.Default != "" {
			help += " Default: " + s.Default + "."
		}
		help += " [" + strings.Join(s.Env, ", ") + "]"
		fields = append(fields, flagField(t.Field(s.index).Name, s.Name, help, "…"))
	}
	return Flags{value: reflect.New(reflect.StructOf(fields))}
}

func flagField(field, name, help, placeholder string) reflect.StructField {
	tag := `name:"` + name + `" help:"` + help + `" placeholder:"` + placeholder + `"`
	return reflect.StructField{Name: field, Type: reflect.TypeFor[*string](), Tag: reflect.StructTag(tag)}
}

// Struct returns the pointer to the struct that the parser fills.
func (f Flags) Struct() any { return f.value.Interface() }

// Values returns the flags that were given, by name.
func (f Flags) Values() map[string]string {
	values := map[string]string{}
	s := f.value.Elem()
	for i := range s.NumField() {
		if p := s.Field(i).Interface().(*string); p != nil {
			values[s.Type().Field(i).Tag.Get("name")] = *p
		}
	}
	return values
}
