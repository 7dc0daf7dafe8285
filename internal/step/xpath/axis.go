package xpath

import "github.com/mantledeploy/mantle/internal/step/xmltext"

type axis uint8

const (
	axisChild axis = iota
	axisDescendant
	axisDescendantOrSelf
	axisSelf
	axisParent
	axisAncestor
	axisAncestorOrSelf
	axisFollowing
	axisFollowingSibling
	axisPreceding
	axisPrecedingSibling
	axisAttribute
	axisNamespace
)

func axes() map[string]axis {
	return map[string]axis{
		"child": axisChild, "descendant": axisDescendant, "descendant-or-self": axisDescendantOrSelf, "self": axisSelf,
		"parent": axisParent, "ancestor": axisAncestor, "ancestor-or-self": axisAncestorOrSelf, "following": axisFollowing,
		"following-sibling": axisFollowingSibling, "preceding": axisPreceding, "preceding-sibling": axisPrecedingSibling,
		"attribute": axisAttribute, "namespace": axisNamespace,
	}
}

func (a axis) reverse() bool {
	switch a {
	case axisParent, axisAncestor, axisAncestorOrSelf, axisPreceding, axisPrecedingSibling:
		return true
	}
	return false
}

type testKind uint8

const (
	testName testKind = iota
	testNode
	testText
	testComment
	testInstruction
	testElement
	testAttribute
	testDocument
)

// test is what a node must be.
type test struct {
	kind         testKind
	local, space string
	anySpace     bool
}

func (t test) matches(n *xmltext.Node, a axis) bool {
	switch t.kind {
	case testNode:
		return true
	case testText:
		return n.Kind == xmltext.Text || n.Kind == xmltext.CData || n.Kind == xmltext.Space
	case testComment:
		return n.Kind == xmltext.Comment
	case testInstruction:
		return n.Kind == xmltext.Instruction && (t.local == "" || t.local == n.Local)
	case testElement:
		return n.Kind == xmltext.Element && (t.local == "" || t.local == n.Local)
	case testAttribute:
		return n.Kind == xmltext.Attribute && (t.local == "" || t.local == n.Local)
	case testDocument:
		return n.Kind == xmltext.Document
	}
	principal := xmltext.Element
	if a == axisAttribute {
		principal = xmltext.Attribute
	}
	return n.Kind == principal && (t.local == "*" || t.local == n.Local) && (t.anySpace || t.space == n.Space || t.local == "*" && t.space == n.Space)
}

type step struct {
	from expr // nil is the focus
	axis axis
	test test
}

func (s step) eval(e *evaluation, f focus) (value, error) {
	if s.from == nil {
		if f.node == nil {
			return nil, errAtomic
		}
		return s.of(e, f.node, nil)
	}
	from, err := s.from.eval(e, f)
	if err != nil {
		return nil, err
	}
	var all value
	for _, item := range from {
		n, ok := item.(*xmltext.Node)
		if !ok {
			return nil, errAtomic
		}
		if all, err = s.of(e, n, all); err != nil {
			return nil, err
		}
	}
	if len(from) < 2 {
		return all, nil
	}
	return e.ordered(all), nil
}

// of adds the nodes on the axis, in the document's order.
func (s step) of(e *evaluation, n *xmltext.Node, all value) (value, error) {
	var err error
	s.walk(n, func(m *xmltext.Node) bool {
		if err = e.spend(1); err != nil {
			return false
		}
		if m != nil && visible(m) && s.test.matches(m, s.axis) {
			all = append(all, m)
		}
		return true
	})
	return all, err
}

// visible: declarations and document types are no nodes here, and neither is text outside of the root.
func visible(n *xmltext.Node) bool {
	switch n.Kind {
	case xmltext.Declaration, xmltext.DocType, xmltext.Reference:
		return false
	case xmltext.Text, xmltext.CData, xmltext.Space:
		if n.Parent == nil || n.Parent.Kind == xmltext.Document {
			return false
		}
	}
	return true
}

func (s step) walk(n *xmltext.Node, use func(*xmltext.Node) bool) {
	switch s.axis {
	case axisChild:
		each(n.Children, use)
	case axisAttribute:
		for _, a := range n.Attrs {
			if !a.IsDeclaration() && !use(a) {
				return
			}
		}
	case axisSelf:
		use(n)
	case axisParent:
		if n.Parent != nil {
			use(n.Parent)
		}
	case axisDescendant:
		descend(n, use)
	case axisDescendantOrSelf:
		_ = use(n) && descend(n, use)
	case axisAncestor:
		ancestors(n.Parent, use)
	case axisAncestorOrSelf:
		ancestors(n, use)
	case axisFollowingSibling, axisPrecedingSibling:
		s.siblings(n, use)
	case axisFollowing, axisPreceding:
		s.around(n, use)
	}
}

// each goes through siblings. Of adjacent pieces of one text, the first stands for all.
func each(nodes []*xmltext.Node, use func(*xmltext.Node) bool) bool {
	before := false
	for _, n := range nodes {
		text := n.Kind == xmltext.Text || n.Kind == xmltext.CData || n.Kind == xmltext.Space || n.Kind == xmltext.Reference
		if !(text && before) && !use(n) {
			return false
		}
		before = text
	}
	return true
}

func descend(n *xmltext.Node, use func(*xmltext.Node) bool) bool {
	return each(n.Children, func(c *xmltext.Node) bool { return use(c) && descend(c, use) })
}

func ancestors(n *xmltext.Node, use func(*xmltext.Node) bool) {
	if n != nil {
		ancestors(n.Parent, use)
		use(n)
	}
}

func (s step) siblings(n *xmltext.Node, use func(*xmltext.Node) bool) {
	i := n.Index()
	if i < 0 {
		return
	}
	if s.axis == axisFollowingSibling {
		each(n.Parent.Children[i+1:], use)
	} else {
		each(n.Parent.Children[:i], use)
	}
}

// around uses nil for what it passes by.
func (s step) around(n *xmltext.Node, use func(*xmltext.Node) bool) {
	own := map[*xmltext.Node]bool{}
	for a := n; a != nil; a = a.Parent {
		own[a] = true
	}
	top := n
	for top.Parent != nil {
		top = top.Parent
	}
	before := true
	var walk func(m *xmltext.Node) bool
	walk = func(m *xmltext.Node) bool {
		if m == n {
			before = false
			return s.axis == axisFollowing
		}
		passed := m
		if own[m] || before != (s.axis == axisPreceding) {
			passed = nil
		}
		if !use(passed) {
			return false
		}
		return each(m.Children, walk)
	}
	walk(top)
}
