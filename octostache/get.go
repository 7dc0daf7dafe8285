package octostache

import (
	"strconv"
	"strings"
)

// Evaluate prints template. A soft error comes with usable text, see Soft.
func (v *Variables) Evaluate(template string) (string, error) {
	r, err := v.EvaluateValue(template)
	return r.Text, err
}

// EvaluateValue is Evaluate for callers that tell an absent result (`| null`)
// from an empty one.
func (v *Variables) EvaluateValue(template string) (Value, error) {
	return v.evaluate(cacheKey{template, false})
}

// EvaluateLenient copies the parts of template that do not parse to the
// output and goes on behind them: the mode for files.
func (v *Variables) EvaluateLenient(template string) (Value, error) {
	return v.evaluate(cacheKey{template, true})
}

func (v *Variables) evaluate(key cacheKey) (Value, error) {
	if !HasTokens(key.text) {
		return Text(key.text), nil
	}
	t, err := v.config.parse(key)
	if err != nil {
		return Text(key.text), err
	}
	return v.Render(t)
}

// Render prints a template that was parsed before.
func (v *Variables) Render(t *Template) (Value, error) {
	e, err := v.evaluation()
	if err != nil {
		return Null(), err
	}
	text, err := e.text(e.root, t.tokens)
	if err != nil {
		return Null(), err
	}
	if len(e.missing) > 0 {
		err = &MissingError{Tokens: e.missing}
	}
	if e.null {
		return Null(), err
	}
	return Text(text), err
}

func (v *Variables) evaluation() (*evaluation, error) {
	tree, err := v.bindings()
	if err != nil {
		return nil, err
	}
	return &evaluation{config: v.config, root: &scope{names: tree}}, nil
}

// bindings returns the tree of names, building it if a value was set since.
func (v *Variables) bindings() (*binding, error) {
	if tree := v.tree.Load(); tree != nil {
		return tree, nil
	}
	tree, err := bindingTree(v.entries)
	if err != nil {
		return nil, err
	}
	v.tree.Store(tree)
	return tree, nil
}

// EvaluateTruthy reports whether template evaluates without error to a text
// that is not "", "0", "no" or "false". Only a hard error is returned.
func (v *Variables) EvaluateTruthy(template string) (bool, error) {
	r, err := v.EvaluateValue(template)
	if err != nil {
		return false, hard(err)
	}
	return !r.Null && truthy(r.Text), nil
}

// hard drops soft errors.
func hard(err error) error {
	if Soft(err) {
		return nil
	}
	return err
}

// Get evaluates the value of name; a name that is not set gives "".
func (v *Variables) Get(name string) (string, error) {
	r, err := v.GetValue(name)
	return r.Text, err
}

// GetValue is Get for callers that tell an absent value from an empty one.
func (v *Variables) GetValue(name string) (Value, error) {
	raw, ok := v.GetRaw(name)
	if !ok {
		return Null(), nil
	}
	return v.EvaluateValue(raw)
}

// Require is Get, but a name without a value is a NameError.
func (v *Variables) Require(name string) (string, error) {
	r, err := v.GetValue(name)
	if err == nil && r.Text == "" {
		err = &NameError{name, "is required but has no value; set it"}
	}
	return r.Text, err
}

// GetFlag evaluates name as True or False (any case), or returns fallback.
func (v *Variables) GetFlag(name string, fallback bool) (bool, error) {
	r, err := v.GetValue(name)
	if hard(err) != nil {
		return fallback, err
	}
	switch word := strings.Trim(strings.TrimSpace(strings.Trim(r.Text, "\x00")), "\x00"); {
	case equalFold(word, "true"):
		return true, nil
	case equalFold(word, "false"):
		return false, nil
	}
	return fallback, nil
}

// GetInt evaluates name as a 32-bit integer; false if it is not one.
func (v *Variables) GetInt(name string) (int, bool, error) {
	r, err := v.GetValue(name)
	if hard(err) != nil {
		return 0, false, err
	}
	n, ok := parseInt32(r.Text)
	return n, ok, nil
}

// parseInt32 reads an integer with a sign and blanks around it.
func parseInt32(s string) (int, bool) {
	n, err := strconv.ParseInt(trimNumber(s), 10, 32)
	return int(n), err == nil && !strings.Contains(s, "_")
}

// GetStrings evaluates name as a list split at separators (each rune is one;
// none means a comma), trimmed, empty items left out.
func (v *Variables) GetStrings(name string, separators ...rune) ([]string, error) {
	if len(separators) == 0 {
		separators = []rune{','}
	}
	r, err := v.GetValue(name)
	if hard(err) != nil {
		return nil, err
	}
	list := []string{}
	for _, item := range strings.FieldsFunc(r.Text, func(c rune) bool { return strings.ContainsRune(string(separators), c) }) {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list, nil
}

// GetPaths evaluates name as a list of lines, trimmed, empty ones left out.
func (v *Variables) GetPaths(name string) ([]string, error) {
	return v.GetStrings(name, '\r', '\n')
}

// SetStrings sets name to the values, blank ones left out, joined by separator.
func (v *Variables) SetStrings(name string, values []string, separator string) {
	var kept []string
	for _, s := range values {
		if strings.TrimSpace(s) != "" {
			kept = append(kept, s)
		}
	}
	v.Set(name, strings.Join(kept, separator))
}

// SetPaths sets name to the values, blank ones left out, one a line.
func (v *Variables) SetPaths(name string, values []string) { v.SetStrings(name, values, "\n") }

// Indexes lists what an each over the collection name would go through.
func (v *Variables) Indexes(name string) ([]string, error) {
	if strings.TrimSpace(name) == "" {
		return nil, &NameError{name, "is empty; name a collection"}
	}
	e, err := v.evaluation()
	if err != nil {
		return nil, err
	}
	p := newParser(name)
	sym, _, ok := p.readSymbol(0)
	if !ok {
		return nil, &NameError{name, "is not a path of names and indexes"}
	}
	p.finishSymbol(sym)
	items, err := e.all(e.root, sym)
	if err != nil {
		return nil, err
	}
	list := make([]string, len(items))
	for i, b := range items {
		list[i] = b.text
	}
	return list, nil
}
