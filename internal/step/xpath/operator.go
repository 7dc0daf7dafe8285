package xpath

import (
	"math"

	"github.com/mantledeploy/mantle/internal/step/xmltext"
)

// binary is an operator between two expressions.
type binary struct {
	op          string
	left, right expr
	version2    bool
}

func newBinary(op string, left, right expr, version2 bool) expr {
	if op == "|" {
		op = "union"
	}
	return binary{op, left, right, version2}
}

func (b binary) eval(e *evaluation, f focus) (value, error) {
	left, err := b.left.eval(e, f)
	if err != nil {
		return nil, err
	}
	if b.op == "or" && left.truth() || b.op == "and" && !left.truth() {
		return value{b.op == "or"}, nil
	}
	right, err := b.right.eval(e, f)
	if err != nil {
		return nil, err
	}
	switch b.op {
	case "or", "and":
		return value{right.truth()}, nil
	case "=", "!=", "<", "<=", ">", ">=":
		found, err := b.general(e, left, right)
		return value{found}, err
	case "eq", "ne", "lt", "le", "gt", "ge":
		if len(left) == 0 || len(right) == 0 {
			return nil, nil
		}
		op := map[string]string{"eq": "=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}[b.op]
		return value{compare(op, left[0], right[0], true)}, nil
	case "union", "intersect", "except":
		return b.set(e, left, right)
	case "to":
		return b.span(e, left, right)
	case "is", "<<", ">>":
		return b.nodes(e, left, right)
	}
	if len(left) == 0 || len(right) == 0 {
		if b.version2 {
			return nil, nil
		}
	}
	return value{arithmetic(b.op, left.number(), right.number())}, nil
}

func arithmetic(op string, x, y float64) float64 {
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "div":
		return x / y
	case "idiv":
		return math.Trunc(x / y)
	}
	return math.Mod(x, y)
}

// general is true if it is for any two of the items.
func (b binary) general(e *evaluation, left, right value) (bool, error) {
	if !b.version2 {
		// A truth value makes the other side one.
		if isTruth(left) || isTruth(right) {
			return compare(b.op, left.truth(), right.truth(), false), nil
		}
	}
	for _, x := range left {
		for _, y := range right {
			if err := e.spend(1); err != nil {
				return false, err
			}
			if compare(b.op, x, y, b.version2) {
				return true, nil
			}
		}
	}
	return false, nil
}

func isTruth(v value) bool {
	if len(v) != 1 {
		return false
	}
	_, ok := v[0].(bool)
	return ok
}

func compare(op string, x, y any, version2 bool) bool {
	_, xNumber := x.(float64)
	_, yNumber := y.(float64)
	_, xTruth := x.(bool)
	_, yTruth := y.(bool)
	relational := op != "=" && op != "!="
	if xNumber || yNumber || xTruth || yTruth || relational && !version2 {
		a, b := numberOf(x), numberOf(y)
		switch op {
		case "=":
			return a == b
		case "!=":
			return a != b
		case "<":
			return a < b
		case "<=":
			return a <= b
		case ">":
			return a > b
		}
		return a >= b
	}
	a, b := textOf(x), textOf(y)
	switch op {
	case "=":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

func (b binary) set(e *evaluation, left, right value) (value, error) {
	if _, ok := left.nodes(); !ok {
		return nil, errAtomic
	}
	if _, ok := right.nodes(); !ok {
		return nil, errAtomic
	}
	if b.op == "union" {
		return e.ordered(append(append(value{}, left...), right...)), nil
	}
	in := map[any]bool{}
	for _, item := range right {
		in[item] = true
	}
	var out value
	for _, item := range left {
		if in[item] == (b.op == "intersect") {
			out = append(out, item)
		}
	}
	return e.ordered(out), nil
}

func (b binary) span(e *evaluation, left, right value) (value, error) {
	from, to := left.number(), right.number()
	if !(from <= to) {
		return nil, nil
	}
	if to-from > maxSteps {
		return nil, errTooLong
	}
	if err := e.spend(int(to - from)); err != nil {
		return nil, err
	}
	var out value
	for i := from; i <= to; i++ {
		out = append(out, i)
	}
	return out, nil
}

func (b binary) nodes(e *evaluation, left, right value) (value, error) {
	if len(left) == 0 || len(right) == 0 {
		return nil, nil
	}
	x, xOK := left[0].(*xmltext.Node)
	y, yOK := right[0].(*xmltext.Node)
	if !xOK || !yOK {
		return nil, errAtomic
	}
	if b.op == "is" || x == y {
		return value{x == y && b.op == "is"}, nil
	}
	first := e.sorted([]*xmltext.Node{x, y})[0] == x
	return value{first == (b.op == "<<")}, nil
}
