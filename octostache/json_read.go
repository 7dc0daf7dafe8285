package octostache

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonKind says what a jsonValue holds.
type jsonKind byte

const (
	jsonNull jsonKind = iota
	jsonUndefined
	jsonBool
	jsonInt   // whole holds it
	jsonBig   // raw holds it: beyond 64 bits
	jsonFloat // float holds it
	jsonString
	jsonDate // a string that is a date and time: when and zone hold it
	jsonArray
	jsonObject
	jsonConstructor // `new name(items)`
)

// dateZone is what a date and time says of its zone.
type dateZone byte

const (
	zoneNone dateZone = iota
	zoneUTC
	zoneLocal // it had an offset, and is local time now
)

type jsonValue struct {
	kind  jsonKind
	truth bool
	whole int64
	float float64
	when  time.Time
	zone  dateZone
	// raw is a string's text, a number as it was written, a constructor's name.
	raw   string
	items []*jsonValue
	// keys are the names of items in an object.
	keys []string
	at   map[string]int
}

// jsonMaxDepth bounds the nesting of arrays and objects.
const jsonMaxDepth = 64

var errJSON = errors.New("not JSON")

// jsonReader reads a lenient JSON: comments, single quotes, bare names,
// trailing commas, hexadecimal and octal numbers, undefined, NaN, Infinity.
type jsonReader struct {
	src      string
	pos      int
	depth    int
	location *time.Location
	// open is set while an unfinished outermost array may end with the text.
	open bool
}

// readJSON reads text as one JSON value.
func readJSON(text string, location *time.Location) (*jsonValue, error) {
	r := &jsonReader{src: text, location: location}
	if err := r.space(); err != nil {
		return nil, err
	}
	r.open = r.peek() == '['
	v, err := r.value()
	if err != nil {
		return nil, err
	}
	if err := r.space(); err != nil {
		return nil, err
	}
	if r.pos < len(r.src) {
		return nil, errJSON
	}
	return v, nil
}

// peek returns the next byte, 0 at the end.
func (r *jsonReader) peek() byte {
	if r.pos < len(r.src) {
		return r.src[r.pos]
	}
	return 0
}

func (r *jsonReader) atEnd() bool { return r.pos >= len(r.src) }

// space skips white space and comments.
func (r *jsonReader) space() error {
	for {
		r.pos = skipSpace(r.src, r.pos)
		rest := r.src[r.pos:]
		switch {
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return errJSON
			}
			r.pos += n + 4
		case strings.HasPrefix(rest, "//"):
			n := strings.IndexAny(rest, "\r\n")
			if n < 0 {
				n = len(rest)
			}
			r.pos += n
		default:
			return nil
		}
	}
}

func (r *jsonReader) value() (*jsonValue, error) {
	switch c := r.peek(); {
	case c == '{':
		return r.object()
	case c == '[':
		r.pos++
		v := &jsonValue{kind: jsonArray}
		return v, r.list(v, ']')
	case c == '"' || c == '\'':
		s, err := r.quoted(c)
		if err != nil {
			return nil, err
		}
		return jsonText(s, r.location), nil
	case c == '-' && strings.HasPrefix(r.src[r.pos:], "-Infinity"):
		r.pos += len("-Infinity")
		return &jsonValue{kind: jsonFloat, float: math.Inf(-1), raw: "-Infinity"}, nil
	case c == '-' || c == '.' || '0' <= c && c <= '9':
		return r.number()
	case c == 'n' && strings.HasPrefix(r.src[r.pos:], "new"):
		return r.constructor()
	}
	return r.word()
}

func (r *jsonReader) word() (*jsonValue, error) {
	start := r.pos
	for !r.atEnd() && ('a' <= r.peek() && r.peek() <= 'z' || 'A' <= r.peek() && r.peek() <= 'Z') {
		r.pos++
	}
	if !r.atEnd() && !strings.ContainsRune(",]})/", rune(r.peek())) && skipSpace(r.src, r.pos) == r.pos {
		return nil, errJSON
	}
	v := &jsonValue{raw: r.src[start:r.pos]}
	switch v.raw {
	case "true", "false":
		v.kind, v.truth = jsonBool, v.raw == "true"
	case "null":
		v.kind = jsonNull
	case "undefined":
		v.kind = jsonUndefined
	case "NaN":
		v.kind, v.float = jsonFloat, math.NaN()
	case "Infinity":
		v.kind, v.float = jsonFloat, math.Inf(1)
	default:
		return nil, errJSON
	}
	return v, nil
}

// enter and leave count the nesting.
func (r *jsonReader) enter() error {
	if r.depth++; r.depth > jsonMaxDepth {
		return errJSON
	}
	return nil
}

// list reads items up to the closing byte. An item left out between commas is
// undefined.
func (r *jsonReader) list(v *jsonValue, closing byte) error {
	if err := r.enter(); err != nil {
		return err
	}
	defer func() { r.depth-- }()
	for {
		if err := r.space(); err != nil {
			return err
		}
		switch r.peek() {
		case closing:
			r.pos++
			return nil
		case ',':
			r.pos++
			v.items = append(v.items, &jsonValue{kind: jsonUndefined})
			continue
		}
		if r.atEnd() {
			return r.unfinished()
		}
		item, err := r.value()
		if err != nil {
			return err
		}
		v.items = append(v.items, item)
		if err := r.space(); err != nil {
			return err
		}
		switch {
		case r.peek() == ',':
			r.pos++
		case r.atEnd():
			return r.unfinished()
		case r.peek() != closing:
			return errJSON
		}
	}
}

func (r *jsonReader) unfinished() error {
	if r.open {
		return nil
	}
	return errJSON
}

func (r *jsonReader) object() (*jsonValue, error) {
	r.pos++
	v := &jsonValue{kind: jsonObject, at: map[string]int{}}
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer func() { r.depth-- }()
	for {
		if err := r.space(); err != nil {
			return nil, err
		}
		if r.peek() == '}' {
			r.pos++
			return v, nil
		}
		if r.atEnd() {
			return v, r.unfinished()
		}
		if err := r.member(v); err != nil {
			return nil, err
		}
		switch {
		case r.peek() == ',':
			r.pos++
		case r.atEnd():
			return v, r.unfinished()
		case r.peek() != '}':
			return nil, errJSON
		}
	}
}

// member reads a name, its value and the space behind it. A name that was there
// already gets the new value and keeps its place.
func (r *jsonReader) member(v *jsonValue) error {
	name, err := r.name()
	if err != nil {
		return err
	}
	if err := r.space(); err != nil {
		return err
	}
	if r.peek() != ':' {
		return errJSON
	}
	r.pos++
	if err := r.space(); err != nil {
		return err
	}
	item, err := r.value()
	if err != nil {
		return err
	}
	if i, ok := v.at[name]; ok {
		v.items[i] = item
	} else {
		v.at[name] = len(v.items)
		v.keys = append(v.keys, name)
		v.items = append(v.items, item)
	}
	return r.space()
}

func (r *jsonReader) name() (string, error) {
	if c := r.peek(); c == '"' || c == '\'' {
		return r.quoted(c)
	}
	start := r.pos
	for !r.atEnd() {
		c, w := utf8.DecodeRuneInString(r.src[r.pos:])
		if c != '_' && c != '$' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			break
		}
		r.pos += w
	}
	if r.pos == start {
		return "", errJSON
	}
	return r.src[start:r.pos], nil
}

func (r *jsonReader) constructor() (*jsonValue, error) {
	r.pos += len("new")
	if next := skipSpace(r.src, r.pos); next == r.pos {
		return nil, errJSON
	}
	if err := r.space(); err != nil {
		return nil, err
	}
	name, err := r.name()
	if err != nil {
		return nil, err
	}
	if err := r.space(); err != nil {
		return nil, err
	}
	if r.peek() != '(' {
		return nil, errJSON
	}
	r.pos++
	v := &jsonValue{kind: jsonConstructor, raw: name}
	if err := r.list(v, ')'); err != nil {
		return nil, err
	}
	if name == "Date" && len(v.items) == 1 && v.items[0].kind == jsonInt {
		at := time.UnixMilli(v.items[0].whole).UTC()
		if at.Year() >= 1 && at.Year() <= 9999 {
			return &jsonValue{kind: jsonDate, when: at, zone: zoneUTC}, nil
		}
	}
	return v, nil
}

func (r *jsonReader) quoted(quote byte) (string, error) {
	r.pos++
	rest := r.src[r.pos:]
	n := strings.IndexAny(rest, `\`+string(quote))
	if n >= 0 && rest[n] == quote {
		r.pos += n + 1
		return rest[:n], nil
	}
	var b strings.Builder
	for !r.atEnd() {
		c := r.src[r.pos]
		r.pos++
		switch c {
		case quote:
			return b.String(), nil
		case '\\':
			if err := r.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", errJSON
}

// escape reads what stands behind a backslash.
func (r *jsonReader) escape(b *strings.Builder) error {
	c := r.peek()
	r.pos++
	if i := strings.IndexByte(`btnfr\"'/`, c); i >= 0 && c != 0 {
		b.WriteByte("\b\t\n\f\r\\\"'/"[i])
		return nil
	}
	if c != 'u' {
		return errJSON
	}
	unit, err := r.unit()
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(unit) && strings.HasPrefix(r.src[r.pos:], `\u`) {
		back := r.pos
		r.pos += 2
		low, err := r.unit()
		if err != nil {
			return err
		}
		if full := utf16.DecodeRune(unit, low); full != unicode.ReplacementChar {
			b.WriteRune(full)
			return nil
		}
		r.pos = back
	}
	b.WriteRune(unit) // an unpaired surrogate becomes U+FFFD
	return nil
}

func (r *jsonReader) unit() (rune, error) {
	if r.pos+4 > len(r.src) {
		return 0, errJSON
	}
	n, err := strconv.ParseUint(r.src[r.pos:r.pos+4], 16, 16)
	if err != nil {
		return 0, errJSON
	}
	r.pos += 4
	return rune(n), nil
}

func (r *jsonReader) number() (*jsonValue, error) {
	start := r.pos
	for !r.atEnd() && strings.IndexByte("-+.0123456789abcdefABCDEFxX", r.peek()) >= 0 {
		r.pos++
	}
	if !r.atEnd() && strings.IndexByte(",}])/", r.peek()) < 0 && skipSpace(r.src, r.pos) == r.pos {
		return nil, errJSON
	}
	raw := r.src[start:r.pos]
	v := &jsonValue{kind: jsonInt, raw: raw}
	var err error
	if len(raw) > 1 && raw[0] == '0' && strings.IndexByte(".eE", raw[1]) < 0 {
		v.whole, err = baseNumber(raw)
		return v, err
	}
	if v.whole, err = strconv.ParseInt(raw, 10, 64); err == nil && raw[0] != '+' {
		return v, nil
	}
	if strings.Trim(raw[1:], "0123456789") == "" && raw != "-" && raw != "." && raw[0] != '.' {
		v.kind = jsonBig
		return v, nil
	}
	f, ok := parseFloatStyle(raw, false)
	if !ok {
		return nil, errJSON
	}
	v.kind, v.float = jsonFloat, f
	return v, nil
}

// baseNumber reads a hexadecimal (0x) or octal (0) number of 64 bits.
func baseNumber(raw string) (int64, error) {
	base, digits := 8, raw[1:]
	if raw[1] == 'x' || raw[1] == 'X' {
		base, digits = 16, raw[2:]
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return 0, errJSON
	}
	return int64(n), nil
}
