package xdt

import (
	"strings"

	"github.com/mantledeploy/mantle/internal/step/xmltext"
)

// attributes is how an element's attributes were written: their order, and the white space before each.
type attributes struct {
	// original is set for elements that were in the file.
	original bool
	order    []string
	lead     map[string]string
	// keys are lead's, in the order in which they came; "" is the white space before the end of the tag.
	keys []string
	// newLine goes before an attribute on a line of its own; nil is unknown.
	newLine *string
	// perLine is whether each attribute is on a line of its own; nil is unknown.
	perLine *bool
}

// remember keeps how all elements of a document are written.
func remember(n *xmltext.Node, all map[*xmltext.Node]*attributes) {
	if n.Kind == xmltext.Element {
		a := &attributes{original: true, lead: map[string]string{}}
		for _, one := range n.Attrs {
			if !one.Default {
				a.order = append(a.order, one.Name())
				a.set(one.Name(), one.Lead)
			}
		}
		a.set("", n.Tail)
		all[n] = a
	}
	for _, c := range n.Children {
		remember(c, all)
	}
}

func (a *attributes) set(key, lead string) {
	if _, have := a.lead[key]; !have {
		a.keys = append(a.keys, key)
	}
	a.lead[key] = lead
}

func (a *attributes) has(key string) bool {
	_, ok := a.lead[key]
	return ok
}

func hasLine(space string) bool { return strings.Contains(space, "\n") }

// update brings it to what the element has now.
func (a *attributes) update(now []*xmltext.Node, f *formatter) {
	if len(now) == 0 {
		if len(a.order) > 0 {
			a.order, a.keys, a.lead = nil, nil, map[string]string{}
		}
		return
	}
	exists := map[string]bool{}
	known := map[string]bool{}
	for _, name := range a.order {
		known[name] = true
	}
	for _, one := range now {
		if name := one.Name(); !known[name] {
			a.order = append(a.order, name)
			known[name] = true
		}
		exists[one.Name()] = true
	}
	first := true
	var keep *string
	for _, name := range a.order {
		switch {
		case !exists[name]:
			if a.has(name) {
				lead := a.lead[name]
				if first && keep == nil || !first && hasLine(lead) {
					keep = &lead
				}
				delete(a.lead, name)
			}
		case keep != nil:
			if first || !a.has(name) || !hasLine(a.lead[name]) {
				a.set(name, *keep)
			}
			keep = nil
		case !a.has(name):
			a.place(name, first, f)
		}
		first = first && !exists[name]
	}
}

// place finds the white space before a new attribute.
func (a *attributes) place(name string, first bool, f *formatter) {
	switch {
	case first:
		a.set(name, " ")
	case a.onePerLine():
		if line := a.line(f); line != nil {
			a.set(name, *line)
		}
	default:
		a.line(f)
	}
}

func (a *attributes) onePerLine() bool {
	if a.perLine == nil {
		per := len(a.lead) > 1
		for i, name := range a.order {
			if i > 0 && a.has(name) && !hasLine(a.lead[name]) {
				per = false
			}
		}
		a.perLine = &per
	}
	return *a.perLine
}

// line is what goes before an attribute on a line of its own.
func (a *attributes) line(f *formatter) *string {
	if a.newLine != nil {
		return a.newLine
	}
	for _, key := range a.keys {
		if lead, ok := a.lead[key]; ok && hasLine(lead) {
			a.newLine = &lead
			return a.newLine
		}
	}
	if f != nil {
		indent := f.attributeIndent()
		a.newLine = &indent
	}
	return a.newLine
}
