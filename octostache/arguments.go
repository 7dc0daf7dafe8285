package octostache

// arguments is an ordered set of names.
type arguments struct {
	names []string
	seen  map[string]bool
}

func (a *arguments) add(name string) {
	if !a.seen[name] {
		a.seen[name] = true
		a.names = append(a.names, name)
	}
}

// Arguments lists the names that the template uses: each identifier of each
// path once, the texts that are compared with, not what stands inside each.
func (t *Template) Arguments() []string {
	a := &arguments{seen: map[string]bool{}}
	a.tokens(t.tokens)
	return a.names
}

func (a *arguments) tokens(tokens []token) {
	for _, t := range tokens {
		t.arguments(a)
	}
}

func (t *textToken) arguments(*arguments)    {}
func (t *printToken) arguments(a *arguments) { t.expr.arguments(a) }
func (t *eachToken) arguments(a *arguments)  { t.collection.arguments(a) }
func (t *calcToken) arguments(a *arguments)  { t.sum.arguments(a) }

func (t *ifToken) arguments(a *arguments) {
	for i := range t.branches {
		b := &t.branches[i]
		b.cond.left.arguments(a)
		if b.cond.right != nil {
			b.cond.right.arguments(a)
		} else if b.cond.op != "" {
			a.add(b.cond.text)
		}
		if t.negated {
			a.tokens(t.otherwise)
			a.tokens(b.body)
			return
		}
		a.tokens(b.body)
	}
	a.tokens(t.otherwise)
}

func (c *calcChain) arguments(a *arguments) {
	c.first.arguments(a)
	for i := range c.rest {
		c.rest[i].operand.arguments(a)
	}
}

func (o *calcOperand) arguments(a *arguments) {
	if o.chain != nil {
		o.chain.arguments(a)
	} else if o.symbol != nil {
		o.symbol.arguments(a)
	}
}

func (s *symbol) arguments(a *arguments) {
	for _, st := range s.steps {
		if st.by != nil {
			st.by.arguments(a)
		} else if !st.index {
			a.add(st.text)
		}
	}
}

func (c *call) arguments(a *arguments) {
	if c.argument != nil {
		c.argument.arguments(a)
	}
	for i := range c.filters {
		a.tokens(c.filters[i].options)
	}
}
