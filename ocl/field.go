package ocl

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Char is one character, which is written as text; zero is none.
type Char rune

// Enum is an integer type whose values have names, in order from zero. Fields
// of such a type hold the name in the text; the first value is left out.
type Enum interface{ OCLNames() []string }

// field is a field of a struct, by its tag.
type field struct {
	index    int
	name     string // of the attribute or the block
	named    bool   // the tag has a name
	goName   string
	label    bool
	optional bool // a label that is left out when empty
	required bool
	readonly bool
	set      bool
	omit     bool
	alias    string
	fallback string // the enumeration's value that is left out
}

// fields reads the tags of a struct's exported fields.
func fields(t reflect.Type) []field {
	var all []field
	for i := range t.NumField() {
		sf := t.Field(i)
		tag := sf.Tag.Get("ocl")
		if !sf.IsExported() || tag == "-" {
			continue
		}
		words := strings.Split(tag, ",")
		f := field{index: i, goName: sf.Name, name: words[0], named: words[0] != ""}
		if !f.named {
			f.name = SnakeCase(sf.Name)
		}
		for _, word := range words[1:] {
			f.option(word)
		}
		all = append(all, f)
	}
	return all
}

func (f *field) option(word string) {
	key, value, _ := strings.Cut(word, "=")
	switch key {
	case "label":
		f.label = true
	case "optional":
		f.optional = true
	case "required":
		f.required = true
	case "readonly":
		f.readonly = true
	case "set":
		f.set = true
	case "omitempty":
		f.omit = true
	case "alias":
		f.alias = value
	case "default":
		f.fallback = value
	}
}

// lookup finds the field for the name of an element: by the name or the alias
// of its tag, or by its own name, letting case and underscores aside.
func lookup(all []field, name string) (*field, error) {
	explicit := func(f field) bool {
		return f.named && strings.EqualFold(f.name, name) || f.alias != "" && strings.EqualFold(f.alias, name)
	}
	plain := strings.ReplaceAll(name, "_", "")
	for _, fits := range []func(field) bool{explicit, func(f field) bool { return strings.EqualFold(f.goName, plain) }} {
		i := slices.IndexFunc(all, fits)
		if i < 0 {
			continue
		}
		if j := slices.IndexFunc(all[i+1:], fits); j >= 0 {
			return nil, &ValueError{Name: name, Reason: fmt.Sprintf("it may be %s or %s", all[i].goName, all[i+1+j].goName)}
		}
		return &all[i], nil
	}
	return nil, nil
}

func labelsOf(all []field) (labels, others []field) {
	for _, f := range all {
		if f.label {
			labels = append(labels, f)
		} else {
			others = append(others, f)
		}
	}
	return labels, others
}

// enumNames returns the names of an enumeration type, or nil.
func enumNames(t reflect.Type) []string {
	if e, ok := reflect.Zero(t).Interface().(Enum); ok && t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64 {
		return e.OCLNames()
	}
	return nil
}
