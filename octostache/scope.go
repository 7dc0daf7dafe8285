package octostache

// scope is where symbols are looked up: the variables, or the locals of an each
// or of a nested template in front of those of the scope around it.
type scope struct {
	outer *scope
	names *binding
	// stack holds the symbols that are being resolved in this scope.
	stack []*symbol
}

func (s *scope) nested(names *binding) *scope { return &scope{outer: s, names: names} }

// enter notes that sym is being resolved, and fails if it already is, here or
// in a scope around.
func (s *scope) enter(sym *symbol) error {
	for a := s; a != nil; a = a.outer {
		for _, open := range a.stack {
			if sameSymbol(open, sym) {
				return &RecursionError{Symbol: sym.String(), Path: symbolPath(a.stack, sym)}
			}
		}
	}
	s.stack = append(s.stack, sym)
	return nil
}

func (s *scope) leave() { s.stack = s.stack[:len(s.stack)-1] }

// sameSymbol compares steps by case, and the place in the source.
func sameSymbol(a, b *symbol) bool {
	if a == b {
		return true
	}
	if a.at != b.at || len(a.steps) != len(b.steps) {
		return false
	}
	for i := range a.steps {
		x, y := a.steps[i], b.steps[i]
		if x.text != y.text || x.index != y.index || (x.by == nil) != (y.by == nil) {
			return false
		}
		if x.by != nil && !sameSymbol(x.by, y.by) {
			return false
		}
	}
	return true
}

// resolve finds the binding of sym, its text evaluated; nil if there is none.
func (e *evaluation) resolve(s *scope, sym *symbol) (*binding, error) {
	if err := e.down(); err != nil {
		return nil, err
	}
	defer e.up()
	return e.resolveIn(s, sym)
}

// resolveIn looks in s, then in the scopes around it.
func (e *evaluation) resolveIn(s *scope, sym *symbol) (*binding, error) {
	if err := e.spend(len(s.stack) >> 3); err != nil {
		return nil, err
	}
	if err := s.enter(sym); err != nil {
		return nil, err
	}
	defer s.leave()
	here := sym
	if sym.dynamic {
		var err error
		if here, err = e.fixIndexes(s, sym); err != nil {
			return nil, err
		}
	}
	node := s.names
	for _, st := range here.steps {
		if err := e.spend(len(st.key) >> 10); err != nil {
			return nil, err
		}
		if st.by != nil {
			return nil, nil // the index has no value
		}
		next, err := e.follow(s, node, st)
		if err != nil {
			return nil, err
		}
		if next == nil {
			if s.outer == nil {
				return nil, nil
			}
			return e.resolveIn(s.outer, here)
		}
		node = next
	}
	return e.evaluated(s, node)
}

// fixIndexes returns sym with the values of those indexes that are symbols. An
// index without a value stays a symbol. Missing tokens inside are not reported.
func (e *evaluation) fixIndexes(s *scope, sym *symbol) (*symbol, error) {
	fixed := &symbol{at: sym.at, steps: make([]step, len(sym.steps))}
	for i, st := range sym.steps {
		if st.by != nil {
			restore := e.silence()
			b, err := e.resolve(s, st.by)
			restore()
			if err != nil {
				return nil, err
			}
			if b != nil && b.hasText {
				st = step{index: true, text: b.text, key: foldName(b.text)}
			} else {
				fixed.dynamic = true
			}
		}
		fixed.steps[i] = st
	}
	return fixed, nil
}

// follow takes one step from node: a member or child that was set, else what
// the text of node holds as JSON.
func (e *evaluation) follow(s *scope, node *binding, st step) (*binding, error) {
	if !st.index {
		if m := node.members[st.key]; m != nil {
			return m, nil
		}
	} else {
		if st.text == "*" && len(node.children) > 0 {
			return node.children[0], nil
		}
		if c := node.byIndex[st.key]; c != nil {
			return c, nil
		}
	}
	if node.text == "" || st.text == "" {
		return nil, nil
	}
	restore := e.silence()
	b, err := e.evaluated(s, node)
	restore()
	if err != nil {
		if isLimit(err) {
			return nil, err
		}
		return nil, nil // a text that cannot be evaluated has no members
	}
	v, err := e.readJSON(b.text)
	if v == nil || err != nil {
		return nil, err
	}
	return jsonMember(v, st.text)
}

// evaluated returns node with its text evaluated; what does not parse stays.
func (e *evaluation) evaluated(s *scope, node *binding) (*binding, error) {
	if !HasTokens(node.text) {
		return node, nil
	}
	t, err := e.parse(node.text)
	if isLimit(err) {
		return nil, err
	}
	if err != nil {
		return node, nil
	}
	nulls := e.null
	text, err := e.text(s.nested(&binding{}), t.tokens)
	e.null = nulls // `| null` counts in the outermost template only
	if err != nil {
		return nil, err
	}
	return textBinding(text), nil
}

// all resolves sym to the items of a collection: those of its text as JSON, or
// else between commas; without a text, or with one that cannot be read, its
// indexed children.
func (e *evaluation) all(s *scope, sym *symbol) ([]*binding, error) {
	b, err := e.resolve(s, sym)
	if b == nil || err != nil {
		return nil, err
	}
	if !b.hasText || len(b.children) > 0 && HasTokens(b.text) { // a template that could be read would be its text now
		return b.children, nil
	}
	v, err := e.readJSON(b.text)
	if err != nil {
		return nil, err
	}
	if v != nil {
		if items, ok, err := jsonItems(v); ok || err != nil {
			return items, err
		}
	}
	return e.split(b.text)
}
