package structured

import (
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxJSONDepth is how deep objects and arrays may be nested, as it always was.
const maxJSONDepth = 64

type jsonKind uint8

const (
	jsonString jsonKind = iota
	jsonNumber
	jsonBool
	jsonOther // null, undefined, dates: text is what is written
	jsonObject
	jsonArray
	jsonConstructor
)

// jsonNode is one value. The text of a string is its value, that of another scalar what is written for it, and that of
// a constructor its name.
type jsonNode struct {
	kind    jsonKind
	text    string
	members []jsonMember
	items   []*jsonNode
	index   map[string]int // of members, in large objects
}

type jsonMember struct {
	name  string
	value *jsonNode
}

// set adds a member; a name that is there already keeps its place and gets the new value.
func (n *jsonNode) set(name string, value *jsonNode) {
	const few = 8
	if n.index == nil && len(n.members) < few {
		for i := range n.members {
			if n.members[i].name == name {
				n.members[i].value = value
				return
			}
		}
	} else {
		if n.index == nil {
			n.index = make(map[string]int, 2*few)
			for i := range n.members {
				n.index[n.members[i].name] = i
			}
		}
		if i, ok := n.index[name]; ok {
			n.members[i].value = value
			return
		}
		n.index[name] = len(n.members)
	}
	n.members = append(n.members, jsonMember{name, value})
}

// jsonReader reads the lenient JSON that configuration files have always been written in: comments, single quotes,
// names without quotes, trailing commas, empty places in arrays, NaN, hexadecimal and octal numbers.
type jsonReader struct {
	text  string
	pos   int
	depth int
	zone  *time.Location
	// comments are those before the root, as they are written.
	comments []string
	// nodes is room for the next ones, so that each is not a piece of memory of its own.
	nodes []jsonNode
}

func (r *jsonReader) node(n jsonNode) *jsonNode {
	const room = 256
	if len(r.nodes) == 0 {
		r.nodes = make([]jsonNode, room)
	}
	place := &r.nodes[0]
	r.nodes = r.nodes[1:]
	*place = n
	return place
}

// readJSON reads a whole document. The root is nil if there is nothing but comments.
func readJSON(text string, zone *time.Location) (root *jsonNode, comments []string, err error) {
	r := &jsonReader{text: text, zone: zone}
	for {
		r.space()
		start := r.pos
		if !r.at('/') {
			break
		}
		if err := r.comment(); err != nil {
			return nil, nil, err
		}
		r.comments = append(r.comments, strings.TrimRight(r.text[start:r.pos], "\r\n"))
	}
	if r.pos == len(text) {
		if len(r.comments) == 0 {
			return nil, nil, r.fail("there is no value")
		}
		return nil, r.comments, nil
	}
	if root, err = r.value(); err != nil {
		return nil, nil, err
	}
	for {
		r.space()
		switch {
		case r.pos == len(text):
			return root, r.comments, nil
		case !r.at('/'):
			return nil, nil, r.fail("%q follows the end of the document", r.peek())
		}
		if err := r.comment(); err != nil {
			return nil, nil, err
		}
	}
}

func (r *jsonReader) at(c byte) bool { return r.pos < len(r.text) && r.text[r.pos] == c }

func (r *jsonReader) peek() rune {
	c, _ := utf8.DecodeRuneInString(r.text[r.pos:])
	return c
}

func (r *jsonReader) fail(format string, args ...any) error {
	return failAt(r.text, r.pos, format, args...)
}

// space skips white space; NUL counts as such.
func (r *jsonReader) space() {
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		if c < utf8.RuneSelf {
			if c != ' ' && c != 0 && (c < '\t' || c > '\r') {
				return
			}
			r.pos++
			continue
		}
		u, size := utf8.DecodeRuneInString(r.text[r.pos:])
		if !unicode.IsSpace(u) {
			return
		}
		r.pos += size
	}
}

// content skips white space and comments.
func (r *jsonReader) content() error {
	for {
		r.space()
		if !r.at('/') {
			return nil
		}
		if err := r.comment(); err != nil {
			return err
		}
	}
}

func (r *jsonReader) comment() error {
	rest := r.text[r.pos:]
	switch {
	case strings.HasPrefix(rest, "//"):
		if end := strings.IndexAny(rest, "\r\n"); end >= 0 {
			r.pos += end
		} else {
			r.pos = len(r.text)
		}
		return nil
	case strings.HasPrefix(rest, "/*"):
		end := strings.Index(rest[2:], "*/")
		if end < 0 {
			return r.fail("a comment has no end")
		}
		r.pos += 2 + end + 2
		return nil
	}
	return r.fail("a comment begins with // or /*")
}

// value reads one value. In an array, a comma in its place is a value of its own.
func (r *jsonReader) value() (*jsonNode, error) {
	if r.pos == len(r.text) {
		return nil, r.fail("the document ends where a value is missing")
	}
	switch c := r.text[r.pos]; c {
	case '"', '\'':
		return r.stringValue()
	case '{':
		return r.nested(r.object)
	case '[':
		return r.nested(func() (*jsonNode, error) { return r.list(jsonArray, "", ']') })
	case ',':
		return r.node(jsonNode{kind: jsonOther, text: "undefined"}), nil
	case 't', 'f', 'n', 'u', 'N', 'I':
		return r.word()
	case '-', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if strings.HasPrefix(r.text[r.pos:], "-I") {
			return r.word()
		}
		return r.number()
	}
	return nil, r.fail("%q does not begin a value", r.peek())
}

func (r *jsonReader) nested(read func() (*jsonNode, error)) (*jsonNode, error) {
	if r.depth++; r.depth > maxJSONDepth {
		return nil, r.fail("objects and arrays are nested more than %d deep", maxJSONDepth)
	}
	r.pos++
	n, err := read()
	r.depth--
	return n, err
}

func (r *jsonReader) list(kind jsonKind, name string, end byte) (*jsonNode, error) {
	n := r.node(jsonNode{kind: kind, text: name})
	for {
		if err := r.content(); err != nil {
			return nil, err
		}
		if r.at(end) {
			r.pos++
			return n, nil
		}
		item, err := r.value()
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
		if more, err := r.next(end); err != nil || !more {
			return n, err
		}
	}
}

// next goes over what follows a value: a comma, or the end of what it is in.
func (r *jsonReader) next(end byte) (more bool, err error) {
	if err := r.content(); err != nil {
		return false, err
	}
	switch {
	case r.at(','):
		r.pos++
		return true, nil
	case r.at(end):
		r.pos++
		return false, nil
	case r.pos == len(r.text):
		return false, r.fail("the document ends before %q", end)
	}
	return false, r.fail("%q follows a value, where a comma or %q must", r.peek(), end)
}

func (r *jsonReader) object() (*jsonNode, error) {
	n := r.node(jsonNode{kind: jsonObject})
	for {
		if err := r.content(); err != nil {
			return nil, err
		}
		if r.at('}') {
			r.pos++
			return n, nil
		}
		name, err := r.name()
		if err != nil {
			return nil, err
		}
		r.space()
		if !r.at(':') {
			return nil, r.fail("the name %q is not followed by a colon", name)
		}
		r.pos++
		if err := r.content(); err != nil {
			return nil, err
		}
		value, err := r.value()
		if err != nil {
			return nil, err
		}
		n.set(name, value)
		if more, err := r.next('}'); err != nil || !more {
			return n, err
		}
	}
}

func (r *jsonReader) name() (string, error) {
	if r.at('"') || r.at('\'') {
		return r.quoted()
	}
	start := r.pos
	for r.pos < len(r.text) {
		c, size := utf8.DecodeRuneInString(r.text[r.pos:])
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' && c != '$' {
			break
		}
		r.pos += size
	}
	if r.pos == start {
		if r.pos == len(r.text) {
			return "", r.fail("the document ends within an object")
		}
		return "", r.fail("%q does not begin a name", r.peek())
	}
	return r.text[start:r.pos], nil
}

func (r *jsonReader) stringValue() (*jsonNode, error) {
	text, err := r.quoted()
	if err != nil {
		return nil, err
	}
	if date, ok := dateText(text, r.zone); ok {
		return r.node(jsonNode{kind: jsonOther, text: date}), nil
	}
	return r.node(jsonNode{kind: jsonString, text: text}), nil
}

// word reads true, false, null, undefined, NaN, Infinity and "new Name(…)".
func (r *jsonReader) word() (*jsonNode, error) {
	for _, w := range []struct {
		word, text string
		kind       jsonKind
	}{
		{"true", "true", jsonBool}, {"false", "false", jsonBool}, {"null", "null", jsonOther}, {"undefined", "undefined", jsonOther},
		{"NaN", `"NaN"`, jsonNumber}, {"Infinity", `"Infinity"`, jsonNumber}, {"-Infinity", `"-Infinity"`, jsonNumber},
	} {
		if strings.HasPrefix(r.text[r.pos:], w.word) && r.separated(r.pos+len(w.word)) {
			r.pos += len(w.word)
			return r.node(jsonNode{kind: w.kind, text: w.text}), nil
		}
	}
	if strings.HasPrefix(r.text[r.pos:], "new") && r.separated(r.pos+3) {
		r.pos += 3
		return r.constructor()
	}
	return nil, r.fail("%q does not begin a value", r.peek())
}

func (r *jsonReader) separated(at int) bool {
	if at == len(r.text) {
		return true
	}
	c, _ := utf8.DecodeRuneInString(r.text[at:])
	if c == '/' {
		return at+1 < len(r.text) && (r.text[at+1] == '*' || r.text[at+1] == '/')
	}
	return c == 0 || unicode.IsSpace(c) || strings.ContainsRune("}],)", c)
}

func (r *jsonReader) constructor() (*jsonNode, error) {
	r.space()
	start := r.pos
	for r.pos < len(r.text) {
		c, size := utf8.DecodeRuneInString(r.text[r.pos:])
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			break
		}
		r.pos += size
	}
	name := r.text[start:r.pos]
	r.space()
	if name == "" || !r.at('(') {
		return nil, r.fail("after new, a name and a bracket are missing")
	}
	return r.nested(func() (*jsonNode, error) { return r.list(jsonConstructor, name, ')') })
}

func (r *jsonReader) number() (*jsonNode, error) {
	start := r.pos
	for r.pos < len(r.text) && strings.IndexByte("-+.0123456789abcdefABCDEFxX", r.text[r.pos]) >= 0 {
		r.pos++
	}
	if !r.separated(r.pos) && !r.at('/') {
		return nil, r.fail("%q is within a number", r.peek())
	}
	text, ok := numberText(r.text[start:r.pos])
	if !ok {
		text := r.text[start:r.pos]
		r.pos = start
		return nil, r.fail("%q is not a number", text)
	}
	return r.node(jsonNode{kind: jsonNumber, text: text}), nil
}

// numberText writes a number as it is written again: whole ones in decimal digits, others as the shortest double.
func numberText(s string) (string, bool) {
	if len(s) > 1 && s[0] == '0' && strings.IndexByte(".eE", s[1]) < 0 {
		base, digits := 8, s
		if s[1] == 'x' || s[1] == 'X' {
			base, digits = 16, s[2:]
		}
		n, err := strconv.ParseUint(digits, base, 64)
		return strconv.FormatInt(int64(n), 10), err == nil
	}
	digits := strings.TrimPrefix(s, "-")
	if digits != "" && strings.Trim(digits, "0123456789") == "" {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return strconv.FormatInt(n, 10), true
		}
		const longest = 380
		if len(s) > longest {
			return "", false
		}
		n, ok := new(big.Int).SetString(s, 10)
		if !ok {
			return "", false
		}
		return n.String(), true
	}
	d, ok := parseDouble(s, false)
	if !ok {
		return "", false
	}
	return doubleText(d), true
}
