package ocl

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Unmarshaler is a type that reads an attribute's value itself.
type Unmarshaler interface{ UnmarshalOCL(Value) error }

// Unmarshal fills a struct, or a list of structs, from a document. It is the
// inverse of [Marshal] and as strict as the original: an integer fills an int,
// int32 or their pointers and no other type, a decimal fills a [Decimal]; an
// optional enumeration and numbers of other types cannot be read. Null is the
// zero value. A name that no field has is an error.
func Unmarshal(doc *Document, v any) error {
	rest, err := UnmarshalKnown(doc.Body, v)
	if err != nil || len(rest) == 0 {
		return err
	}
	return unknown(rest, reflect.TypeOf(v).Elem())
}

// UnmarshalKnown is like [Unmarshal] for the elements of a body, and returns
// those that no field has.
func UnmarshalKnown(body []Element, v any) (rest []Element, err error) {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return nil, &ValueError{Reason: fmt.Sprintf("a %T cannot be filled; give a pointer to a struct", v)}
	}
	target = target.Elem()
	switch {
	case target.Kind() == reflect.Struct:
		_, others := labelsOf(fields(target.Type()))
		return fill(body, target, others)
	case isBlockList(target.Type()):
		for _, e := range body {
			if err := appendBlock(target, e); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	return nil, &ValueError{Reason: fmt.Sprintf("a %T is no document; give a pointer to a struct or to a list of structs", v)}
}

func unknown(rest []Element, t reflect.Type) error {
	var names []string
	for _, e := range rest {
		names = append(names, strconv.Quote(e.ElementName()))
	}
	return &ValueError{Reason: fmt.Sprintf("%s has no %s", t.Name(), strings.Join(names, ", "))}
}

// fill sets fields, and returns the elements that have none.
func fill(body []Element, target reflect.Value, all []field) (rest []Element, err error) {
	var given []int
	for _, e := range body {
		f, err := lookup(all, e.ElementName())
		if err != nil {
			return nil, err
		}
		if f == nil {
			rest = append(rest, e)
			continue
		}
		given = append(given, f.index)
		if err := setField(*f, target.Field(f.index), e); err != nil {
			return nil, err
		}
	}
	for _, f := range all {
		if f.required && !slices.Contains(given, f.index) {
			return nil, &ValueError{Name: f.name, Reason: "it is missing"}
		}
	}
	return rest, nil
}

func setField(f field, v reflect.Value, e Element) error {
	t := v.Type()
	if isBlockList(t) {
		return appendBlock(v, e)
	}
	if isBlock(t) && !reflect.PointerTo(t).Implements(reflect.TypeFor[Unmarshaler]()) {
		return setBlock(v, e)
	}
	a, ok := e.(*Attribute)
	if !ok {
		return &ValueError{Name: e.ElementName(), Reason: "it is a block; it must be an attribute"}
	}
	if _, null := a.Value.(Null); null && f.required {
		return &ValueError{Name: a.Name, Reason: "it must not be null"}
	}
	if f.readonly {
		return &ValueError{Name: a.Name, Reason: "it cannot be set"}
	}
	if own, ok := v.Addr().Interface().(Unmarshaler); ok {
		return own.UnmarshalOCL(a.Value)
	}
	if err := setValue(f, v, a.Value); err != nil {
		return &ValueError{Name: a.Name, Reason: err.Error()}
	}
	return nil
}

func appendBlock(list reflect.Value, e Element) error {
	item := reflect.New(list.Type().Elem()).Elem()
	if err := setBlock(item, e); err != nil {
		return err
	}
	list.Set(reflect.Append(list, item))
	return nil
}

// setBlock puts a new struct, or one in the place of the old.
func setBlock(v reflect.Value, e Element) error {
	b, ok := e.(*Block)
	if !ok {
		return &ValueError{Name: e.ElementName(), Reason: "it is an attribute; it must be a block"}
	}
	target := reflect.New(deref(v.Type())).Elem()
	labels, others := labelsOf(fields(target.Type()))
	if len(b.Labels) > len(labels) {
		return &ValueError{Name: b.Name, Reason: fmt.Sprintf("it has %d labels; %s has %d", len(b.Labels), target.Type().Name(), len(labels))}
	}
	for i, f := range labels {
		if i >= len(b.Labels) {
			if f.required {
				return &ValueError{Name: b.Name, Reason: "its label is missing"}
			}
			continue
		}
		if err := setValue(f, target.Field(f.index), String(b.Labels[i])); err != nil {
			return &ValueError{Name: f.name, Reason: err.Error()}
		}
	}
	rest, err := fill(b.Body, target, others)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return unknown(rest, target.Type())
	}
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	v.Set(target)
	return nil
}

// setValue converts a value to the field's type.
func setValue(f field, v reflect.Value, value Value) error {
	if h, ok := value.(Heredoc); ok {
		value = String(h.Text)
	}
	t := v.Type()
	if t.Kind() == reflect.Pointer && enumNames(t.Elem()) != nil {
		return fmt.Errorf("an optional enumeration cannot be read")
	}
	if _, ok := value.(Null); ok {
		v.SetZero()
		return nil
	}
	if names := enumNames(t); names != nil {
		return setEnum(v, names, value)
	}
	if t.Kind() == reflect.Pointer {
		p := reflect.New(t.Elem())
		if err := setValue(f, p.Elem(), value); err != nil {
			return err
		}
		v.Set(p)
		return nil
	}
	if reflect.TypeOf(value) == t || t == reflect.TypeFor[Value]() {
		v.Set(reflect.ValueOf(value))
		return nil
	}
	if !assign(f, v, value) {
		return fmt.Errorf("%s does not fit %s", kind(value), t)
	}
	return nil
}

// assign sets the plain types of Go.
func assign(f field, v reflect.Value, value Value) bool {
	switch value := value.(type) {
	case String:
		if v.Kind() == reflect.String && v.Type() != reflect.TypeFor[Decimal]() {
			v.SetString(string(value))
			return true
		}
	case Bool:
		switch v.Kind() {
		case reflect.Bool:
			v.SetBool(bool(value))
			return true
		case reflect.String:
			v.SetString(map[Bool]string{true: "True", false: "False"}[value])
			return v.Type() != reflect.TypeFor[Decimal]()
		}
	case Int:
		switch v.Kind() {
		case reflect.Int, reflect.Int32:
			v.SetInt(int64(value))
			return v.Type() != reflect.TypeFor[Char]()
		case reflect.String:
			v.SetString(strconv.FormatInt(int64(value), 10))
			return v.Type() != reflect.TypeFor[Decimal]()
		}
	case List:
		return assignList(f, v, value)
	case Dictionary:
		return assignMap(v, value)
	}
	return false
}

// assignList sets a list of texts, integers or decimals. The empty list is one
// of texts.
func assignList(f field, v reflect.Value, l List) bool {
	if v.Kind() != reflect.Slice {
		return false
	}
	item := deref(v.Type().Elem())
	if len(l) == 0 && (item.Kind() != reflect.String || item == reflect.TypeFor[Decimal]()) {
		return false
	}
	out := reflect.MakeSlice(v.Type(), 0, len(l))
	var seen []Value
	for _, value := range l {
		if f.set && slices.Contains(seen, value) {
			continue
		}
		seen = append(seen, value)
		p := reflect.New(v.Type().Elem()).Elem()
		if kindOf(value) != item.Kind() || setValue(f, p, value) != nil {
			return false
		}
		out = reflect.Append(out, p)
	}
	v.Set(out)
	return true
}

// kindOf is the kind of Go's type that an item of a list needs.
func kindOf(v Value) reflect.Kind {
	if _, ok := v.(Int); ok {
		return reflect.Int32
	}
	return reflect.String
}

func assignMap(v reflect.Value, d Dictionary) bool {
	if v.Kind() != reflect.Map || v.Type().Key().Kind() != reflect.String {
		return false
	}
	out := reflect.MakeMapWithSize(v.Type(), len(d))
	for _, e := range d {
		item := reflect.New(v.Type().Elem()).Elem()
		if setValue(field{}, item, e.Value) != nil {
			return false
		}
		out.SetMapIndex(reflect.ValueOf(e.Key).Convert(v.Type().Key()), item)
	}
	v.Set(out)
	return true
}

// setEnum reads a name, a number, or several of them with commas between, whose
// bits are joined.
func setEnum(v reflect.Value, names []string, value Value) error {
	s, ok := value.(String)
	if !ok {
		return fmt.Errorf("%s is no name of an enumeration", kind(value))
	}
	var all int64
	for part := range strings.SplitSeq(string(s), ",") {
		part = strings.TrimSpace(part)
		n := int64(slices.Index(names, part))
		if n < 0 {
			parsed, err := strconv.ParseInt(part, 10, 32)
			if err != nil {
				return fmt.Errorf("%q is none of %s", part, strings.Join(names, ", "))
			}
			n = parsed
		}
		all |= n
	}
	v.SetInt(all)
	return nil
}

// kind describes a value for an error.
func kind(v Value) string {
	switch v.(type) {
	case String, Quoted, Heredoc:
		return "a text"
	case Bool:
		return "true or false"
	case Int, Uint:
		return "an integer"
	case Decimal, Float:
		return "a decimal"
	case List:
		return "a list"
	case Dictionary:
		return "a dictionary"
	}
	return "null"
}
