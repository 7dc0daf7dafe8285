package octostache

import (
	"fmt"
	"strconv"
	"strings"
)

// isoFraction prints ISO 8601 with up to seven digits of a second.
const isoFraction = "2006-01-02T15:04:05.9999999"

// text is the value as a variable's text. A number beyond 64 bits has none.
func (v *jsonValue) text() (string, error) {
	switch v.kind {
	case jsonNull, jsonUndefined:
		return "", nil
	case jsonBool:
		if v.truth {
			return "True", nil
		}
		return "False", nil
	case jsonInt:
		return strconv.FormatInt(v.whole, 10), nil
	case jsonFloat:
		return formatDouble(v.float), nil
	case jsonString:
		return v.raw, nil
	case jsonDate:
		return v.when.Format("01/02/2006 15:04:05"), nil
	case jsonBig:
		return "", &ValueError{v.raw, "is a number beyond 64 bits in a JSON value; write it as a string"}
	}
	var b strings.Builder
	v.print(&b)
	return b.String(), nil
}

// print writes the value as compact JSON.
func (v *jsonValue) print(b *strings.Builder) {
	switch v.kind {
	case jsonNull:
		b.WriteString("null")
	case jsonUndefined:
		b.WriteString("undefined")
	case jsonBool:
		b.WriteString(strconv.FormatBool(v.truth))
	case jsonInt:
		b.WriteString(strconv.FormatInt(v.whole, 10))
	case jsonBig:
		b.WriteString(v.raw)
	case jsonFloat:
		s := formatDouble(v.float)
		b.WriteString(s)
		if !strings.ContainsAny(s, ".EIN") {
			b.WriteString(".0")
		}
	case jsonString:
		writeJSONString(b, v.raw)
	case jsonDate:
		writeJSONString(b, v.isoDate())
	case jsonConstructor:
		b.WriteString("new " + v.raw)
		v.printItems(b, "(", ")")
	case jsonArray:
		v.printItems(b, "[", "]")
	case jsonObject:
		v.printItems(b, "{", "}")
	}
}

func (v *jsonValue) isoDate() string {
	s := v.when.Format(isoFraction)
	switch v.zone {
	case zoneUTC:
		s += "Z"
	case zoneLocal:
		s += v.when.Format("-07:00")
	}
	return s
}

func (v *jsonValue) printItems(b *strings.Builder, open, closing string) {
	b.WriteString(open)
	for i, item := range v.items {
		if i > 0 {
			b.WriteByte(',')
		}
		if v.kind == jsonObject {
			writeJSONString(b, v.keys[i])
			b.WriteByte(':')
		}
		item.print(b)
	}
	b.WriteString(closing)
}

// writeJSONString quotes s: control characters and the three line separators
// beyond ASCII are escaped, everything else stands for itself.
func writeJSONString(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' && strings.ContainsRune("\b\t\n\f\r", r):
			b.WriteByte('\\')
			b.WriteByte("btnfr"[strings.IndexRune("\b\t\n\f\r", r)])
		case r < ' ', r == 0x85, r == 0x2028, r == 0x2029:
			fmt.Fprintf(b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}

// withoutMetadata drops the members $type and $id at the start of an object. One
// that starts with $ref is a reference, and leads nowhere.
func (v *jsonValue) withoutMetadata() *jsonValue {
	if v.kind != jsonObject {
		return v
	}
	n := 0
	for n < len(v.keys) && (v.keys[n] == "$type" || v.keys[n] == "$id") {
		n++
	}
	if n < len(v.keys) && v.keys[n] == "$ref" {
		return nil
	}
	if n == 0 {
		return v
	}
	kept := &jsonValue{kind: jsonObject, keys: v.keys[n:], items: v.items[n:], at: map[string]int{}}
	for i, key := range kept.keys {
		kept.at[key] = i
	}
	return kept
}
