package octostache

import "strings"

// calc prints a sum. If an operand is not a number, the sum stays in place and
// nothing is reported.
func (e *evaluation) calc(b *strings.Builder, s *scope, t *calcToken) error {
	v, ok, err := e.sum(s, &t.sum)
	if err != nil {
		return err
	}
	if !ok {
		return e.write(b, e.normal(t))
	}
	return e.write(b, formatDouble(v))
}

func (e *evaluation) sum(s *scope, c *calcChain) (float64, bool, error) {
	v, ok, err := e.operand(s, &c.first)
	for i := range c.rest {
		if err != nil || !ok {
			return 0, false, err
		}
		var w float64
		w, ok, err = e.operand(s, &c.rest[i].operand)
		switch c.rest[i].op {
		case '+':
			v += w
		case '-':
			v -= w
		case '*':
			v *= w
		case '/':
			v /= w
		}
	}
	return v, ok, err
}

func (e *evaluation) operand(s *scope, o *calcOperand) (float64, bool, error) {
	if err := e.spend(1); err != nil {
		return 0, false, err
	}
	switch {
	case o.chain != nil:
		if err := e.down(); err != nil {
			return 0, false, err
		}
		defer e.up()
		return e.sum(s, o.chain)
	case o.symbol != nil:
		v, err := e.symbolValue(s, o.symbol)
		if err != nil || v.Null {
			return 0, false, err
		}
		f, ok := parseDouble(v.Text)
		return f, ok, nil
	}
	return o.number, true, nil
}
