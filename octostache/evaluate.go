package octostache

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// evaluation is one run of one template over the variables.
type evaluation struct {
	config Config
	// missing are the tokens without a value, each once, in order.
	missing []string
	seen    map[string]bool
	// null is set when some `| null` came last.
	null  bool
	json  jsonCache
	root  *scope
	depth int
	steps int
	bytes int
	// matching is the time that regular expressions took so far.
	matching time.Duration
}

func isLimit(err error) bool {
	var le *LimitError
	return errors.As(err, &le)
}

// down counts one more level of nesting, up one less. A variable in a variable
// is two here, its symbol and its text, and every other nesting one.
func (e *evaluation) down() error {
	if e.depth++; e.depth > e.config.Limits.Depth*2 {
		e.depth--
		return &LimitError{"Depth", int64(e.config.Limits.Depth)}
	}
	return nil
}

func (e *evaluation) up() { e.depth-- }

// spend counts n steps.
func (e *evaluation) spend(n int) error {
	if e.steps += n; e.steps > e.config.Limits.Steps {
		return &LimitError{"Steps", int64(e.config.Limits.Steps)}
	}
	return nil
}

// produce counts n bytes of text within the limit on what all texts have
// together.
func (e *evaluation) produce(n int) error {
	if e.bytes += n; n < 0 || e.bytes > e.config.Limits.Output {
		return &LimitError{"Output", int64(e.config.Limits.Output)}
	}
	return nil
}

func (e *evaluation) write(b *strings.Builder, s string) error {
	if err := e.produce(len(s)); err != nil {
		return err
	}
	b.WriteString(s)
	return nil
}

func (e *evaluation) miss(token string) {
	if !e.seen[token] {
		if e.seen == nil {
			e.seen = map[string]bool{}
		}
		e.seen[token] = true
		e.missing = append(e.missing, token)
	}
}

// silence forgets, when the function it returns is called, what was reported in
// between.
func (e *evaluation) silence() func() {
	n, null := len(e.missing), e.null
	return func() {
		for _, m := range e.missing[n:] {
			delete(e.seen, m)
		}
		e.missing, e.null = e.missing[:n], null
	}
}

// normal prints a token that had no value.
func (e *evaluation) normal(t token) string { return normal(e.config.Limits.Output, t) }

// parse reads a value through the cache.
func (e *evaluation) parse(text string) (*Template, error) {
	if err := e.spend(len(text) >> 3); err != nil {
		return nil, err
	}
	return e.config.parse(cacheKey{text, false})
}

func (c *Config) parse(key cacheKey) (*Template, error) {
	return c.Cache.get(key, parseKey)
}

func parseKey(key cacheKey) (*Template, error) {
	if key.lenient {
		return ParseLenient(key.text), nil
	}
	return Parse(key.text)
}

// readJSON reads text as JSON within the limit on steps; nil if it is not JSON.
func (e *evaluation) readJSON(text string) (*jsonValue, error) {
	cost := 1 + len(text)>>10
	if _, known := e.json.values[text]; !known {
		cost = 1 + len(text)>>4
	}
	if err := e.spend(cost); err != nil {
		return nil, err
	}
	return e.json.read(text, e.config.location()), nil
}

// split cuts text at commas.
func (e *evaluation) split(text string) ([]*binding, error) {
	if err := e.spend(strings.Count(text, ",")); err != nil {
		return nil, err
	}
	var items []*binding
	for item := range strings.SplitSeq(text, ",") {
		items = append(items, textBinding(item))
	}
	return items, nil
}

// text evaluates tokens to a text.
func (e *evaluation) text(s *scope, tokens []token) (string, error) {
	if err := e.down(); err != nil {
		return "", err
	}
	defer e.up()
	var b strings.Builder
	err := e.tokens(&b, s, tokens)
	return b.String(), err
}

func (e *evaluation) tokens(b *strings.Builder, s *scope, tokens []token) error {
	for _, t := range tokens {
		if err := e.spend(1); err != nil {
			return err
		}
		if err := e.token(b, s, t); err != nil {
			return err
		}
	}
	return nil
}

func (e *evaluation) token(b *strings.Builder, s *scope, t token) error {
	switch t := t.(type) {
	case *textToken:
		return e.write(b, t.text)
	case *printToken:
		return e.print(b, s, t)
	case *ifToken:
		return e.branch(b, s, t)
	case *eachToken:
		return e.each(b, s, t)
	case *calcToken:
		return e.calc(b, s, t)
	}
	return nil
}

func (e *evaluation) print(b *strings.Builder, s *scope, t *printToken) error {
	v, err := e.value(s, t.expr)
	if err != nil {
		return err
	}
	if !v.Null {
		return e.write(b, v.Text)
	}
	token := e.normal(t)
	if endsInNull(t.expr) {
		e.null = true
	} else {
		e.miss(token)
	}
	return e.write(b, token)
}

// endsInNull reports whether the last filter is `null`, whose name is the only
// one that minds case.
func endsInNull(x expression) bool {
	c, ok := x.(*call)
	return ok && c.filters[len(c.filters)-1].name == "null"
}

// value evaluates an expression; an absent value is one that has none.
func (e *evaluation) value(s *scope, x expression) (Value, error) {
	c, ok := x.(*call)
	if !ok {
		return e.symbolValue(s, x.(*symbol))
	}
	v := Null()
	if c.argument != nil {
		var err error
		if v, err = e.symbolValue(s, c.argument); err != nil {
			return v, err
		}
	}
	for i := range c.filters {
		options, err := e.options(s, c.filters[i].options)
		if err != nil {
			return v, err
		}
		if v, err = e.apply(s, c.filters[i].name, v, options); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (e *evaluation) symbolValue(s *scope, sym *symbol) (Value, error) {
	b, err := e.resolve(s, sym)
	if b == nil || !b.hasText || err != nil {
		return Null(), err
	}
	return Text(b.text), nil
}

func (e *evaluation) options(s *scope, tokens []token) ([]string, error) {
	options := make([]string, 0, len(tokens))
	for _, t := range tokens {
		if plain, ok := t.(*textToken); ok {
			options = append(options, plain.text)
			continue
		}
		text, err := e.text(s.nested(&binding{}), []token{t})
		if err != nil {
			return nil, err
		}
		options = append(options, text)
	}
	return options, nil
}

// apply runs a built-in filter, and an extension if that gives nothing.
func (e *evaluation) apply(s *scope, name string, in Value, options []string) (Value, error) {
	if err := e.spend(1 + (len(in.Text) >> 8)); err != nil {
		return Null(), err
	}
	out, err := e.builtIn(name, in, options)
	if err == nil {
		err = e.produce(len(out.Text))
	}
	if err != nil || !out.Null || s != e.root {
		return out, err
	}
	for key, filter := range e.config.Filters {
		if equalFold(key, name) {
			return filter(in, options)
		}
	}
	return out, nil
}

func (e *evaluation) each(b *strings.Builder, s *scope, t *eachToken) error {
	items, err := e.all(s, t.collection)
	if err != nil {
		return err
	}
	if err := e.down(); err != nil {
		return err
	}
	defer e.up()
	if len(items) > 0 && equalFold(t.name, "Octopus") {
		return &NameError{t.name, "cannot be the item of an each, because Octopus.Template.Each is there; use another name"}
	}
	info := newEachInfo()
	for i, item := range items {
		if err := e.spend(1); err != nil {
			return err
		}
		locals := &binding{members: map[string]*binding{foldName(t.name): item, "OCTOPUS": info.octopus}}
		info.at(i, len(items))
		if err := e.tokens(b, s.nested(locals), t.body); err != nil {
			return err
		}
	}
	return nil
}

// eachInfo is what Octopus.Template.Each holds. One serves all items in turn:
// nothing keeps a binding beyond the item for which it was found.
type eachInfo struct {
	octopus            *binding
	index, first, last *binding
}

func newEachInfo() *eachInfo {
	info := &eachInfo{index: textBinding(""), first: textBinding(""), last: textBinding("")}
	each := &binding{members: map[string]*binding{"INDEX": info.index, "FIRST": info.first, "LAST": info.last}}
	template := &binding{members: map[string]*binding{"EACH": each}}
	info.octopus = &binding{members: map[string]*binding{"TEMPLATE": template}}
	return info
}

// at makes it the i-th of n items.
func (info *eachInfo) at(i, n int) {
	info.index.text = strconv.Itoa(i)
	info.first.text = capitalBool(i == 0)
	info.last.text = capitalBool(i == n-1)
}

func capitalBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
