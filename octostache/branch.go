package octostache

import "strings"

// branch evaluates the first branch whose condition holds. A condition whose
// filters give no value leaves the whole conditional in place.
func (e *evaluation) branch(b *strings.Builder, s *scope, t *ifToken) error {
	if err := e.down(); err != nil {
		return err
	}
	defer e.up()
	for i := range t.branches {
		if i > 0 {
			if err := e.spend(1); err != nil {
				return err
			}
		}
		holds, missing, err := e.holds(s, &t.branches[i].cond)
		if err != nil {
			return err
		}
		if missing != nil {
			e.miss(printed(missing))
			p := &printer{max: e.config.Limits.Output}
			t.printFrom(p, i)
			return e.write(b, p.String())
		}
		if holds != t.negated {
			return e.tokens(b, s, t.branches[i].body)
		}
	}
	return e.tokens(b, s, t.otherwise)
}

func printed(x expression) string {
	p := &printer{}
	x.print(p)
	return p.String()
}

// holds evaluates a condition, or returns the expression that has no value.
func (e *evaluation) holds(s *scope, c *condition) (holds bool, missing expression, err error) {
	left, ok, err := e.side(s, c.left)
	if err != nil || !ok {
		return false, c.left, err
	}
	if c.op == "" {
		return truthy(left), nil, nil
	}
	right := c.text
	if c.right != nil {
		if right, ok, err = e.side(s, c.right); err != nil || !ok {
			return false, c.right, err
		}
	}
	return (left == right) == (c.op == "=="), nil, nil
}

// side evaluates one side of a condition. A symbol without a value is "".
func (e *evaluation) side(s *scope, x expression) (string, bool, error) {
	v, err := e.value(s, x)
	_, isSymbol := x.(*symbol)
	return v.Text, isSymbol || !v.Null, err
}

// truthy reports whether a text counts as true: all but "", "0", and no or
// false with any case and blanks.
func truthy(text string) bool {
	if text == "" || text == "0" {
		return false
	}
	word := strings.TrimSpace(text)
	if len(word) > len("false") {
		return true
	}
	return !equalFold(word, "no") && !equalFold(word, "false")
}
