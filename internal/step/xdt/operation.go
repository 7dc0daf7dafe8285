package xdt

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/mantledeploy/mantle/internal/step/xmltext"
	"github.com/mantledeploy/mantle/internal/step/xpath"
)

// operation is one of the transforms.
type operation struct {
	// all runs it for every target node, not for the first alone; parent runs it for the target's parent; must makes a
	// missing target an error.
	all, parent, must bool
	run               func(*application) error
}

// application is an operation on one node.
type application struct {
	*context
	target *xmltext.Node
}

func operations() map[string]operation {
	return map[string]operation{
		"Replace":                {run: (*application).replace},
		"Remove":                 {run: (*application).removeFirst},
		"RemoveAll":              {run: (*application).remove, all: true},
		"Insert":                 {run: (*application).insert, parent: true, must: true},
		"InsertIfMissing":        {run: (*application).insertIfMissing, parent: true, must: true},
		"InsertAfter":            {run: func(a *application) error { return a.insertBeside(1) }, parent: true, must: true},
		"InsertBefore":           {run: func(a *application) error { return a.insertBeside(0) }, parent: true, must: true},
		"SetAttributes":          {run: func(a *application) error { return a.setAttributes(false) }, all: true},
		"SetTokenizedAttributes": {run: func(a *application) error { return a.setAttributes(true) }, all: true},
		"RemoveAttributes":       {run: (*application).removeAttributes, all: true},
		"CommentOut":             {run: (*application).commentOut},
	}
}

func (a *application) warn(format string, args ...any) {
	a.t.warning(a.transformAt, format, args...)
}

func (a *application) expectNoArguments() {
	if a.argument != "" {
		a.warn("%s takes no arguments", a.name)
	}
}

func (a *application) warnIfMany() error {
	nodes, err := a.targets(false)
	if err == nil && len(nodes) > 1 {
		a.warn("%s is for one element, and there are several: only the first is changed", a.name)
	}
	return err
}

// content is what the transform's element becomes in the target.
func (a *application) content() *xmltext.Node {
	n := a.element.Clone()
	n.Parent = nil
	scrub(n)
	return n
}

// scrub takes out what only the transform needs. Where an element was written is not known of a new one.
func scrub(n *xmltext.Node) {
	var kept []*xmltext.Node
	for _, a := range n.Attrs {
		if a.Space != Namespace && !a.IsDeclaration() && !a.Default {
			kept = append(kept, a)
		}
	}
	n.Attrs = kept
	for _, c := range n.Children {
		scrub(c)
	}
}

func (a *application) replace() error {
	a.expectNoArguments()
	if err := a.warnIfMany(); err != nil {
		return err
	}
	parent, at := a.target.Parent, a.target.Index()
	if at < 0 {
		return fmt.Errorf("the element was removed before")
	}
	a.target.Remove()
	parent.Insert(at, a.content())
	a.t.message("Replaced %s", a.target.Name())
	return nil
}

func (a *application) removeFirst() error {
	if err := a.warnIfMany(); err != nil {
		return err
	}
	return a.remove()
}

func (a *application) remove() error {
	a.expectNoArguments()
	if a.target.Parent == nil {
		return fmt.Errorf("the element was removed before")
	}
	a.target.Remove()
	a.t.message("Removed %s", a.target.Name())
	return nil
}

func (a *application) insert() error {
	a.expectNoArguments()
	n := a.content()
	a.target.Append(n)
	a.t.message("Inserted %s", n.Name())
	return nil
}

func (a *application) insertIfMissing() error {
	a.expectNoArguments()
	have, err := a.targets(false)
	if err != nil || len(have) > 0 {
		return err
	}
	n := a.content()
	a.target.Append(n)
	a.t.message("Inserted %s", n.Name())
	return nil
}

func (a *application) insertBeside(after int) error {
	if len(a.arguments) != 1 {
		return fmt.Errorf("%s needs one argument, an XPath, and has %d", a.name, len(a.arguments))
	}
	p, err := xpath.Compile(a.arguments[0], xpath.Config{})
	if err != nil {
		return err
	}
	nodes, err := p.Nodes(a.target)
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		return fmt.Errorf("no element of the configuration is at %s", a.arguments[0])
	}
	sibling := nodes[0]
	if sibling.Kind != xmltext.Element || sibling.Parent == nil {
		return fmt.Errorf("%s does not lead to an element", a.arguments[0])
	}
	if sibling.Parent.Kind == xmltext.Document {
		return fmt.Errorf("nothing can be inserted beside the root element")
	}
	n := a.content()
	sibling.Parent.Insert(sibling.Index()+after, n)
	a.t.message("Inserted %s", n.Name())
	return nil
}

// chosen are the attributes that the arguments name, all without arguments.
func (a *application) chosen(n *xmltext.Node) ([]*xmltext.Node, error) {
	paths := a.arguments
	if len(paths) == 0 {
		paths = []string{"*"}
	} else {
		for _, one := range paths {
			nodes, err := attributesAt(n, one)
			if err != nil {
				return nil, err
			}
			if len(nodes) == 0 {
				a.warn("The argument %s names no attribute", one)
			}
		}
	}
	return attributesAt(n, strings.Join(paths, "|@"))
}

func attributesAt(n *xmltext.Node, path string) ([]*xmltext.Node, error) {
	p, err := xpath.Compile("@"+path, xpath.Config{})
	if err != nil {
		return nil, err
	}
	return p.Nodes(n)
}

func (a *application) setAttributes(tokenized bool) error {
	source := a.content()
	chosen, err := a.chosen(source)
	if err != nil {
		return err
	}
	for _, s := range chosen {
		have, value := named(a.target, s.Name()), s.Value
		if tokenized {
			value = a.tokenized(source, s)
		}
		if have != nil {
			have.Value, have.Default = value, false
		} else {
			added := s.Clone()
			added.Value, added.Parent = value, a.target
			a.target.Attrs = append(a.target.Attrs, added)
		}
		a.t.message("Set the attribute %s", s.Name())
	}
	if len(chosen) == 0 {
		a.warn("There are no attributes to set")
		return nil
	}
	a.t.message("Set %d attributes", len(chosen))
	return nil
}

// tokenized replaces $(name) by the value of that attribute of the target, else of the transform.
func (a *application) tokenized(source, attribute *xmltext.Node) string {
	return regexp.MustCompile(`\$\(([\w:.]+)\)`).ReplaceAllStringFunc(attribute.Value, func(token string) string {
		name := token[2 : len(token)-1]
		found := named(a.target, name)
		if found == nil && !strings.EqualFold(name, attribute.Name()) {
			found = named(source, name)
		}
		if found == nil {
			return token
		}
		return strings.ReplaceAll(found.Value, "'", "&apos;")
	})
}

func (a *application) removeAttributes() error {
	chosen, err := a.chosen(a.target)
	if err != nil {
		return err
	}
	for _, one := range chosen {
		one.Remove()
		a.t.message("Removed the attribute %s", one.Name())
	}
	if len(chosen) == 0 {
		a.t.warningIn(a.t.config, a.target, "There are no attributes to remove")
		return nil
	}
	a.t.message("Removed %d attributes", len(chosen))
	return nil
}

func (a *application) commentOut() error {
	parent, at := a.target.Parent, a.target.Index()
	if at < 0 {
		return fmt.Errorf("the element was removed before")
	}
	var w writer
	w.plain = true
	w.element(a.target)
	a.target.Remove()
	parent.Insert(at, &xmltext.Node{Kind: xmltext.Comment, Value: " " + string(w.out) + " "})
	a.t.message("Commented out %s", a.target.Name())
	return nil
}
