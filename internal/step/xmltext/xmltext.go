// Package xmltext reads an XML document as a tree that keeps what other readers drop (white space, CDATA sections,
// references, the spaces between attributes), and writes it again as configuration files have always been written.
//
// Nothing outside of a document is ever read: external entities and external subsets are known by name alone. Entities
// are expanded within a bound. Finding nodes is in step/xpath. Only the packages under internal/step import it.
package xmltext

import (
	"fmt"
	"strings"
)

// Kind is what a node is.
type Kind uint8

// The kinds of nodes.
const (
	Document Kind = iota
	Declaration
	DocType
	Element
	Attribute
	Text
	CData
	Space // white space alone, between elements
	Comment
	Instruction
	Reference // to an entity
)

// Namespaces that are always there.
const (
	XMLSpace   = "http://www.w3.org/XML/1998/namespace"
	XMLNSSpace = "http://www.w3.org/2000/xmlns/"
)

// Node is one node of a document. Its fields may be read at will; Append, Insert and Remove keep the tree sound.
type Node struct {
	Kind                 Kind
	Prefix, Local, Space string
	// Value is the text of what has one, the internal subset of a document type.
	Value    string
	Parent   *Node
	Children []*Node
	Attrs    []*Node
	// Closed is set for an element written as <a/>.
	Closed bool
	// Default is set for an attribute that a document type gives, and nobody wrote.
	Default bool
	// Version, Encoding and Standalone are a declaration's; Public and System a document type's, nil if not there.
	Version, Encoding, Standalone string
	Public, System                *string
	// Line and Column count from 1; those of an element are its name's.
	Line, Column int
	// Lead is the white space before an attribute; Tail that before an element's start tag ends.
	Lead, Tail string
	// raw is an attribute's value with its references, as long as its value is the one that was read.
	raw, rawOf string
}

// Name is the name with its prefix.
func (n *Node) Name() string {
	if n.Prefix == "" {
		return n.Local
	}
	return n.Prefix + ":" + n.Local
}

// IsDeclaration tells an attribute that declares a namespace.
func (n *Node) IsDeclaration() bool { return n.Space == XMLNSSpace }

// Append adds a child.
func (n *Node) Append(child *Node) { n.Insert(len(n.Children), child) }

// Insert adds a child at a place.
func (n *Node) Insert(at int, child *Node) {
	child.Parent = n
	n.Closed = false
	n.Children = append(n.Children, nil)
	copy(n.Children[at+1:], n.Children[at:])
	n.Children[at] = child
}

// Index is a node's place among its parent's children, or -1.
func (n *Node) Index() int {
	if n.Parent != nil {
		for i, c := range n.Parent.Children {
			if c == n {
				return i
			}
		}
	}
	return -1
}

// Remove takes a node (or an attribute) out of its parent.
func (n *Node) Remove() {
	p := n.Parent
	if p == nil {
		return
	}
	list := &p.Children
	if n.Kind == Attribute {
		list = &p.Attrs
	}
	for i, c := range *list {
		if c == n {
			*list = append((*list)[:i:i], (*list)[i+1:]...)
			break
		}
	}
	n.Parent = nil
}

// Attr finds an attribute by its name and namespace.
func (n *Node) Attr(local, space string) *Node {
	for _, a := range n.Attrs {
		if a.Local == local && a.Space == space {
			return a
		}
	}
	return nil
}

// SetAttr sets an attribute without a prefix.
func (n *Node) SetAttr(local, value string) {
	if a := n.Attr(local, ""); a != nil {
		a.Value, a.Default = value, false
		return
	}
	n.Attrs = append(n.Attrs, &Node{Kind: Attribute, Local: local, Value: value, Parent: n})
}

// SetText makes a text an element's only child.
func (n *Node) SetText(text string) {
	n.Children = nil
	n.Append(&Node{Kind: Text, Value: text})
}

// Root is the document's element, or nil.
func (n *Node) Root() *Node {
	for _, c := range n.Children {
		if c.Kind == Element {
			return c
		}
	}
	return nil
}

// InnerText is all text below a node.
func (n *Node) InnerText() string {
	switch n.Kind {
	case Document, Element:
		if len(n.Children) == 1 && n.Children[0].Kind != Element {
			return n.Children[0].textOf()
		}
		var b strings.Builder
		n.collect(&b)
		return b.String()
	}
	return n.Value
}

func (n *Node) textOf() string {
	switch n.Kind {
	case Text, CData, Space, Reference:
		return n.Value
	}
	return ""
}

func (n *Node) collect(b *strings.Builder) {
	for _, c := range n.Children {
		if c.Kind == Element {
			c.collect(b)
		} else {
			b.WriteString(c.textOf())
		}
	}
}

// LookupSpace finds the namespace of a prefix.
func (n *Node) LookupSpace(prefix string) (string, bool) {
	switch prefix {
	case "xml":
		return XMLSpace, true
	case "xmlns":
		return XMLNSSpace, true
	}
	for e := n; e != nil; e = e.Parent {
		for _, a := range e.Attrs {
			if a.IsDeclaration() && (a.Local == prefix && a.Prefix != "" || prefix == "" && a.Prefix == "") {
				return a.Value, true
			}
		}
	}
	return "", prefix == ""
}

// Clone copies a node and what is below it. The copy has no parent.
func (n *Node) Clone() *Node {
	c := *n
	c.Parent, c.Children, c.Attrs = nil, nil, nil
	for _, a := range n.Attrs {
		copied := a.Clone()
		copied.Parent = &c
		c.Attrs = append(c.Attrs, copied)
	}
	for _, child := range n.Children {
		copied := child.Clone()
		copied.Parent = &c
		c.Children = append(c.Children, copied)
	}
	return &c
}

// Error is what makes a text no XML document.
type Error struct {
	Line, Column int
	Reason       string
}

// Error says what is wrong, and where.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// Raw is an attribute's value as it was written, if it has references to entities and is still the same.
func (n *Node) Raw() (string, bool) { return n.raw, n.raw != "" && n.Value == n.rawOf }
