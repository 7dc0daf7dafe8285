package dialect

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// errMalformed is for BSON that contradicts itself.
var errMalformed = errors.New("malformed BSON")

// Unmarshal reads a document into the struct that target points to. It returns
// the streams in it in the order of the document; they have no content yet.
// Unknown members are ignored, unknown type names are refused.
func (r *Registry) Unmarshal(document []byte, target any) ([]*DataStream, error) {
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil, fmt.Errorf("read a message: %T is not a pointer", target)
	}
	if err := checkDocument(document); err != nil {
		return nil, fmt.Errorf("read %T: %w", target, err)
	}
	d := decoder{r: r}
	whole := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: document}
	if err := d.value(whole, v.Elem(), 0); err != nil {
		return nil, fmt.Errorf("read %T: %w", target, err)
	}
	return d.streams, nil
}

// Value is one undecoded value of a message.
type Value = bson.RawValue

// UnmarshalValue reads a single value, for instance one parameter.
func (r *Registry) UnmarshalValue(value Value, target reflect.Value) ([]*DataStream, error) {
	d := decoder{r: r}
	err := d.value(value, target, 1)
	return d.streams, err
}

func checkDocument(b []byte) error {
	if len(b) < 5 || int(int32(uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24)) != len(b) || b[len(b)-1] != 0 {
		return errMalformed
	}
	return nil
}

type decoder struct {
	r       *Registry
	streams []*DataStream
}

// members lists a document's elements, with their keys.
func members(v bson.RawValue) ([]bson.RawElement, error) {
	if err := checkDocument(v.Value); err != nil {
		return nil, err
	}
	elements, err := bson.Raw(v.Value).Elements()
	if err != nil {
		return nil, errMalformed
	}
	return elements, nil
}

// value reads v into target, whose type says what is expected.
func (d *decoder) value(v bson.RawValue, target reflect.Value, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	if isNull(v) {
		target.SetZero()
		return nil
	}
	switch target.Kind() {
	case reflect.Pointer:
		if target.Type() == reflect.TypeFor[*DataStream]() {
			return d.stream(v, target)
		}
		fresh := reflect.New(target.Type().Elem())
		target.Set(fresh)
		return d.value(v, fresh.Elem(), depth)
	case reflect.Interface:
		return d.object(v, target, depth)
	}
	if raw, ok := target.Addr().Interface().(*bson.RawValue); ok {
		*raw = v // still part of the document, which nobody changes
		return nil
	}
	if known, err := leaf(v, target); known {
		return err
	}
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		return d.document(v, target, depth)
	case bson.TypeArray:
		return d.array(v, target, depth)
	}
	return mismatch(v, target.Type())
}

func mismatch(v bson.RawValue, t reflect.Type) error {
	return fmt.Errorf("%s where %s is expected", v.Type, t)
}

// document reads a struct or a map, or an array or value in its wrapping.
func (d *decoder) document(v bson.RawValue, target reflect.Value, depth int) error {
	elements, err := members(v)
	if err != nil {
		return err
	}
	name, inner, err := typeOf(elements)
	if err != nil {
		return err
	}
	if inner != nil {
		return d.value(*inner, target, depth+1)
	}
	if target.Kind() == reflect.Map {
		return d.fill(elements, target, depth)
	}
	if target.Kind() != reflect.Struct {
		return mismatch(v, target.Type())
	}
	if name != "" {
		if err := d.checkName(name, target); err != nil {
			return err
		}
	}
	return d.fields(elements, target, depth)
}

// checkName makes sure that a type name stands for the type that is expected.
func (d *decoder) checkName(name string, target reflect.Value) error {
	if n, ok := target.Interface().(Named); ok {
		if strings.ReplaceAll(n.WireName(), " ", "") != strings.ReplaceAll(name, " ", "") {
			return fmt.Errorf("the type %q where %q is expected", clip(name), n.WireName())
		}
		return nil
	}
	t, ok := d.r.lookup(name)
	if !ok {
		return fmt.Errorf("the type %q is not known", clip(name))
	}
	if t != target.Type() {
		return fmt.Errorf("the type %q where %s is expected", clip(name), target.Type())
	}
	return nil
}

// typeOf finds $type, and $value or $values if the document is but a wrapping.
func typeOf(elements []bson.RawElement) (name string, inner *bson.RawValue, err error) {
	for _, e := range elements {
		key := e.Key()
		if !strings.HasPrefix(key, "$") {
			continue
		}
		v := e.Value()
		switch key {
		case "$type":
			text, ok := v.StringValueOK()
			if !ok {
				return "", nil, fmt.Errorf("$type is a %s", v.Type)
			}
			name = text
		case "$value", "$values":
			inner = &v
		}
	}
	return name, inner, nil
}

func (d *decoder) fields(elements []bson.RawElement, target reflect.Value, depth int) error {
	p, err := d.r.plan(target.Type())
	if err != nil {
		return err
	}
	target.SetZero()
	for _, e := range elements {
		f, ok := p.find(e.Key())
		if !ok {
			continue
		}
		if err := d.value(e.Value(), target.FieldByIndex(f.index), depth+1); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

func (d *decoder) fill(elements []bson.RawElement, target reflect.Value, depth int) error {
	t := target.Type()
	m := reflect.MakeMapWithSize(t, len(elements))
	for _, e := range elements {
		if e.Key() == "$type" {
			continue
		}
		key := reflect.New(t.Key()).Elem()
		if err := setText(key, e.Key()); err != nil {
			return err
		}
		value := reflect.New(t.Elem()).Elem()
		if err := d.value(e.Value(), value, depth+1); err != nil {
			return fmt.Errorf("%s: %w", clip(e.Key()), err)
		}
		m.SetMapIndex(key, value)
	}
	target.Set(m)
	return nil
}

func (d *decoder) array(v bson.RawValue, target reflect.Value, depth int) error {
	if target.Kind() != reflect.Slice {
		return mismatch(v, target.Type())
	}
	elements, err := members(v)
	if err != nil {
		return err
	}
	s := reflect.MakeSlice(target.Type(), len(elements), len(elements))
	for i, e := range elements {
		if err := d.value(e.Value(), s.Index(i), depth+1); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	target.Set(s)
	return nil
}

// stream reads {id, length}; the content follows the message.
func (d *decoder) stream(v bson.RawValue, target reflect.Value) error {
	if v.Type != bson.TypeEmbeddedDocument {
		return mismatch(v, target.Type())
	}
	elements, err := members(v)
	if err != nil {
		return err
	}
	var s DataStream
	for _, e := range elements {
		var err error
		switch strings.ToLower(e.Key()) {
		case "$type":
			if name, _ := e.Value().StringValueOK(); typeKey(name) != typeKey(StreamTypeName) {
				err = fmt.Errorf("the type %q where a stream is expected", clip(name))
			}
		case "id":
			_, err = leaf(e.Value(), reflect.ValueOf(&s.ID).Elem())
		case "length":
			_, err = leaf(e.Value(), reflect.ValueOf(&s.Length).Elem())
		}
		if err != nil {
			return err
		}
	}
	d.streams = append(d.streams, &s)
	target.Set(reflect.ValueOf(&s))
	return nil
}

// isNull: the zero Value is one that was not there.
func isNull(v bson.RawValue) bool {
	return v.Type == 0 || v.Type == bson.TypeNull || v.Type == bson.TypeUndefined
}
