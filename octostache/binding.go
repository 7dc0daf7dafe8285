package octostache

import (
	"fmt"
	"slices"
	"time"
)

// binding is a node of the tree of names: `A.B[c].D` is D under index c under B
// under A. It may have a text, members and indexed children at once.
type binding struct {
	text    string
	hasText bool
	members map[string]*binding // by folded name
	// children are the indexed ones, in the order in which they were set.
	children []*binding
	byIndex  map[string]*binding // by folded index
}

func textBinding(s string) *binding { return &binding{text: s, hasText: true} }

func (b *binding) setMember(name string, m *binding) {
	if b.members == nil {
		b.members = map[string]*binding{}
	}
	b.members[foldName(name)] = m
}

// bindingTree builds the tree of all names that begin with a path. An indexed
// node that has no text of its own has its index as text.
func bindingTree(entries []entry) (*binding, error) {
	root := &binding{}
	for _, e := range entries {
		p := newParser(e.name)
		s, _, ok := p.readSymbol(0)
		if !ok {
			continue
		}
		p.finishSymbol(s)
		node := root
		for _, st := range s.steps {
			if st.by != nil {
				return nil, &NameError{e.name, fmt.Sprintf("Unknown step type: [#{%s}]", st.by)}
			}
			node = node.grow(st)
		}
		node.text, node.hasText = e.value.Text, true
	}
	return root, nil
}

// grow returns the node that st leads to, making it if it is not there.
func (b *binding) grow(st step) *binding {
	if !st.index {
		m := b.members[st.key]
		if m == nil {
			m = &binding{}
			b.setMember(st.text, m)
		}
		return m
	}
	c := b.byIndex[st.key]
	if c == nil {
		c = textBinding(st.text)
		b.children = append(b.children, c)
		if b.byIndex == nil {
			b.byIndex = map[string]*binding{}
		}
		b.byIndex[st.key] = c
	}
	return c
}

// jsonMember returns the binding of a member of an object or an item of an
// array; nil if v has neither. What is not there is empty.
func jsonMember(v *jsonValue, name string) (*binding, error) {
	switch v.kind {
	case jsonObject:
		if i, ok := v.at[name]; ok {
			return jsonBinding(v.items[i])
		}
		return textBinding(""), nil
	case jsonArray:
		i, ok := parseInt32(name)
		switch {
		case !ok:
			return nil, nil
		case i < 0:
			return nil, &ValueError{name, "is a negative index of a JSON array; the first item is 0"}
		case i >= len(v.items):
			return textBinding(""), nil
		}
		return jsonBinding(v.items[i])
	}
	return nil, nil
}

func jsonBinding(v *jsonValue) (*binding, error) {
	s, err := v.text()
	if err != nil {
		return nil, err
	}
	return textBinding(s), nil
}

// jsonItems returns the bindings of the items of an array, or of the members of
// an object: the name, with Key and Value. ok is false for anything else.
func jsonItems(v *jsonValue) (items []*binding, ok bool, err error) {
	if v.kind != jsonArray && v.kind != jsonObject {
		return nil, false, nil
	}
	for i, item := range v.items {
		b, err := jsonBinding(item)
		if err != nil {
			return nil, false, err
		}
		if v.kind == jsonObject {
			value := b
			b = textBinding(v.keys[i])
			b.setMember("Key", textBinding(v.keys[i]))
			b.setMember("Value", value)
		}
		items = append(items, b)
	}
	return items, true, nil
}

// jsonCache keeps the JSON values that one evaluation has read.
type jsonCache struct {
	values map[string]*jsonValue
	bytes  int
}

const jsonCacheBytes = 8 << 20

// read returns the value of text, nil if it is not JSON.
func (c *jsonCache) read(text string, location *time.Location) *jsonValue {
	if v, ok := c.values[text]; ok {
		return v
	}
	v, err := readJSON(text, location)
	if err != nil {
		v = nil
	} else {
		v = v.withoutMetadata()
	}
	if c.values == nil || c.bytes > jsonCacheBytes {
		c.values, c.bytes = map[string]*jsonValue{}, 0
	}
	c.values[text] = v
	c.bytes += len(text)
	return v
}

// symbolPath returns the stack of symbols as printed, with sym at the end.
func symbolPath(stack []*symbol, sym *symbol) []string {
	names := make([]string, 0, len(stack)+1)
	for _, s := range append(slices.Clone(stack), sym) {
		names = append(names, s.String())
	}
	return names
}
