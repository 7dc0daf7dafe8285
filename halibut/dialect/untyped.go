package dialect

import (
	"fmt"
	"reflect"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// object reads into an interface: registered types by their names, anything else
// as string, bool, int64, float64, []byte, GUID, time.Time, []any, map[string]any.
func (d *decoder) object(v bson.RawValue, target reflect.Value, depth int) error {
	if !target.IsNil() {
		return errTwice
	}
	value, err := d.untyped(v, depth)
	if err != nil {
		return err
	}
	found := reflect.ValueOf(value)
	if !found.IsValid() {
		target.SetZero()
		return nil
	}
	if !found.Type().AssignableTo(target.Type()) && found.Kind() == reflect.Struct {
		pointer := reflect.New(found.Type())
		pointer.Elem().Set(found)
		found = pointer
	}
	if !found.Type().AssignableTo(target.Type()) {
		return fmt.Errorf("%s where %s is expected", found.Type(), target.Type())
	}
	target.Set(found)
	return nil
}

func (d *decoder) untyped(v bson.RawValue, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	switch v.Type {
	case bson.TypeNull, bson.TypeUndefined:
		return nil, nil
	case bson.TypeString:
		s, ok := v.StringValueOK()
		if !ok {
			return nil, errMalformed
		}
		return strings.ToValidUTF8(s, "\uFFFD"), nil
	case bson.TypeBoolean:
		b, _ := v.BooleanOK()
		return b, nil
	case bson.TypeInt32, bson.TypeInt64:
		n, _ := v.AsInt64OK()
		return n, nil
	case bson.TypeDouble:
		f, _ := v.DoubleOK()
		return f, nil
	case bson.TypeDateTime:
		return v.Time().UTC(), nil
	case bson.TypeBinary:
		return untypedBinary(v)
	case bson.TypeArray:
		var list []any
		err := d.array(v, reflect.ValueOf(&list).Elem(), depth)
		return list, err
	case bson.TypeEmbeddedDocument:
		return d.untypedDocument(v, depth)
	}
	return nil, fmt.Errorf("a BSON %s cannot be read", v.Type)
}

func untypedBinary(v bson.RawValue) (any, error) {
	if g, ok := asGUID(v); ok && v.Value[4] == subtypeGUID {
		return g, nil
	}
	b, ok := content(v)
	if !ok {
		return nil, errMalformed
	}
	return append([]byte{}, b...), nil
}

func (d *decoder) untypedDocument(v bson.RawValue, depth int) (any, error) {
	name, inner, err := typeOf(v)
	if err != nil {
		return nil, err
	}
	if inner != nil {
		return d.untyped(*inner, depth+1)
	}
	if name == "" {
		var m map[string]any
		err := d.fill(v, reflect.ValueOf(&m).Elem(), depth)
		return m, err
	}
	t, ok := d.r.lookup(name)
	if !ok {
		return nil, fmt.Errorf("the type %q is not known", clip(name))
	}
	if t == reflect.TypeFor[DataStream]() {
		var s *DataStream
		err := d.stream(v, reflect.ValueOf(&s).Elem())
		return s, err
	}
	fresh := reflect.New(t).Elem()
	if t.Kind() == reflect.Struct {
		err = d.fields(v, fresh, depth)
	} else {
		err = d.value(v, fresh, depth)
	}
	return fresh.Interface(), err
}

// Streams finds the streams of a message whose types are not known: documents
// that are named as streams, and documents that have exactly a stream's members.
func Streams(document []byte) ([]*DataStream, error) {
	if err := checkDocument(document); err != nil {
		return nil, err
	}
	var d decoder
	err := d.scan(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: document}, 0)
	return d.streams, err
}

func (d *decoder) scan(v bson.RawValue, depth int) error {
	if v.Type != bson.TypeEmbeddedDocument && v.Type != bson.TypeArray {
		return nil
	}
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	if v.Type == bson.TypeEmbeddedDocument {
		is, err := looksLikeStream(v)
		if err != nil {
			return err
		}
		if is {
			var s *DataStream
			return d.stream(v, reflect.ValueOf(&s).Elem())
		}
	}
	return iterate(v, func(_ string, v bson.RawValue) error { return d.scan(v, depth+1) })
}

func looksLikeStream(v bson.RawValue) (bool, error) {
	var named, id, length, other bool
	err := iterate(v, func(key string, v bson.RawValue) error {
		switch strings.ToLower(key) {
		case "$type":
			name, _ := v.StringValueOK()
			named = typeKey(name) == typeKey(StreamTypeName)
			other = other || !named
		case "id":
			_, id = asGUID(v)
		case "length":
			length = v.Type == bson.TypeInt32 || v.Type == bson.TypeInt64
		default:
			other = true
		}
		return nil
	})
	return named || id && length && !other, err
}
