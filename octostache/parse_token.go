package octostache

import "strings"

// span is a body that is not collected yet.
type span struct{ from, to int }

// pendingIf and pendingEach are tokens whose bodies are spans; finish makes the
// real ones, for those tokens only that the template keeps.
type pendingIf struct {
	negated bool
	cond    condition
	body    span
	clause  *clause
	other   span // else of an unless
}

type pendingEach struct {
	name       string
	collection *symbol
	body       span
}

func (*pendingIf) print(*printer)         {}
func (*pendingIf) arguments(*arguments)   {}
func (*pendingEach) print(*printer)       {}
func (*pendingEach) arguments(*arguments) {}

// clause is an elseif or, without a condition, an else, and the next clause.
type clause struct {
	cond   *condition
	body   span
	next   *clause
	end    int // behind the last clause
	height int
}

// literal matches text at i, in any case if fold is set. Without a match it
// returns how far it got.
func (p *parser) literal(i int, text string, fold bool) (int, bool) {
	for j := 0; j < len(text); j++ {
		if i+j >= len(p.src) {
			return i + j, false
		}
		c := p.src[i+j]
		if fold && 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != text[j] {
			return i + j, false
		}
	}
	return i + len(text), true
}

// readToken reads the token at m. Without one it returns the furthest position
// that any kind of token reached.
func (p *parser) readToken(m *mark) (token, int) {
	i := m.at
	if i+2 < len(p.src) && p.src[i+2] == '/' {
		return nil, i
	}
	print, end, ok := p.readPrint(i)
	far := end
	if ok {
		m.print, m.printEnd = print, end
	}
	start := skipSpace(p.src, i+2)
	for _, read := range [...]func(int) (token, int){p.readIf, p.readCalc, p.readEach} {
		t, e := read(start)
		if t != nil {
			return t, e
		}
		far = max(far, e)
	}
	if ok {
		return print, end
	}
	return nil, far
}

// readPrint reads `#{ expression }` at i.
func (p *parser) readPrint(i int) (*printToken, int, bool) {
	x, j, ok := p.readExpression(skipSpace(p.src, i+2))
	if !ok {
		return nil, j, false
	}
	j, ok = p.literal(skipSpace(p.src, j), "}", false)
	if !ok {
		return nil, j, false
	}
	return &printToken{x}, j, true
}

// readIf reads an if or unless from its keyword on.
func (p *parser) readIf(i int) (token, int) {
	word, kind := "if", ifBody
	j, ok := p.literal(i, word, true)
	if !ok {
		word, kind = "unless", unlessBody
		var k int
		if k, ok = p.literal(i, word, true); !ok {
			return nil, max(j, k)
		}
		j = k
	}
	t := &pendingIf{negated: kind == unlessBody}
	if t.cond, j, ok = p.readHead(j); !ok {
		return nil, j
	}
	t.body = span{j, p.readTemplate(j, kind)}
	j = t.body.to
	if kind == ifBody {
		if m := p.markAt(j); m != nil && m.clause != nil {
			t.clause = m.clause
			p.height = max(p.height, m.clause.height)
			j = m.clause.end
		}
	} else if p.isElse(j) {
		j += len(elseToken)
		t.other = span{j, p.readTemplate(j, plain)}
		j = t.other.to
	}
	if j, ok = p.literal(j, "#{/"+word+"}", false); !ok {
		return nil, j
	}
	return t, j
}

// readHead reads the condition and the brace behind a keyword that ends at i.
func (p *parser) readHead(i int) (condition, int, bool) {
	j := skipSpace(p.src, i)
	if j == i {
		return condition{}, i, false
	}
	c, j, ok := p.readCondition(j)
	if !ok {
		return c, j, false
	}
	j, ok = p.literal(skipSpace(p.src, j), "}", false)
	return c, j, ok
}

const (
	elseToken   = "#{else}"
	elseIfToken = "#{elseif"
)

func (p *parser) isElse(i int) bool { return strings.HasPrefix(p.src[i:], elseToken) }

func (p *parser) isElseIf(i int) bool {
	j := i + len(elseIfToken)
	return strings.HasPrefix(p.src[i:], elseIfToken) && skipSpace(p.src, j) > j
}

// readClause reads the else or elseif at i and those behind it; nil if an
// elseif does not parse.
func (p *parser) readClause(i int) *clause {
	p.height = 0
	c := &clause{}
	if p.isElse(i) {
		j := i + len(elseToken)
		c.body = span{j, p.readTemplate(j, plain)}
		c.end, c.height = c.body.to, p.height
		return c
	}
	cond, j, ok := p.readHead(i + len(elseIfToken))
	if !ok {
		return nil
	}
	c.cond = &cond
	c.body = span{j, p.readTemplate(j, ifBody)}
	c.end = c.body.to
	c.height = p.height
	if m := p.markAt(c.end); m != nil && m.clause != nil {
		c.next = m.clause
		c.end = m.clause.end
		c.height = max(c.height, m.clause.height)
	}
	return c
}

// readEach reads an each from its keyword on.
func (p *parser) readEach(i int) (token, int) {
	j, ok := p.literal(i, "each", true)
	if !ok {
		return nil, j
	}
	k := skipSpace(p.src, j)
	if k == j {
		return nil, k
	}
	name, j, ok := p.readName(k)
	if !ok {
		return nil, j
	}
	if j, ok = p.literal(skipSpace(p.src, j), "in", true); !ok {
		return nil, j
	}
	collection, j, ok := p.readSymbol(skipSpace(p.src, j))
	if !ok {
		return nil, j
	}
	if j, ok = p.literal(skipSpace(p.src, j), "}", false); !ok {
		return nil, j
	}
	body := span{j, p.readTemplate(j, plain)}
	if j, ok = p.literal(body.to, "#{/each}", false); !ok {
		return nil, j
	}
	return &pendingEach{name, collection, body}, j
}
