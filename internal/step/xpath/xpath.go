// Package xpath finds nodes in an XML document by an expression: XPath 1.0, and on demand what configuration files' paths
// use of XPath 2.0 (sequences, for, if, some and every, *:name, its operators and functions).
//
// An expression is compiled once and has bounds: its depth, and the steps of an evaluation. Only the packages under
// internal/step import it.
package xpath

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/step/xmltext"
)

// Config is how an expression is understood.
type Config struct {
	// Version2 is XPath 2.0.
	Version2 bool
	// Spaces are the namespaces of the prefixes; "" is that of names without one.
	Spaces map[string]string
}

// Error is what makes a text no expression.
type Error struct {
	Expression string
	At         int
	Reason     string
}

// Error says what is wrong, and where.
func (e *Error) Error() string {
	return fmt.Sprintf("the XPath %s is wrong at character %d: %s", e.Expression, e.At+1, e.Reason)
}

// Path is a compiled expression.
type Path struct {
	text   string
	root   expr
	config Config
}

// Compile reads an expression.
func Compile(text string, c Config) (*Path, error) {
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens, config: c}
	root, err := p.sequence()
	if err == nil && p.peek().kind != tokenEnd {
		err = p.fail("something follows the end")
	}
	if err != nil {
		return nil, err
	}
	return &Path{text, root, c}, nil
}

// ErrValue is the error of an expression whose result is no nodes.
var ErrValue = errors.New("the result is a value, not nodes")

// Nodes finds the nodes from one on, in the document's order.
func (p *Path) Nodes(from *xmltext.Node) ([]*xmltext.Node, error) {
	e := &evaluation{steps: maxSteps, version2: p.config.Version2}
	v, err := p.root.eval(e, focus{node: from, item: from, position: 1, size: 1})
	if err != nil {
		return nil, fmt.Errorf("the XPath %s cannot be evaluated: %w", p.text, err)
	}
	nodes, ok := v.nodes()
	if !ok {
		return nil, fmt.Errorf("the XPath %s: %w", p.text, ErrValue)
	}
	return e.sorted(nodes), nil
}

// maxSteps is how many nodes and values an evaluation may touch.
const maxSteps = 5_000_000

var errTooLong = errors.New("it takes too many steps")

// focus is what an expression is evaluated for.
type focus struct {
	node           *xmltext.Node
	item           any
	position, size int
}

// value is a sequence of *xmltext.Node, string, float64 and bool.
type value []any

func (v value) nodes() ([]*xmltext.Node, bool) {
	nodes := make([]*xmltext.Node, len(v))
	for i, item := range v {
		n, ok := item.(*xmltext.Node)
		if !ok {
			return nil, false
		}
		nodes[i] = n
	}
	return nodes, true
}

// truth is the effective boolean value.
func (v value) truth() bool {
	if len(v) == 0 {
		return false
	}
	switch t := v[0].(type) {
	case bool:
		return t
	case string:
		return t != ""
	case float64:
		return t != 0 && !math.IsNaN(t)
	}
	return true
}

// StringValue is the text of a node.
func StringValue(n *xmltext.Node) string { return n.InnerText() }

func textOf(item any) string {
	switch t := item.(type) {
	case *xmltext.Node:
		return StringValue(t)
	case string:
		return t
	case bool:
		return strconv.FormatBool(t)
	case float64:
		return numberText(t)
	}
	return ""
}

func (v value) text() string {
	if len(v) == 0 {
		return ""
	}
	return textOf(v[0])
}

func numberText(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case math.IsNaN(f):
		return "NaN"
	case f == 0:
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func numberOf(item any) float64 {
	switch t := item.(type) {
	case float64:
		return t
	case bool:
		if t {
			return 1
		}
		return 0
	}
	s := strings.Trim(textOf(item), " \t\r\n")
	if s == "" || strings.Trim(s, "+-.0123456789eE") != "" {
		return math.NaN()
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return math.NaN()
	}
	return f
}

func (v value) number() float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	return numberOf(v[0])
}
