package xpath

import (
	"errors"
	"math"
	"slices"

	"github.com/mantledeploy/mantle/internal/step/xmltext"
)

// expr is a part of an expression.
type expr interface {
	eval(e *evaluation, f focus) (value, error)
}

type evaluation struct {
	steps     int
	version2  bool
	variables []binding
	// order numbers the nodes of the document as far as it was needed.
	order map[*xmltext.Node]int
}

type binding struct {
	name string
	item value
}

func (e *evaluation) spend(n int) error {
	if e.steps -= n; e.steps < 0 {
		return errTooLong
	}
	return nil
}

// sorted puts nodes into the document's order, each once.
func (e *evaluation) sorted(nodes []*xmltext.Node) []*xmltext.Node {
	if len(nodes) < 2 {
		return nodes
	}
	if e.order == nil {
		e.order = map[*xmltext.Node]int{}
		top := nodes[0]
		for top.Parent != nil {
			top = top.Parent
		}
		number(top, e.order)
	}
	slices.SortStableFunc(nodes, func(a, b *xmltext.Node) int { return e.order[a] - e.order[b] })
	return slices.Compact(nodes)
}

func number(n *xmltext.Node, order map[*xmltext.Node]int) {
	order[n] = len(order) + 1
	for _, a := range n.Attrs {
		order[a] = len(order) + 1
	}
	for _, c := range n.Children {
		number(c, order)
	}
}

func (e *evaluation) ordered(v value) value {
	nodes, ok := v.nodes()
	if !ok {
		return v
	}
	sorted := e.sorted(nodes)
	out := make(value, len(sorted))
	for i, n := range sorted {
		out[i] = n
	}
	return out
}

type (
	constant struct{ item any }
	variable string
	list     []expr
	rootNode struct{}
	itself   struct{}
	sign     struct {
		of       expr
		negative bool
	}
	condition struct{ test, yes, no expr }
	loop      struct {
		word  string
		names []string
		in    []expr
		body  expr
	}
	// mapped evaluates an expression for each node of another one.
	mapped struct{ from, to expr }
	// filter keeps what a predicate is true for. On a reverse axis, positions count from the end.
	filter struct {
		of, predicate expr
		reverse       bool
	}
)

var errAtomic = errors.New("a step starts from a value, not from a node")

func (c constant) eval(*evaluation, focus) (value, error) { return value{c.item}, nil }

func (v variable) eval(e *evaluation, _ focus) (value, error) {
	for i := len(e.variables) - 1; i >= 0; i-- {
		if e.variables[i].name == string(v) {
			return e.variables[i].item, nil
		}
	}
	return nil, nil
}

func (l list) eval(e *evaluation, f focus) (value, error) {
	if len(l) == 1 {
		return l[0].eval(e, f)
	}
	var all value
	for _, x := range l {
		v, err := x.eval(e, f)
		if err != nil {
			return nil, err
		}
		all = append(all, v...)
	}
	return all, nil
}

func (rootNode) eval(_ *evaluation, f focus) (value, error) {
	n := f.node
	if n == nil {
		return nil, errAtomic
	}
	for n.Parent != nil {
		n = n.Parent
	}
	return value{n}, nil
}

func (itself) eval(_ *evaluation, f focus) (value, error) { return value{f.item}, nil }

func (s sign) eval(e *evaluation, f focus) (value, error) {
	v, err := s.of.eval(e, f)
	if err != nil || len(v) == 0 && e.version2 {
		return nil, err
	}
	n := v.number()
	if s.negative {
		n = -n
	}
	return value{n}, nil
}

func (c condition) eval(e *evaluation, f focus) (value, error) {
	v, err := c.test.eval(e, f)
	if err != nil {
		return nil, err
	}
	if v.truth() {
		return c.yes.eval(e, f)
	}
	return c.no.eval(e, f)
}

func (l loop) eval(e *evaluation, f focus) (value, error) {
	var all value
	decided := false
	err := l.each(e, f, 0, func(v value) bool {
		if l.word == "for" {
			all = append(all, v...)
			return true
		}
		decided = v.truth() == (l.word == "some")
		return !decided
	})
	if l.word == "for" || err != nil {
		return all, err
	}
	return value{decided == (l.word == "some")}, nil
}

func (l loop) each(e *evaluation, f focus, i int, use func(value) bool) error {
	if i == len(l.names) {
		v, err := l.body.eval(e, f)
		if err == nil && !use(v) {
			err = errStop
		}
		return err
	}
	in, err := l.in[i].eval(e, f)
	if err != nil {
		return err
	}
	before := len(e.variables)
	defer func() { e.variables = e.variables[:before] }()
	for _, item := range in {
		if err := e.spend(1); err != nil {
			return err
		}
		e.variables = append(e.variables[:before], binding{l.names[i], value{item}})
		if err = l.each(e, f, i+1, use); err != nil {
			break
		}
	}
	if i == 0 && errors.Is(err, errStop) {
		return nil
	}
	return err
}

var errStop = errors.New("decided")

func (m mapped) eval(e *evaluation, f focus) (value, error) {
	from, err := m.from.eval(e, f)
	if err != nil {
		return nil, err
	}
	var all value
	for i, item := range from {
		n, ok := item.(*xmltext.Node)
		if !ok {
			return nil, errAtomic
		}
		v, err := m.to.eval(e, focus{n, n, i + 1, len(from)})
		if err != nil {
			return nil, err
		}
		if err := e.spend(1 + len(v)); err != nil {
			return nil, err
		}
		all = append(all, v...)
	}
	return e.ordered(all), nil
}

func (x filter) eval(e *evaluation, f focus) (value, error) {
	v, err := x.of.eval(e, f)
	if err != nil {
		return nil, err
	}
	var kept value
	for i, item := range v {
		if err := e.spend(1); err != nil {
			return nil, err
		}
		position := i + 1
		if x.reverse {
			position = len(v) - i
		}
		n, _ := item.(*xmltext.Node)
		p, err := x.predicate.eval(e, focus{n, item, position, len(v)})
		if err != nil {
			return nil, err
		}
		keep := p.truth()
		if len(p) == 1 {
			if number, ok := p[0].(float64); ok {
				keep = number == float64(position)
			}
		}
		if keep {
			kept = append(kept, item)
		}
	}
	return kept, nil
}

func round(f float64) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return f
	}
	return math.Floor(f + 0.5)
}
