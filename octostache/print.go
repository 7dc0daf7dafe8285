package octostache

import "strings"

// printer collects the normal form of tokens, up to max bytes.
type printer struct {
	strings.Builder
	max int
}

// add appends s unless the printer is full: a nested normal form can be
// printed once for each level.
func (b *printer) add(parts ...string) {
	for _, s := range parts {
		if b.max > 0 && b.Len()+len(s) > b.max {
			return
		}
		b.WriteString(s)
	}
}

// normal prints tokens in their normal form.
func normal(max int, tokens ...token) string {
	b := &printer{max: max}
	printTokens(b, tokens)
	return b.String()
}

func printTokens(b *printer, tokens []token) {
	for _, t := range tokens {
		t.print(b)
	}
}

func (t *textToken) print(b *printer) { b.add(strings.ReplaceAll(t.text, "#{", "##{")) }

func (t *printToken) print(b *printer) {
	b.add("#{")
	t.expr.print(b)
	b.add("}")
}

func (t *ifToken) print(b *printer) { t.printFrom(b, 0) }

// printFrom prints the branches from the i-th on; an elseif is an if inside an
// else, and an unless is an if with its branches swapped.
func (t *ifToken) printFrom(b *printer, i int) {
	nested := 0
	for ; i < len(t.branches); i++ {
		b.add("#{if ")
		t.branches[i].cond.print(b)
		b.add("}")
		if t.negated {
			printTokens(b, t.otherwise)
			if len(t.branches[i].body) > 0 {
				b.add("#{else}")
				printTokens(b, t.branches[i].body)
			}
			b.add("#{/if}")
			return
		}
		printTokens(b, t.branches[i].body)
		nested++
		if i+1 < len(t.branches) {
			b.add("#{else}")
		}
	}
	if len(t.otherwise) > 0 {
		b.add("#{else}")
		printTokens(b, t.otherwise)
	}
	for ; nested > 0; nested-- {
		b.add("#{/if}")
	}
}

func (c *condition) print(b *printer) {
	c.left.print(b)
	if c.op == "" {
		return
	}
	b.add(" ", c.op, " ")
	if c.right != nil {
		c.right.print(b)
	} else {
		b.add("\"", c.text, "\"")
	}
	b.add(" ")
}

func (t *eachToken) print(b *printer) {
	b.add("#{each ", t.name, " in ")
	t.collection.print(b)
	b.add("}")
	printTokens(b, t.body)
	b.add("#{/each}")
}

func (t *calcToken) print(b *printer) {
	b.add("#{")
	t.sum.print(b)
	b.add("}")
}

func (c *calcChain) print(b *printer) {
	c.first.print(b)
	for i := range c.rest {
		b.add(string(c.rest[i].op))
		c.rest[i].operand.print(b)
	}
}

func (o *calcOperand) print(b *printer) {
	switch {
	case o.chain != nil:
		o.chain.print(b)
	case o.symbol != nil:
		o.symbol.print(b)
	default:
		b.add(formatDouble(o.number))
	}
}

func (s *symbol) print(b *printer) {
	for i, st := range s.steps {
		switch {
		case st.by != nil:
			b.add("[#{")
			st.by.print(b)
			b.add("}]")
		case st.index:
			b.add("[", st.text, "]")
		case i > 0:
			b.add(".", st.text)
		default:
			b.add(st.text)
		}
	}
}

func (s *symbol) String() string {
	b := &printer{}
	s.print(b)
	return b.String()
}

func (c *call) print(b *printer) {
	if c.argument != nil {
		c.argument.print(b)
	}
	for i := range c.filters {
		b.add(" | ", c.filters[i].name)
		for _, o := range c.filters[i].options {
			b.add(" ")
			if t, ok := o.(*textToken); ok {
				b.add("\"")
				t.print(b)
				b.add("\"")
				continue
			}
			o.print(b)
		}
	}
}
