package octostache

import "strconv"

// readCalc reads a calc from its keyword on.
func (p *parser) readCalc(i int) (token, int) {
	j, ok := p.literal(i, "calc", true)
	if !ok {
		return nil, j
	}
	k := skipSpace(p.src, j)
	if k == j {
		return nil, k
	}
	sum, j, ok := p.readSum(k, 0)
	if !ok {
		return nil, j
	}
	if j, ok = p.literal(skipSpace(p.src, j), "}", false); !ok {
		return nil, j
	}
	return &calcToken{*sum}, j
}

// readSum reads products joined by + and -.
func (p *parser) readSum(i, depth int) (*calcChain, int, bool) {
	return p.readChain(i, "+-", func(i int) (calcOperand, int, bool) {
		c, j, ok := p.readChain(i, "*/", func(i int) (calcOperand, int, bool) {
			return p.readOperand(i, depth)
		})
		if !ok {
			return calcOperand{}, j, false
		}
		if len(c.rest) == 0 {
			return c.first, j, true
		}
		return calcOperand{chain: c}, j, true
	})
}

func (p *parser) readChain(i int, ops string, operand func(int) (calcOperand, int, bool)) (*calcChain, int, bool) {
	first, j, ok := operand(i)
	if !ok {
		return nil, j, false
	}
	c := &calcChain{first: first}
	for {
		k := skipSpace(p.src, j)
		if k == len(p.src) || p.src[k] != ops[0] && p.src[k] != ops[1] {
			return c, j, true
		}
		next, e, ok := operand(skipSpace(p.src, k+1))
		if !ok {
			return c, j, true
		}
		c.rest = append(c.rest, calcStep{p.src[k], next})
		j = e
	}
}

// readOperand reads a parenthesis, a number, a symbol or a symbol in braces.
// What starts as one of them is not read as another.
func (p *parser) readOperand(i, depth int) (calcOperand, int, bool) {
	if i == len(p.src) || depth > maxNesting {
		return calcOperand{}, i, false
	}
	switch c := p.src[i]; {
	case c == '(':
		sum, j, ok := p.readSum(i+1, depth+1)
		if !ok {
			return calcOperand{}, j, false
		}
		j, ok = p.literal(j, ")", false)
		p.height = max(p.height, depth+1)
		return calcOperand{chain: sum}, j, ok
	case c == '{':
		s, j, ok := p.readSymbol(skipSpace(p.src, i+1))
		if !ok {
			return calcOperand{}, j, false
		}
		j, ok = p.literal(skipSpace(p.src, j), "}", false)
		return calcOperand{symbol: s}, j, ok
	case '0' <= c && c <= '9', c == '.':
		return p.readNumber(i)
	}
	s, j, ok := p.readSymbol(i)
	return calcOperand{symbol: s}, j, ok
}

// readNumber reads digits with or without a fraction, or a fraction alone.
func (p *parser) readNumber(i int) (calcOperand, int, bool) {
	j := p.skipDigits(i)
	if j < len(p.src) && p.src[j] == '.' {
		if k := p.skipDigits(j + 1); k > j+1 {
			j = k
		}
	}
	// Too many digits read as infinity, which is what they are.
	v, err := strconv.ParseFloat(p.src[i:j], 64)
	if err != nil && v == 0 {
		return calcOperand{}, j, false
	}
	return calcOperand{number: v}, j, true
}

func (p *parser) skipDigits(i int) int {
	for i < len(p.src) && '0' <= p.src[i] && p.src[i] <= '9' {
		i++
	}
	return i
}
