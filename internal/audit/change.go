package audit

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// ChangeDetails are a document before a change (or after, for a new one) and how it was changed.
type ChangeDetails struct {
	DocumentContext json.RawMessage
	Differences     []Difference
}

// Difference is one step of a JSON patch.
type Difference struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value,omitempty"`
}

// changes compares two documents.
func changes(before, after *string) ChangeDetails {
	c := ChangeDetails{Differences: []Difference{}}
	switch {
	case before != nil && after != nil:
		c.DocumentContext = json.RawMessage(*before)
		c.Differences = compare(c.Differences, "", c.DocumentContext, json.RawMessage(*after))
	case before != nil:
		c.DocumentContext = json.RawMessage(*before)
	case after != nil:
		c.DocumentContext = json.RawMessage(*after)
	}
	return c
}

// compare adds what turns one value into the other. Objects are compared by members; all else is replaced whole.
func compare(list []Difference, path string, before, after json.RawMessage) []Difference {
	if bytes.Equal(before, after) {
		return list
	}
	var old, now map[string]json.RawMessage
	if json.Unmarshal(before, &old) != nil || json.Unmarshal(after, &now) != nil || old == nil || now == nil {
		return append(list, Difference{"replace", path, after})
	}
	names := []string{}
	for name := range old {
		names = append(names, name)
	}
	for name := range now {
		if _, both := old[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		at := path + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		was, had := old[name]
		is, has := now[name]
		switch {
		case !has:
			list = append(list, Difference{"remove", at, nil})
		case !had:
			list = append(list, Difference{"add", at, is})
		default:
			list = compare(list, at, was, is)
		}
	}
	return list
}
