package dialect

import (
	"encoding"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// leaf reads one BSON value into a target that is one value too; known is false
// for documents, arrays and targets that are made of several values.
func leaf(v bson.RawValue, target reflect.Value) (known bool, err error) {
	switch x := target.Addr().Interface().(type) {
	case *time.Duration:
		return true, readSpan(v, x)
	case *time.Time:
		return true, readTime(v, x)
	case *GUID:
		return true, readGUID(v, x)
	}
	switch v.Type {
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		return false, nil
	}
	switch target.Kind() {
	case reflect.String:
		return true, readString(v, target)
	case reflect.Bool:
		return true, readBool(v, target)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true, readInteger(v, target)
	case reflect.Float32, reflect.Float64:
		return true, readFloat(v, target)
	case reflect.Slice:
		if isBytes(target.Type()) {
			return true, readBytes(v, target)
		}
	}
	return false, nil
}

// readBool takes numbers and text too.
func readBool(v bson.RawValue, target reflect.Value) error {
	if b, ok := v.BooleanOK(); ok {
		target.SetBool(b)
		return nil
	}
	if n, ok := v.AsInt64OK(); ok && v.Type != bson.TypeDouble {
		target.SetBool(n != 0)
		return nil
	}
	if s, ok := v.StringValueOK(); ok {
		if b, err := strconv.ParseBool(strings.ToLower(s)); err == nil {
			target.SetBool(b)
			return nil
		}
	}
	return mismatch(v, target.Type())
}

func readString(v bson.RawValue, target reflect.Value) error {
	if s, ok := v.StringValueOK(); ok {
		target.SetString(strings.ToValidUTF8(s, "\uFFFD"))
		return nil
	}
	if g, ok := asGUID(v); ok { // a Guid where a contract has a string
		target.SetString(g.String())
		return nil
	}
	if n, ok := v.AsInt64OK(); ok && (v.Type == bson.TypeInt32 || v.Type == bson.TypeInt64) {
		target.SetString(strconv.FormatInt(n, 10))
		return nil
	}
	return mismatch(v, target.Type())
}

// readInteger takes any number without a fraction that fits, or an enum's name.
func readInteger(v bson.RawValue, target reflect.Value) error {
	if s, ok := v.StringValueOK(); ok {
		return setText(target, s)
	}
	var n int64
	switch v.Type {
	case bson.TypeInt32, bson.TypeInt64:
		n, _ = v.AsInt64OK()
	case bson.TypeDouble:
		f, ok := v.DoubleOK()
		if !ok || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			return mismatch(v, target.Type())
		}
		n = int64(f)
	default:
		return mismatch(v, target.Type())
	}
	return setInteger(target, n)
}

func setInteger(target reflect.Value, n int64) error {
	if target.CanInt() {
		if target.OverflowInt(n) {
			return fmt.Errorf("%d is out of range for %s", n, target.Type())
		}
		target.SetInt(n)
		return nil
	}
	u := uint64(n) // a ulong's bits
	if n < 0 && target.Kind() != reflect.Uint64 && target.Kind() != reflect.Uint || target.OverflowUint(u) {
		return fmt.Errorf("%d is out of range for %s", n, target.Type())
	}
	target.SetUint(u)
	return nil
}

func readFloat(v bson.RawValue, target reflect.Value) error {
	switch v.Type {
	case bson.TypeDouble:
		f, _ := v.DoubleOK()
		target.SetFloat(f)
	case bson.TypeInt32, bson.TypeInt64:
		n, _ := v.AsInt64OK()
		target.SetFloat(float64(n))
	case bson.TypeString:
		s, _ := v.StringValueOK()
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return mismatch(v, target.Type())
		}
		target.SetFloat(f)
	default:
		return mismatch(v, target.Type())
	}
	return nil
}

// readBytes copies: the document it points into is not ours to keep.
func readBytes(v bson.RawValue, target reflect.Value) error {
	if s, ok := v.StringValueOK(); ok {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return mismatch(v, target.Type())
		}
		target.SetBytes(b)
		return nil
	}
	b, ok := content(v)
	if !ok {
		return mismatch(v, target.Type())
	}
	target.SetBytes(append([]byte{}, b...))
	return nil
}

// content returns a binary's bytes, without the old subtype's inner length.
func content(v bson.RawValue) ([]byte, bool) {
	if v.Type != bson.TypeBinary || len(v.Value) < 5 {
		return nil, false
	}
	length, b := binary.LittleEndian.Uint32(v.Value), v.Value[5:]
	if int64(length) != int64(len(b)) {
		return nil, false
	}
	if v.Value[4] == subtypeOld && len(b) >= 4 && int64(binary.LittleEndian.Uint32(b)) == int64(len(b)-4) {
		return b[4:], true
	}
	return b, true
}

func asGUID(v bson.RawValue) (GUID, bool) {
	b, ok := content(v)
	if !ok || len(b) != 16 {
		return GUID{}, false
	}
	return GUIDFromWire([16]byte(b)), true
}

func readGUID(v bson.RawValue, g *GUID) error {
	if s, ok := v.StringValueOK(); ok {
		return g.UnmarshalText([]byte(s))
	}
	parsed, ok := asGUID(v)
	if !ok {
		return mismatch(v, reflect.TypeFor[GUID]())
	}
	*g = parsed
	return nil
}

func readSpan(v bson.RawValue, d *time.Duration) error {
	switch v.Type {
	case bson.TypeString:
		s, _ := v.StringValueOK()
		parsed, err := ParseTimeSpan(s)
		*d = parsed
		return err
	case bson.TypeInt32, bson.TypeInt64: // ticks
		n, _ := v.AsInt64OK()
		if n > math.MaxInt64/100 || n < math.MinInt64/100 {
			return mismatch(v, reflect.TypeFor[time.Duration]())
		}
		*d = time.Duration(n) * 100
		return nil
	}
	return mismatch(v, reflect.TypeFor[time.Duration]())
}

// readTime takes BSON dates and ISO 8601 text, with or without an offset.
func readTime(v bson.RawValue, t *time.Time) error {
	if ms, ok := v.DateTimeOK(); ok {
		*t = time.UnixMilli(ms).UTC()
		return nil
	}
	if s, ok := v.StringValueOK(); ok {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02"} {
			if parsed, err := time.Parse(layout, s); err == nil {
				*t = parsed
				return nil
			}
		}
		return fmt.Errorf("%q is not a date", clip(s))
	}
	return mismatch(v, reflect.TypeFor[time.Time]())
}

// setText sets a map's key or an enum from its text.
func setText(target reflect.Value, text string) error {
	if u, ok := target.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	if target.Kind() == reflect.String {
		target.SetString(strings.ToValidUTF8(text, "\uFFFD"))
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !target.CanInt() && !target.CanUint() {
		return fmt.Errorf("%q where %s is expected", clip(text), target.Type())
	}
	return setInteger(target, n)
}
