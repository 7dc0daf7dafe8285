package dialect

import (
	"fmt"
	"reflect"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// object writes a value whose declared type is object: simple values as they
// are, everything else with its type's name.
func (e *encoder) object(w bson.ValueWriter, v reflect.Value, depth int) error {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return w.WriteNull()
		}
		if s, ok := v.Interface().(*DataStream); ok && s != nil {
			return e.stream(w, s, StreamTypeName)
		}
		v = v.Elem()
	}
	if isBytes(v.Type()) {
		return e.wrapped(w, v, "System.Byte[], mscorlib", "$value", depth)
	}
	if known, err := e.leaf(w, v); known {
		return err
	}
	name, err := e.r.nameOf(v)
	if err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.Struct:
		return e.document(w, v, name, depth)
	case reflect.Slice, reflect.Array:
		return e.wrapped(w, v, name, "$values", depth)
	case reflect.Map:
		d, err := w.WriteDocument()
		if err != nil {
			return err
		}
		if err := writeTypeName(d, name); err != nil {
			return err
		}
		return e.members(d, v, depth)
	}
	return fmt.Errorf("%s cannot be written", v.Type())
}

// wrapped writes {"$type": name, member: value}.
func (e *encoder) wrapped(w bson.ValueWriter, v reflect.Value, name, member string, depth int) error {
	d, err := w.WriteDocument()
	if err != nil {
		return err
	}
	if err := writeTypeName(d, name); err != nil {
		return err
	}
	content, err := d.WriteDocumentElement(member)
	if err != nil {
		return err
	}
	if err := e.value(content, v, depth+1); err != nil {
		return err
	}
	return d.WriteDocumentEnd()
}

func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// nameOf returns the wire name to write for a value's type. Arrays of simple
// values have one without being registered.
func (r *Registry) nameOf(v reflect.Value) (string, error) {
	if n, ok := v.Interface().(Named); ok {
		return n.WireName(), nil
	}
	t := v.Type()
	if name, ok := r.byType[t]; ok {
		return name, nil
	}
	if t.Kind() == reflect.Slice {
		switch t.Elem().Kind() {
		case reflect.String:
			return "System.String[], mscorlib", nil
		case reflect.Int32:
			return "System.Int32[], mscorlib", nil
		case reflect.Int64:
			return "System.Int64[], mscorlib", nil
		case reflect.Bool:
			return "System.Boolean[], mscorlib", nil
		case reflect.Float64:
			return "System.Double[], mscorlib", nil
		case reflect.Interface:
			return "System.Object[], mscorlib", nil
		}
	}
	return "", fmt.Errorf("%s is not in the registry", t)
}
