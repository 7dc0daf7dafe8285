package dialect

import (
	"fmt"
	"reflect"
	"strings"
)

// plan is how a struct type is written and read.
type plan struct {
	fields []field
	exact  map[string]int // by name
	folded map[string]int // by lower-case name
}

// field is one member of a document.
type field struct {
	name     string
	index    []int
	nullable bool
}

// plan returns the plan of a struct type.
func (r *Registry) plan(t reflect.Type) (*plan, error) {
	if p, ok := r.plans.Load(t); ok {
		return p.(*plan), nil
	}
	p := &plan{exact: map[string]int{}, folded: map[string]int{}}
	if err := p.collect(t, nil); err != nil {
		return nil, err
	}
	r.plans.Store(t, p)
	return p, nil
}

// collect adds the exported fields of t; embedded structs are part of it.
func (p *plan) collect(t reflect.Type, at []int) error {
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("halibut"), ",")
		if name == "-" {
			continue
		}
		index := append(append([]int{}, at...), i)
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct {
			if err := p.collect(f.Type, index); err != nil {
				return err
			}
			continue
		}
		if !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		if option != "" && option != "nullable" {
			return fmt.Errorf("%s.%s: the tag's option %q is unknown", t, f.Name, option)
		}
		if _, twice := p.folded[strings.ToLower(name)]; twice {
			return fmt.Errorf("%s.%s: a member of the name %q exists already", t, f.Name, name)
		}
		p.exact[name] = len(p.fields)
		p.folded[strings.ToLower(name)] = len(p.fields)
		p.fields = append(p.fields, field{name: name, index: index, nullable: option == "nullable"})
	}
	return nil
}

// find returns the field for a member's name: exact first, then without case.
func (p *plan) find(name string) (field, bool) {
	i, ok := p.exact[name]
	if !ok {
		i, ok = p.folded[strings.ToLower(name)]
	}
	if !ok {
		return field{}, false
	}
	return p.fields[i], true
}
