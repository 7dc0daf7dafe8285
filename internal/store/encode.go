package store

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// encode writes the document as JSON. Members of the stored document that its type does not know, at any depth of
// structs, are carried over: another release wrote them.
func encode(doc any, stored json.RawMessage) (json.RawMessage, error) {
	text, err := json.Marshal(doc)
	if err != nil || len(stored) == 0 {
		return text, err
	}
	return carry(reflect.TypeOf(doc), text, stored)
}

// carry returns text with the members of stored added that the type t does not declare.
func carry(t reflect.Type, text, stored json.RawMessage) (json.RawMessage, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(marshalerType) {
		return text, nil
	}
	var now, before map[string]json.RawMessage
	if json.Unmarshal(text, &now) != nil || json.Unmarshal(stored, &before) != nil || now == nil {
		return text, nil
	}
	known := map[string]reflect.Type{}
	members(t, known)
	changed := false
	for name, value := range before {
		fieldType, ok := known[name]
		if !ok {
			now[name] = value
			changed = true
			continue
		}
		current, ok := now[name]
		if !ok {
			continue
		}
		merged, err := carry(fieldType, current, value)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(merged, current) {
			now[name] = merged
			changed = true
		}
	}
	if !changed {
		return text, nil
	}
	return json.Marshal(now)
}

var marshalerType = reflect.TypeFor[json.Marshaler]()

// members collects the JSON names of a struct's fields, embedded ones included.
func members(t reflect.Type, into map[string]reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && tag == "":
			embedded := f.Type
			for embedded.Kind() == reflect.Pointer {
				embedded = embedded.Elem()
			}
			if embedded.Kind() == reflect.Struct {
				members(embedded, into)
			}
		case tag == "-" || !f.IsExported():
		case tag != "":
			into[tag] = f.Type
		default:
			into[f.Name] = f.Type
		}
	}
}
