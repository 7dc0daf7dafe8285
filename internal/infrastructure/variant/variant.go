// Package variant shows documents whose members depend on a type that they name inside: an endpoint on its style, an
// account and a feed on their type. Such a document is one flat struct that holds the members of every type; those that only
// some types have carry the tag omitzero. The stored form leaves the empty ones out; Show writes those that the type has,
// empty or not, and no others.
//
// The product's packages that declare such documents, and the REST face that shows them, import it.
package variant

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Typed is a document, or a part of one, whose optional members depend on a type named in it.
type Typed interface {
	// Members returns the names of the optional members that the document's type has.
	Members() []string
}

// Show writes v as the wire has it: an optional member that the type has is there even when it is empty (null for a text,
// an empty list for a list), and one that it does not have is not there.
func Show(v any) (json.RawMessage, error) { return show(reflect.ValueOf(v)) }

var rawType = reflect.TypeFor[json.RawMessage]()

func show(v reflect.Value) (json.RawMessage, error) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return json.RawMessage("null"), nil
		}
		v = v.Elem()
	}
	typed, ok := asTyped(v)
	if v.Kind() != reflect.Struct || !ok && !holdsTyped(v.Type()) {
		return json.Marshal(v.Interface())
	}
	var has []string
	if ok {
		has = typed.Members()
	}
	w := objectWriter{has: has}
	if err := w.fields(v); err != nil {
		return nil, fmt.Errorf("show %s: %w", v.Type(), err)
	}
	return append(append(json.RawMessage("{"), w.Bytes()...), '}'), nil
}

func asTyped(v reflect.Value) (Typed, bool) {
	t, ok := v.Interface().(Typed)
	return t, ok
}

// holdsTyped reports whether a struct has a Typed among its fields.
func holdsTyped(t reflect.Type) bool {
	for i := range t.NumField() {
		f := t.Field(i).Type
		for f.Kind() == reflect.Pointer {
			f = f.Elem()
		}
		if f.Implements(reflect.TypeFor[Typed]()) || t.Field(i).Anonymous && f.Kind() == reflect.Struct && holdsTyped(f) {
			return true
		}
	}
	return false
}

type objectWriter struct {
	bytes.Buffer
	has []string
}

func (w *objectWriter) fields(v reflect.Value) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
			continue
		case f.Anonymous && name == "":
			if err := w.fields(v.Field(i)); err != nil {
				return err
			}
			continue
		case !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		if strings.Contains(options, "omitempty") && v.Field(i).IsZero() {
			continue
		}
		optional := strings.Contains(options, "omitzero")
		if optional && !slices.Contains(w.has, name) {
			continue
		}
		if err := w.member(name, v.Field(i), optional); err != nil {
			return err
		}
	}
	return nil
}

func (w *objectWriter) member(name string, v reflect.Value, optional bool) error {
	text, err := show(v)
	if err != nil {
		return err
	}
	if optional && v.IsZero() {
		text = empty(v.Type(), text)
	}
	if w.Len() > 0 {
		w.WriteByte(',')
	}
	fmt.Fprintf(w, "%q:%s", name, text)
	return nil
}

// empty is how a member is shown that the type has and the document has not.
func empty(t reflect.Type, text json.RawMessage) json.RawMessage {
	switch {
	case t == rawType, t.Kind() == reflect.String:
		return json.RawMessage("null")
	case t.Kind() == reflect.Slice:
		return json.RawMessage("[]")
	case t.Kind() == reflect.Map:
		return json.RawMessage("{}")
	}
	return text
}

// Clear empties the optional members that the document's type does not have, so that a document holds nothing that it does
// not show. doc is a pointer to a Typed.
func Clear(doc Typed) {
	clearFields(reflect.ValueOf(doc).Elem(), doc.Members())
}

func clearFields(v reflect.Value, has []string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		if strings.Contains(options, "omitzero") && !slices.Contains(has, name) {
			v.Field(i).SetZero()
		}
	}
}
