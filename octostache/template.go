package octostache

import (
	"strings"
	"unicode/utf8"
)

// Template is a parsed text. It does not change.
type Template struct {
	tokens []token
}

// HasTokens reports whether text can hold anything but text.
func HasTokens(text string) bool { return strings.Contains(text, "#{") }

// Parse reads text, and fails with a *ParseError at the first token that is
// not one.
func Parse(text string) (*Template, error) {
	t, err := parse(text)
	if err != nil {
		return nil, err
	}
	return t, nil
}

func parse(text string) (*Template, *ParseError) {
	p := newParser(text)
	end := p.readTemplate(0, plain)
	if end < len(text) {
		return nil, parseErrorAt(text, end)
	}
	return &Template{p.body(0, end)}, nil
}

// ParseLenient reads text. What does not parse is kept as text, as far as its
// furthest reading got.
func ParseLenient(text string) *Template {
	p := newParser(text)
	t := &Template{}
	for i := 0; i < len(text); {
		end := p.readTemplate(i, plain)
		t.tokens = append(t.tokens, p.body(i, end)...)
		if end == len(text) {
			break
		}
		i = max(p.markAt(end).end, end+1)
		t.tokens = append(t.tokens, &textToken{text[end:i]})
	}
	return t
}

// String prints the template in its normal form.
func (t *Template) String() string { return normal(0, t.tokens...) }

func parseErrorAt(text string, at int) *ParseError {
	e := &ParseError{Line: 1 + strings.Count(text[:at], "\n")}
	e.Column = 1 + utf16Len(text[strings.LastIndexByte(text[:at], '\n')+1:at])
	recent := at
	for units := 0; recent > 0; {
		r, w := utf8.DecodeLastRuneInString(text[:recent])
		units += 1 + btoi(r > maxBMP)
		if units > 10 {
			break
		}
		recent -= w
	}
	e.Recent = text[recent:at]
	return e
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// finish makes the token that a template keeps from what was read.
func (p *parser) finish(t token) token {
	switch t := t.(type) {
	case *pendingIf:
		return p.finishIf(t)
	case *pendingEach:
		p.finishSymbol(t.collection)
		return &eachToken{t.name, t.collection, p.body(t.body.from, t.body.to)}
	case *printToken:
		p.finishExpression(t.expr)
	case *calcToken:
		p.finishChain(&t.sum)
	}
	return t
}

func (p *parser) finishIf(t *pendingIf) token {
	p.finishCondition(&t.cond)
	out := &ifToken{negated: t.negated}
	out.branches = append(out.branches, branch{t.cond, p.body(t.body.from, t.body.to)})
	if t.negated {
		out.otherwise = p.body(t.other.from, t.other.to)
	}
	for c := t.clause; c != nil; c = c.next {
		if c.cond == nil {
			out.otherwise = p.body(c.body.from, c.body.to)
			break
		}
		p.finishCondition(c.cond)
		out.branches = append(out.branches, branch{*c.cond, p.body(c.body.from, c.body.to)})
	}
	return out
}

func (p *parser) finishCondition(c *condition) {
	p.finishExpression(c.left)
	if c.right != nil {
		p.finishExpression(c.right)
	}
}

func (p *parser) finishExpression(x expression) {
	c, ok := x.(*call)
	if !ok {
		p.finishSymbol(x.(*symbol))
		return
	}
	if c.argument != nil {
		p.finishSymbol(c.argument)
	}
	for _, f := range c.filters {
		for i, o := range f.options {
			f.options[i] = p.finish(o)
		}
	}
}

func (p *parser) finishChain(c *calcChain) {
	p.finishOperand(&c.first)
	for i := range c.rest {
		p.finishOperand(&c.rest[i].operand)
	}
}

func (p *parser) finishOperand(o *calcOperand) {
	if o.chain != nil {
		p.finishChain(o.chain)
	} else if o.symbol != nil {
		p.finishSymbol(o.symbol)
	}
}

func (p *parser) finishSymbol(s *symbol) {
	for i := range s.steps {
		st := &s.steps[i]
		if st.by != nil {
			p.finishSymbol(st.by)
			continue
		}
		if st.index && p.spaced {
			st.text = indexText(st.text)
		}
		st.key = foldName(st.text)
	}
}
