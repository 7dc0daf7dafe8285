package dialect

import (
	"bytes"
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxDepth bounds nesting in both directions, as Newtonsoft's reader does.
const maxDepth = 64

// binary subtypes.
const (
	subtypeBytes = 0x00
	subtypeOld   = 0x02 // has an inner length
	subtypeGUID  = 0x04
)

// Marshal writes a struct as a document. It returns the streams in it in the
// order of the document, which is the order in which they must follow it.
func (r *Registry) Marshal(value any) ([]byte, []*DataStream, error) {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil, nil, fmt.Errorf("write a message: %T is not a struct", value)
	}
	var b bytes.Buffer
	e := encoder{r: r}
	if err := e.document(bson.NewDocumentWriter(&b), v, "", 0); err != nil {
		return nil, nil, fmt.Errorf("write %T: %w", value, err)
	}
	if b.Len() > math.MaxInt32 {
		return nil, nil, fmt.Errorf("write %T: %d bytes are more than a message can hold", value, b.Len())
	}
	return b.Bytes(), e.streams, nil
}

type encoder struct {
	r       *Registry
	streams []*DataStream
}

// document writes a struct; a type name goes first, where readers look for it.
func (e *encoder) document(w bson.ValueWriter, v reflect.Value, typeName string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	p, err := e.r.plan(v.Type())
	if err != nil {
		return err
	}
	d, err := w.WriteDocument()
	if err != nil {
		return err
	}
	if err := writeTypeName(d, typeName); err != nil {
		return err
	}
	for _, f := range p.fields {
		member, err := d.WriteDocumentElement(f.name)
		if err != nil {
			return err
		}
		if err := e.field(member, v.FieldByIndex(f.index), f.nullable, depth+1); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return d.WriteDocumentEnd()
}

func writeTypeName(d bson.DocumentWriter, name string) error {
	if name == "" {
		return nil
	}
	w, err := d.WriteDocumentElement("$type")
	if err != nil {
		return err
	}
	return w.WriteString(name)
}

// field writes a value of declared type; a nullable zero is null.
func (e *encoder) field(w bson.ValueWriter, v reflect.Value, nullable bool, depth int) error {
	if nullable && v.IsZero() {
		return w.WriteNull()
	}
	return e.value(w, v, depth)
}

// value writes a value whose type the reader knows, so without a type name.
func (e *encoder) value(w bson.ValueWriter, v reflect.Value, depth int) error {
	if known, err := e.leaf(w, v); known {
		return err
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return w.WriteNull()
		}
		if s, ok := v.Interface().(*DataStream); ok {
			return e.stream(w, s, "")
		}
		return e.value(w, v.Elem(), depth)
	case reflect.Interface:
		return e.object(w, v, depth)
	case reflect.Struct:
		return e.document(w, v, "", depth)
	case reflect.Slice, reflect.Array:
		return e.array(w, v, depth)
	case reflect.Map:
		d, err := w.WriteDocument()
		if err != nil {
			return err
		}
		return e.members(d, v, depth)
	}
	return fmt.Errorf("%s cannot be written", v.Type())
}

// leaf writes what is one BSON value; known is false for anything else.
func (e *encoder) leaf(w bson.ValueWriter, v reflect.Value) (known bool, err error) {
	switch x := v.Interface().(type) {
	case time.Duration:
		return true, w.WriteString(FormatTimeSpan(x))
	case time.Time:
		return true, w.WriteDateTime(x.UnixMilli())
	case GUID:
		b := x.Wire()
		return true, w.WriteBinaryWithSubtype(b[:], subtypeGUID)
	case DataStream:
		return true, fmt.Errorf("a DataStream must be a pointer")
	}
	switch v.Kind() {
	case reflect.String:
		return true, w.WriteString(strings.ToValidUTF8(v.String(), "\uFFFD"))
	case reflect.Bool:
		return true, w.WriteBoolean(v.Bool())
	case reflect.Int:
		if n := v.Int(); n > math.MaxInt32 || n < math.MinInt32 {
			return true, fmt.Errorf("%d does not fit an int32; use int64", n)
		}
		return true, w.WriteInt32(int32(v.Int()))
	case reflect.Int8, reflect.Int16, reflect.Int32:
		return true, w.WriteInt32(int32(v.Int()))
	case reflect.Int64:
		return true, w.WriteInt64(v.Int())
	case reflect.Uint8, reflect.Uint16:
		return true, w.WriteInt32(int32(v.Uint()))
	case reflect.Uint32:
		if n := v.Uint(); n > math.MaxInt32 {
			return true, w.WriteInt64(int64(n))
		}
		return true, w.WriteInt32(int32(v.Uint()))
	case reflect.Uint, reflect.Uint64:
		return true, w.WriteInt64(int64(v.Uint())) // .NET writes a ulong's bits
	case reflect.Float32, reflect.Float64:
		return true, w.WriteDouble(v.Float())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if v.IsNil() {
				return true, w.WriteNull()
			}
			return true, w.WriteBinaryWithSubtype(v.Bytes(), subtypeBytes)
		}
	}
	return false, nil
}

// array writes the elements; a nil slice is an empty array.
func (e *encoder) array(w bson.ValueWriter, v reflect.Value, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	a, err := w.WriteArray()
	if err != nil {
		return err
	}
	for i := range v.Len() {
		element, err := a.WriteArrayElement()
		if err != nil {
			return err
		}
		if err := e.value(element, v.Index(i), depth+1); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return a.WriteArrayEnd()
}

// members writes a map's entries in the order of their keys, and ends d.
func (e *encoder) members(d bson.DocumentWriter, v reflect.Value, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	type entry struct {
		name  string
		value reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		name, err := keyText(it.Key())
		if err != nil {
			return err
		}
		entries = append(entries, entry{name, it.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	for _, en := range entries {
		w, err := d.WriteDocumentElement(en.name)
		if err != nil {
			return err
		}
		if err := e.value(w, en.value, depth+1); err != nil {
			return fmt.Errorf("%s: %w", en.name, err)
		}
	}
	return d.WriteDocumentEnd()
}

func keyText(k reflect.Value) (string, error) {
	if m, ok := k.Interface().(encoding.TextMarshaler); ok {
		b, err := m.MarshalText()
		return string(b), err
	}
	switch k.Kind() {
	case reflect.String:
		return k.String(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(k.Int(), 10), nil
	}
	return "", fmt.Errorf("%s cannot be a key", k.Type())
}

// stream writes a stream's document and remembers it.
func (e *encoder) stream(w bson.ValueWriter, s *DataStream, typeName string) error {
	for _, other := range e.streams {
		if other == s || other.ID == s.ID {
			return fmt.Errorf("the stream %s is in the message twice; each needs an ID of its own", s.ID)
		}
	}
	e.streams = append(e.streams, s)
	d, err := w.WriteDocument()
	if err != nil {
		return err
	}
	if err := writeTypeName(d, typeName); err != nil {
		return err
	}
	id, err := d.WriteDocumentElement("id")
	if err != nil {
		return err
	}
	b := s.ID.Wire()
	if err := id.WriteBinaryWithSubtype(b[:], subtypeGUID); err != nil {
		return err
	}
	length, err := d.WriteDocumentElement("length")
	if err != nil {
		return err
	}
	if err := length.WriteInt64(s.Length); err != nil {
		return err
	}
	return d.WriteDocumentEnd()
}
