package xdt

import (
	"strings"

	"github.com/mantledeploy/mantle/internal/step/xmltext"
)

const defaultTab = "\t"

// formatter gives new elements the indentation of what is around them. An indentation begins with its line break.
type formatter struct {
	t                *transformation
	indents          []string
	attributeIndents []*string
	current          *string // indentation; nil is unknown
	currentAttribute *string
	tab              *string
	node, previous   *xmltext.Node
}

func (f *formatter) run(doc *xmltext.Node) {
	empty := ""
	f.current = &empty
	f.loop(doc)
}

func (f *formatter) enter(n *xmltext.Node) { f.previous, f.node = f.node, n }

func (f *formatter) loop(parent *xmltext.Node) {
	for i := 0; i < len(parent.Children); i++ {
		n := parent.Children[i]
		f.enter(n)
		switch n.Kind {
		case xmltext.Element:
			i += f.element(n)
		case xmltext.Space:
			i += f.space(n)
		case xmltext.Comment:
			i += f.indentBefore(n)
		}
	}
}

func (f *formatter) element(n *xmltext.Node) int {
	moved := f.indentBefore(n)
	a := f.t.original[n]
	if a == nil {
		a = &attributes{lead: map[string]string{}}
		f.t.written(n, a)
	}
	a.update(n.Attrs, f)
	f.push()
	f.newAtEnd(n)
	f.loop(n)
	f.enter(n)
	f.pop()
	if !n.Closed && f.needsIndent(n) {
		n.Append(&xmltext.Node{Kind: xmltext.Space, Value: f.indent()})
	}
	return moved
}

// newAtEnd moves the white space before new elements at the end of an old one behind them, where the end tag's is.
func (f *formatter) newAtEnd(n *xmltext.Node) {
	if f.isNew(n) || len(n.Children) == 0 || n.Children[len(n.Children)-1].Kind == xmltext.Space {
		return
	}
	for i := len(n.Children) - 1; i >= 0; i-- {
		c := n.Children[i]
		if c.Kind == xmltext.Element && f.isNew(c) {
			continue
		}
		if c.Kind == xmltext.Space {
			closed := n.Closed
			c.Remove()
			n.Append(c)
			n.Closed = closed
		}
		return
	}
}

func (f *formatter) space(n *xmltext.Node) int {
	moved := 0
	if isSpace(f.previous) {
		remove := f.previous
		if lastLine(n.Value) < 0 && lastLine(f.previous.Value) >= 0 {
			remove = n
		}
		remove.Remove()
		moved = -1
	}
	if at := lastLine(n.Value); at >= 0 {
		f.setIndent(n.Value[at:])
	}
	return moved
}

func isSpace(n *xmltext.Node) bool { return n != nil && n.Kind == xmltext.Space }

func (f *formatter) isNew(n *xmltext.Node) bool {
	for n != nil && n.Kind != xmltext.Element {
		n = n.Parent
	}
	return n != nil && !f.t.isOriginal(n)
}

func (f *formatter) needsIndent(n *xmltext.Node) bool {
	p := f.previous
	return !isSpace(p) && (p == nil || p.Kind != xmltext.Text) && (f.isNew(n) || f.isNew(p))
}

func (f *formatter) indentBefore(n *xmltext.Node) int {
	if !f.needsIndent(n) || n.Parent.Kind == xmltext.Document {
		return 0
	}
	n.Parent.Insert(n.Index(), &xmltext.Node{Kind: xmltext.Space, Value: f.indent()})
	return 1
}

// lastLine is where the last line break of a white space begins, or -1.
func lastLine(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		switch s[i] {
		case '\r':
			return i
		case '\n':
			if i > 0 && s[i-1] == '\r' {
				return i - 1
			}
			return i
		case ' ', '\t':
		default:
			return -1
		}
	}
	return -1
}

func (f *formatter) setIndent(indent string) {
	if f.current == nil || *f.current != indent {
		f.current, f.tab, f.currentAttribute = &indent, nil, nil
	}
}

func (f *formatter) push() {
	f.indents = append(f.indents, f.indent())
	f.current = nil
	f.attributeIndents = append(f.attributeIndents, f.currentAttribute)
	f.currentAttribute = nil
}

func (f *formatter) pop() {
	last := len(f.indents) - 1
	indent := f.indents[last]
	f.current, f.indents = &indent, f.indents[:last]
	f.currentAttribute, f.attributeIndents = f.attributeIndents[last], f.attributeIndents[:last]
}

func (f *formatter) indent() string {
	if f.current == nil {
		indent, ok := f.lookAhead()
		if !ok {
			indent = f.indents[len(f.indents)-1] + f.oneTab()
		}
		f.current = &indent
	}
	return *f.current
}

// lookAhead takes the indentation of a sibling.
func (f *formatter) lookAhead() (string, bool) {
	if f.node.Parent == nil {
		return "", false
	}
	siblings := f.node.Parent.Children
	for i, s := range siblings {
		if s.Kind == xmltext.Space && i < len(siblings)-1 {
			if at := lastLine(s.Value); at >= 0 {
				return s.Value[at:], true
			}
		}
	}
	return "", false
}

func (f *formatter) oneTab() string {
	if f.tab == nil {
		tab := f.computeTab()
		f.tab = &tab
	}
	return *f.tab
}

func (f *formatter) computeTab() string {
	if len(f.indents) == 0 {
		return defaultTab
	}
	for i := len(f.indents) - 1; i > 0; i-- {
		if more, ok := strings.CutPrefix(f.indents[i], f.indents[i-1]); ok {
			return more
		}
	}
	outer := f.indents[0]
	for i := range max(len(outer)-1, 0) {
		if outer[i] != '\r' && outer[i] != '\n' {
			return outer[i+1:]
		}
	}
	return defaultTab
}

func (f *formatter) attributeIndent() string {
	if f.currentAttribute == nil {
		indent := f.siblingAttributes()
		if indent == nil {
			own := f.indent() + f.oneTab()
			indent = &own
		}
		f.currentAttribute = indent
	}
	return *f.currentAttribute
}

func (f *formatter) siblingAttributes() *string {
	if f.node.Parent == nil {
		return nil
	}
	var found *string
	before := true
	for _, s := range f.node.Parent.Children {
		if s == f.node {
			before = false
		} else if s.Kind == xmltext.Element {
			found = nil
			if a := f.t.original[s]; a != nil {
				found = a.line(nil)
			}
		}
		if !before && found != nil {
			return found
		}
	}
	return nil
}
