package xdt

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/mantledeploy/mantle/internal/step/xmltext"
	"github.com/mantledeploy/mantle/internal/step/xpath"
)

// context is one element of the transform, with what it stands for in the target.
type context struct {
	t       *transformation
	parent  *context
	element *xmltext.Node

	transformAt    *xmltext.Node
	name, argument string
	arguments      []string

	located  bool
	own      string // the path of the target nodes
	above    string // that of their parents
	problem  error
	found    []*xmltext.Node
	parents  []*xmltext.Node
	searched [2]bool
}

// attribute reads Transform="Name(arguments)", or Locator in the same form.
func (c *context) attribute(name string) (word, argument string, at *xmltext.Node, err error) {
	at = c.element.Attr(name, Namespace)
	if at == nil {
		return "", "", nil, nil
	}
	m := regexp.MustCompile(`(?s)^\s*(\w+)(?:\s*\((.*)\))?\s*$`).FindStringSubmatch(at.Value)
	if m == nil {
		return "", "", at, &located{at, fmt.Errorf("%s must be a name, or a name with arguments in brackets", name)}
	}
	return m[1], m[2], at, nil
}

// split cuts arguments at the commas that are in no brackets.
func split(argument string) []string {
	if argument == "" {
		return nil
	}
	if !strings.Contains(argument, ",") {
		return []string{argument}
	}
	var all []string
	var current []string
	depth := 0
	for part := range strings.SplitSeq(argument, ",") {
		current = append(current, part)
		depth += strings.Count(part, "(") - strings.Count(part, ")")
		if depth == 0 {
			all = append(all, strings.TrimSpace(strings.Join(current, ",")))
			current = nil
		}
	}
	if current != nil {
		all = append(all, strings.TrimSpace(strings.Join(current, ",")))
	}
	return all
}

// path is the XPath of the target nodes.
func (c *context) path() (string, error) {
	err := c.locate()
	return c.own, err
}

func (c *context) locate() error {
	if !c.located {
		c.located = true
		c.problem = c.construct()
		var l *located
		if c.problem != nil && !errors.As(c.problem, &l) {
			c.problem = &located{c.element, c.problem}
		}
	}
	return c.problem
}

func (c *context) construct() error {
	parent := ""
	if c.parent != nil {
		var err error
		if parent, err = c.parent.path(); err != nil {
			return err
		}
	}
	name, argument, at, err := c.attribute("Locator")
	if err != nil {
		return err
	}
	arguments := split(argument)
	step := c.element.Name()
	if c.element.Space != "" && c.element.Prefix == "" {
		step = "_defaultNamespace:" + c.element.Local
	}
	c.above = parent
	plain := slashed(parent) + step
	switch name {
	case "", "DefaultLocator":
		c.own = plain
	case "Match":
		predicate, err := c.match(arguments)
		if err != nil {
			return err
		}
		c.own = plain + bracketed(predicate)
	case "Condition":
		if len(arguments) != 1 {
			return fmt.Errorf("the locator Condition needs one argument, and has %d", len(arguments))
		}
		c.own = plain + bracketed(arguments[0])
	case "XPath":
		if len(arguments) != 1 {
			return fmt.Errorf("the locator XPath needs one argument, and has %d", len(arguments))
		}
		c.own = arguments[0]
		if !strings.HasPrefix(c.own, "/") {
			c.own = strings.ReplaceAll(slashed(plain)+arguments[0], "/./", "/")
		}
		c.above = c.own
	default:
		return &located{at, fmt.Errorf("the locator %s is not known", name)}
	}
	return nil
}

func slashed(path string) string {
	if strings.HasSuffix(path, "/") {
		return path
	}
	return path + "/"
}

func bracketed(predicate string) string {
	if predicate == "" {
		return ""
	}
	if !strings.HasPrefix(predicate, "[") {
		predicate = "[" + predicate
	}
	if !strings.HasSuffix(predicate, "]") {
		predicate += "]"
	}
	return predicate
}

func (c *context) match(keys []string) (string, error) {
	if len(keys) == 0 {
		return "", fmt.Errorf("the locator Match needs the name of an attribute")
	}
	var parts []string
	for _, key := range keys {
		a := named(c.element, key)
		if a == nil {
			return "", fmt.Errorf("the locator Match names the attribute %s, which the element has not", key)
		}
		parts = append(parts, "@"+a.Name()+"='"+a.Value+"'")
	}
	return strings.Join(parts, " and "), nil
}

func named(n *xmltext.Node, name string) *xmltext.Node {
	for _, a := range n.Attrs {
		if a.Name() == name {
			return a
		}
	}
	return nil
}

// targets finds the target nodes, or their parents, once.
func (c *context) targets(parents bool) ([]*xmltext.Node, error) {
	if err := c.locate(); err != nil {
		return nil, err
	}
	which, path, nodes := 0, c.own, &c.found
	if parents {
		which, path, nodes = 1, c.above, &c.parents
	}
	if c.searched[which] {
		return *nodes, nil
	}
	if path == "" {
		return nil, fmt.Errorf("nothing can be inserted beside the root element")
	}
	p, err := xpath.Compile(path, xpath.Config{Spaces: c.spaces()})
	if err != nil {
		return nil, err
	}
	if *nodes, err = p.Nodes(c.t.target); err != nil {
		return nil, err
	}
	c.searched[which] = true
	return *nodes, nil
}

// spaces are the namespaces that are in scope in the transform. Names without a prefix have none.
func (c *context) spaces() map[string]string {
	spaces := map[string]string{}
	for e := c.element; e != nil; e = e.Parent {
		for _, a := range e.Attrs {
			prefix := a.Local
			if a.Prefix == "" {
				prefix = "_defaultNamespace"
			}
			if _, have := spaces[prefix]; a.IsDeclaration() && !have {
				spaces[prefix] = a.Value
			}
		}
	}
	return spaces
}

// hasTargets looks for what the operation needs. Without it, most operations only warn.
func (c *context) hasTargets(o operation) (bool, error) {
	nodes, err := c.targets(o.parent)
	if err != nil || len(nodes) > 0 {
		return len(nodes) > 0, err
	}
	missing := c
	for missing.parent != nil {
		if o.parent && missing.parent.above == "" {
			break
		}
		above, err := missing.parent.targets(o.parent)
		if err != nil {
			return false, err
		}
		if len(above) > 0 {
			break
		}
		missing = missing.parent
	}
	if o.must {
		return false, &located{missing.element, fmt.Errorf("no element of the configuration is at %s", missing.own)}
	}
	c.t.warning(missing.element, "No element of the configuration is at %s", missing.own)
	return false, nil
}
