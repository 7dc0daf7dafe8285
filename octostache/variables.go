package octostache

import (
	"iter"
	"maps"
	"slices"
	"sync/atomic"
)

// Value is a text or the absence of one. The language tells the two apart in
// filters and in the result of `| null`; elsewhere an absent text reads as "".
type Value struct {
	Text string
	Null bool
}

// Null is the absent text.
func Null() Value { return Value{Null: true} }

// Text is a value that holds s.
func Text(s string) Value { return Value{Text: s} }

// Variables is a dictionary of named templates. Names ignore case (ordinal,
// per character) and keep the order in which they were first set; a later Set
// under another case replaces the value and keeps name and place.
//
// Use New: the zero value has no room for names.
type Variables struct {
	config  Config
	entries []entry
	index   map[string]int // folded name to place in entries
	// tree is built on first use and dropped by Set.
	tree atomic.Pointer[binding]
}

type entry struct {
	name  string
	value Value
}

const ownCacheBytes = 2 << 20

// New returns an empty dictionary.
func New(config Config) *Variables {
	config.Limits = config.Limits.withDefaults()
	if config.Cache == nil {
		config.Cache = NewCache(ownCacheBytes)
	}
	return &Variables{config: config, index: map[string]int{}}
}

// Set gives name the value text, replacing what it had.
func (v *Variables) Set(name, text string) { v.SetValue(name, Text(text)) }

// SetValue is Set for a value that may be absent.
func (v *Variables) SetValue(name string, value Value) {
	v.tree.Store(nil)
	key := foldName(name)
	if i, ok := v.index[key]; ok {
		v.entries[i].value = value
		return
	}
	v.index[key] = len(v.entries)
	v.entries = append(v.entries, entry{name, value})
}

// GetRaw returns the value as it was set, unevaluated, and whether name is set
// to a text.
func (v *Variables) GetRaw(name string) (string, bool) {
	i, ok := v.index[foldName(name)]
	if !ok || v.entries[i].value.Null {
		return "", false
	}
	return v.entries[i].value.Text, true
}

// Has reports whether name is set, be it to an absent text.
func (v *Variables) Has(name string) bool {
	_, ok := v.index[foldName(name)]
	return ok
}

// Names lists the names in order.
func (v *Variables) Names() []string {
	names := make([]string, len(v.entries))
	for i, e := range v.entries {
		names[i] = e.name
	}
	return names
}

// Len returns the number of names.
func (v *Variables) Len() int { return len(v.entries) }

// All yields names and unevaluated values in order.
func (v *Variables) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for _, e := range v.entries {
			if !yield(e.name, e.value) {
				return
			}
		}
	}
}

// Clone returns an independent copy with the same configuration; the cache, if
// there is one, stays shared.
func (v *Variables) Clone() *Variables {
	c := &Variables{config: v.config, entries: slices.Clone(v.entries), index: maps.Clone(v.index)}
	c.tree.Store(v.tree.Load())
	return c
}
