package ocl

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/text/collate"
)

// Marshaler is a type that makes its own value; a nil value is left out.
type Marshaler interface{ MarshalOCL() (Value, error) }

// Marshal makes a document of a struct, or of a list of structs, each of which
// becomes a block with the name of its type.
//
// A field becomes an attribute, or, when it is a struct, a block; a list of
// structs becomes as many blocks. Attributes come first, then blocks, each in
// the order of their names. Names are those of the tag, or the field's in snake
// case. Left out are nil, false, the zero of int, int32, float32, [Decimal] and
// [Char], empty lists, and the first value of an [Enum]; other zeros and empty
// strings are written.
//
// The tag `ocl:"name,option,..."` knows: label (a label of the struct's block,
// not an attribute), optional (a label that is left out when blank), required
// (must not be blank when written, nor missing or null when read), omitempty
// (left out when it is an empty string or block), default=Name (the
// enumeration's value to leave out), alias=name (read under this name too), set
// (duplicates are dropped), readonly (not set), and "-".
func Marshal(v any) (*Document, error) {
	m := marshaler{collation: newCollation()}
	value := indirect(reflect.ValueOf(v))
	var body []Element
	var err error
	switch {
	case !value.IsValid():
	case value.Kind() == reflect.Struct:
		body, err = m.fields(value, fields(value.Type()))
	case isBlockList(value.Type()):
		name := deref(value.Type().Elem()).Name()
		body, err = m.blocks(SnakeCase(name), value)
	default:
		err = &ValueError{Reason: fmt.Sprintf("a %s is no document; give a struct or a list of structs", value.Type())}
	}
	if err != nil {
		return nil, err
	}
	return &Document{Body: body}, nil
}

type marshaler struct{ collation *collate.Collator }

func indirect(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// isBlock says whether a type becomes a block.
func isBlock(t reflect.Type) bool {
	if t.Implements(reflect.TypeFor[Value]()) || t.Implements(reflect.TypeFor[Marshaler]()) {
		return false
	}
	return deref(t).Kind() == reflect.Struct
}

// isBlank says whether a required field is as good as missing.
func isBlank(v reflect.Value) bool {
	return v.IsZero() || v.Kind() == reflect.String && strings.TrimSpace(v.String()) == ""
}

func isBlockList(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && !t.Implements(reflect.TypeFor[Value]()) && isBlock(t.Elem())
}

func (m marshaler) fields(v reflect.Value, all []field) ([]Element, error) {
	var attributes, blocks []Element
	for _, f := range all {
		elements, err := m.field(f, v.Field(f.index))
		if err != nil {
			return nil, err
		}
		for _, e := range elements {
			if _, ok := e.(*Block); ok {
				blocks = append(blocks, e)
			} else {
				attributes = append(attributes, e)
			}
		}
	}
	name := Element.ElementName
	return append(sortedBy(m.collation, attributes, name), sortedBy(m.collation, blocks, name)...), nil
}

func (m marshaler) field(f field, v reflect.Value) ([]Element, error) {
	t := v.Type()
	switch {
	case f.required && isBlank(v):
		return nil, &ValueError{Name: f.name, Reason: "it must not be empty"}
	case isBlock(t):
		b, err := m.block(f.name, v)
		if b == nil || err != nil || f.omit && len(b.Body) == 0 && len(b.Labels) == 0 {
			return nil, err
		}
		return []Element{b}, nil
	case isBlockList(t):
		return m.blocks(f.name, v)
	case f.omit && v.IsZero():
		return nil, nil
	}
	value, err := attributeValue(f, v)
	if value == nil || err != nil {
		return nil, err
	}
	return []Element{&Attribute{Name: f.name, Value: value}}, nil
}

func (m marshaler) blocks(name string, list reflect.Value) ([]Element, error) {
	var all []Element
	for i := range list.Len() {
		b, err := m.block(name, list.Index(i))
		if err != nil {
			return nil, err
		}
		if b != nil {
			all = append(all, b)
		}
	}
	return all, nil
}

// block is nil for a nil pointer.
func (m marshaler) block(name string, v reflect.Value) (*Block, error) {
	if v = indirect(v); !v.IsValid() {
		return nil, nil
	}
	labels, others := labelsOf(fields(v.Type()))
	b := &Block{Name: name}
	for _, f := range labels {
		label := indirect(v.Field(f.index))
		switch {
		case !label.IsValid():
			return nil, &ValueError{Name: f.goName, Reason: "a label of the block " + name + " must not be nil"}
		case label.Kind() != reflect.String:
			return nil, &ValueError{Name: f.goName, Reason: "a label must be a string"}
		case f.required && isBlank(label):
			return nil, &ValueError{Name: f.goName, Reason: "a label of the block " + name + " must not be empty"}
		case f.optional && isBlank(label):
			continue
		}
		b.Labels = append(b.Labels, label.String())
	}
	body, err := m.fields(v, others)
	b.Body = body
	return b, err
}

// attributeValue is nil for what is left out.
func attributeValue(f field, v reflect.Value) (Value, error) {
	if m, ok := v.Interface().(Marshaler); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		return m.MarshalOCL()
	}
	if v = indirect(v); !v.IsValid() {
		return nil, nil
	}
	if names := enumNames(v.Type()); names != nil {
		name := enumName(names, v.Int())
		if f.fallback == name || f.fallback == "" && v.IsZero() {
			return nil, nil
		}
		return String(name), nil
	}
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int32, reflect.Float32:
		if v.IsZero() {
			return nil, nil
		}
	case reflect.Slice, reflect.Map:
		if v.Len() == 0 {
			return nil, nil
		}
	}
	if d, ok := v.Interface().(Decimal); ok && isZero(d) {
		return nil, nil
	}
	value, err := plainValue(v)
	if ve, ok := err.(*ValueError); ok {
		ve.Name = f.goName
	}
	return value, err
}

func isZero(d Decimal) bool {
	for _, r := range d {
		if r >= '1' && r <= '9' {
			return false
		}
	}
	return true
}

func enumName(names []string, n int64) string {
	if n >= 0 && n < int64(len(names)) {
		return names[n]
	}
	return strconv.FormatInt(n, 10)
}

// plainValue converts whatever an attribute can hold.
func plainValue(v reflect.Value) (Value, error) {
	if v.IsValid() && v.Kind() != reflect.Pointer && v.CanInterface() {
		switch own := v.Interface().(type) {
		case Value:
			return own, nil
		case Char:
			return Quoted(string(rune(own))), nil
		}
	}
	if v = indirect(v); !v.IsValid() {
		return Null{}, nil
	}
	if own, ok := v.Interface().(Value); ok {
		return own, nil
	}
	switch v.Kind() {
	case reflect.String:
		return String(v.String()), nil
	case reflect.Bool:
		return Bool(v.Bool()), nil
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		return Int(v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return Uint(v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return Float{Value: v.Float(), Bits: v.Type().Bits()}, nil
	case reflect.Slice:
		return listValue(v)
	case reflect.Map:
		return mapValue(v)
	}
	return nil, &ValueError{Reason: fmt.Sprintf("a %s cannot be written as a value", v.Type())}
}

func listValue(v reflect.Value) (Value, error) {
	l := List{}
	for i := range v.Len() {
		item, err := plainValue(v.Index(i))
		if err != nil {
			return nil, err
		}
		l = append(l, item)
	}
	return l, nil
}

func mapValue(v reflect.Value) (Value, error) {
	d := Dictionary{}
	if v.Type().Key().Kind() != reflect.String {
		return nil, &ValueError{Reason: fmt.Sprintf("a %s has no texts as keys", v.Type())}
	}
	for key, item := range v.Seq2() {
		value, err := plainValue(item)
		if err != nil {
			return nil, err
		}
		d = append(d, Entry{Key: key.String(), Value: value})
	}
	return d, nil
}
