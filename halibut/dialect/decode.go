package dialect

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// errTwice is for a member that is there twice. It matters where there are streams:
// nobody would own those of the first.
var errTwice = errors.New("the member is there twice")

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
	name, inner, err := typeOf(v)
	if err != nil {
		return err
	}
	if inner != nil {
		return d.value(*inner, target, depth+1)
	}
	if target.Kind() == reflect.Map {
		return d.fill(v, target, depth)
	}
	if target.Kind() != reflect.Struct {
		return mismatch(v, target.Type())
	}
	if name != "" {
		if err := d.checkName(name, target); err != nil {
			return err
		}
	}
	return d.fields(v, target, depth)
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
func typeOf(v bson.RawValue) (name string, inner *bson.RawValue, err error) {
	err = iterate(v, func(key string, v bson.RawValue) error {
		switch key {
		case "$type":
			text, ok := v.StringValueOK()
			if !ok {
				return fmt.Errorf("$type is a %s", v.Type)
			}
			name = text
		case "$value", "$values":
			inner = &v
		}
		return nil
	})
	return name, inner, err
}

func (d *decoder) fields(v bson.RawValue, target reflect.Value, depth int) error {
	p, err := d.r.plan(target.Type())
	if err != nil {
		return err
	}
	target.SetZero()
	return iterate(v, func(key string, v bson.RawValue) error {
		f, ok := p.find(key)
		if !ok {
			return nil
		}
		if err := d.value(v, target.FieldByIndex(f.index), depth+1); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		return nil
	})
}

func (d *decoder) fill(v bson.RawValue, target reflect.Value, depth int) error {
	t := target.Type()
	m := reflect.MakeMap(t)
	err := iterate(v, func(key string, v bson.RawValue) error {
		if key == "$type" {
			return nil
		}
		k := reflect.New(t.Key()).Elem()
		if err := setText(k, key); err != nil {
			return err
		}
		if m.MapIndex(k).IsValid() {
			return fmt.Errorf("%s: %w", clip(key), errTwice)
		}
		value := reflect.New(t.Elem()).Elem()
		if err := d.value(v, value, depth+1); err != nil {
			return fmt.Errorf("%s: %w", clip(key), err)
		}
		m.SetMapIndex(k, value)
		return nil
	})
	if err == nil {
		target.Set(m)
	}
	return err
}

func (d *decoder) array(v bson.RawValue, target reflect.Value, depth int) error {
	if target.Kind() != reflect.Slice {
		return mismatch(v, target.Type())
	}
	s := reflect.MakeSlice(target.Type(), 0, 0)
	err := iterate(v, func(_ string, v bson.RawValue) error {
		n := s.Len()
		s = reflect.Append(s, reflect.Zero(target.Type().Elem()))
		if err := d.value(v, s.Index(n), depth+1); err != nil {
			return fmt.Errorf("[%d]: %w", n, err)
		}
		return nil
	})
	if err == nil {
		target.Set(s)
	}
	return err
}

// stream reads {id, length}; the content follows the message.
func (d *decoder) stream(v bson.RawValue, target reflect.Value) error {
	if v.Type != bson.TypeEmbeddedDocument {
		return mismatch(v, target.Type())
	}
	if !target.IsNil() {
		return errTwice
	}
	var s DataStream
	err := iterate(v, func(key string, v bson.RawValue) (err error) {
		switch strings.ToLower(key) {
		case "$type":
			if name, _ := v.StringValueOK(); typeKey(name) != typeKey(StreamTypeName) {
				err = fmt.Errorf("the type %q where a stream is expected", clip(name))
			}
		case "id":
			_, err = leaf(v, reflect.ValueOf(&s.ID).Elem())
		case "length":
			_, err = leaf(v, reflect.ValueOf(&s.Length).Elem())
		}
		return err
	})
	if err != nil {
		return err
	}
	d.streams = append(d.streams, &s)
	target.Set(reflect.ValueOf(&s))
	return nil
}

// isNull: the zero Value is one that was not there.
func isNull(v bson.RawValue) bool {
	return v.Type == 0 || v.Type == bson.TypeNull || v.Type == bson.TypeUndefined
}
