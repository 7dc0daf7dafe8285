package structured

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/internal/step/textfile"
	"github.com/mantledeploy/mantle/internal/step/xmltext"
	"github.com/mantledeploy/mantle/internal/step/xpath"
)

func (w *work) xml(raw []byte) (string, textfile.Encoding, error) {
	var preferred []textfile.Encoding
	if e, ok := textfile.DeclaredInXML(raw); ok {
		preferred = append(preferred, e)
	}
	text, encoding, err := textfile.Decode(raw, preferred...)
	if err != nil {
		return "", encoding, &ParseError{Reason: fmt.Sprintf("it cannot be read as %s: %v", encoding.Name(), err)}
	}
	doc, err := xmltext.Parse(text, xmltext.Options{})
	var wrong *xmltext.Error
	if errors.As(err, &wrong) {
		return "", encoding, &ParseError{wrong.Line, wrong.Column, wrong.Reason}
	}
	spaces := w.namespaces(doc)
	for _, name := range w.Set.Names() {
		if err := w.xmlVariable(doc, name, spaces); err != nil {
			return "", encoding, err
		}
	}
	w.done()
	layout := xmltext.Layout{LineEnd: textfile.LineEnd(text), Encoding: encoding.Name()}
	out, err := xmltext.Write(doc, layout)
	if err != nil {
		return "", encoding, err
	}
	if _, err := encoding.Encode(out); err != nil {
		layout.Encoding = textfile.UTF8().Name()
		out, err = xmltext.Write(doc, layout)
		return out, encoding, err
	}
	return out, encoding, nil
}

// namespaces are those of all prefixes in the document. One prefix has one namespace in a path.
func (w *work) namespaces(doc *xmltext.Node) map[string]string {
	spaces := map[string]string{}
	var walk func(n *xmltext.Node)
	walk = func(n *xmltext.Node) {
		for _, a := range n.Attrs {
			if !a.IsDeclaration() || a.Prefix == "" {
				continue
			}
			if have, ok := spaces[a.Local]; ok && have != a.Value {
				w.Log.Warnf("The prefix %s stands for the namespace %s in paths, not also for %s: give each namespace a prefix of its own.", a.Local, have, a.Value)
				continue
			}
			spaces[a.Local] = a.Value
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(doc)
	return spaces
}

func (w *work) xmlVariable(doc *xmltext.Node, name string, spaces map[string]string) error {
	if !strings.ContainsAny(name, "/:") {
		return nil
	}
	path, err := xpath.Compile(name, xpath.Config{Version2: true, Spaces: spaces})
	if err != nil {
		return nil // most variables with a colon are no paths
	}
	nodes, err := path.Nodes(doc)
	if err != nil {
		return err
	}
	text, _, err := w.value(name)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		w.found(name)
		w.setXML(n, name, text)
	}
	return nil
}

func (w *work) setXML(n *xmltext.Node, name, text string) {
	switch n.Kind {
	case xmltext.Text, xmltext.CData, xmltext.Space, xmltext.Comment, xmltext.Instruction:
		n.Value = text
	case xmltext.Attribute:
		n.Value, n.Default = text, false
	case xmltext.Element:
		w.setElement(n, name, text)
	default:
		w.Log.Warnf("The path %s leads to the document itself, which no value can replace.", name)
	}
}

// setElement replaces what is in an element: XML by XML, a CDATA section by one, else text.
func (w *work) setElement(n *xmltext.Node, name, text string) {
	if len(n.Children) == 1 && n.Children[0].Kind == xmltext.CData {
		n.Children[0].Value = text
		return
	}
	elements := false
	for _, c := range n.Children {
		elements = elements || c.Kind == xmltext.Element
	}
	if !elements {
		n.SetText(text)
		return
	}
	content, err := xmltext.ParseFragment(text, n)
	if err != nil {
		w.Log.Warnf("The value of %s is not XML, so it cannot replace the elements in %s: %v", name, n.Name(), err)
		return
	}
	n.Children, n.Closed = nil, false
	for _, c := range content {
		withoutDeclared(c, n)
		n.Append(c)
	}
}

// withoutDeclared takes out the declarations of namespaces that are in scope where an element goes to.
func withoutDeclared(n, scope *xmltext.Node) {
	var kept []*xmltext.Node
	for _, a := range n.Attrs {
		prefix := a.Local
		if a.Prefix == "" {
			prefix = ""
		}
		if have, ok := scope.LookupSpace(prefix); !a.IsDeclaration() || !ok || have != a.Value {
			kept = append(kept, a)
		}
	}
	n.Attrs = kept
	for _, c := range n.Children {
		withoutDeclared(c, scope)
	}
}
