package structured

import (
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/mantledeploy/mantle/internal/step/textfile"
)

func (w *work) json(raw []byte) (string, textfile.Encoding, error) {
	text, encoding, err := decoded(raw)
	if err != nil {
		return "", encoding, err
	}
	if text == "" {
		w.done()
		return "{}", textfile.UTF8(), nil
	}
	root, comments, err := readJSON(text, w.Zone)
	if err != nil {
		return "", encoding, err
	}
	out := jsonWriter{end: textfile.LineEnd(text), out: make([]byte, 0, len(text)+len(text)/8)}
	if root == nil && len(comments) == 1 {
		w.done()
		comment := strings.TrimSuffix(comments[0][2:], "*/")
		return "/*" + comment + "*/", encoding, nil
	}
	// What is before the root stays where it is.
	for i, c := range comments {
		out.out = append(out.out, c...)
		if i < len(comments)-1 || root != nil {
			out.line()
		}
	}
	if root != nil {
		paths := w.jsonPaths(root)
		w.updateJSON(paths)
		out.value(root)
	} else {
		w.done()
	}
	return string(out.out), encoding, nil
}

// slot is a place that holds a value; a later value of another path takes nothing from it.
type slot struct {
	place *(*jsonNode)
	node  *jsonNode
}

// jsonPaths finds the places that the variables name. Of two places with one name, the later one counts.
func (w *work) jsonPaths(root *jsonNode) map[string]slot {
	wanted := map[string]bool{}
	for _, name := range w.Set.Names() {
		if !reserved(name) {
			wanted[fold(name)] = true
		}
	}
	p := &jsonPaths{wanted: wanted, found: map[string]slot{}}
	p.children(root)
	return p.found
}

type jsonPaths struct {
	path   []byte
	depth  int
	wanted map[string]bool
	found  map[string]slot
}

func (p *jsonPaths) children(n *jsonNode) {
	switch n.kind {
	case jsonObject:
		for i := range n.members {
			p.child(n.members[i].name, &n.members[i].value)
		}
	case jsonArray:
		for i := range n.items {
			p.child(strconv.Itoa(i), &n.items[i])
		}
	}
}

func (p *jsonPaths) child(name string, place **jsonNode) {
	before := len(p.path)
	if p.depth > 0 {
		p.path = append(p.path, ':')
	}
	p.path = appendFold(p.path, name)
	p.depth++
	if p.wanted[string(p.path)] {
		p.found[string(p.path)] = slot{place, *place}
	}
	p.children(*place)
	p.depth--
	p.path = p.path[:before]
}

func (w *work) updateJSON(paths map[string]slot) {
	for _, name := range w.Set.Names() {
		s, ok := paths[fold(name)]
		if !ok || reserved(name) {
			continue
		}
		w.found(name)
		node, err := w.newJSON(name, s.node)
		if err != nil {
			w.Log.Warnf("The value of the variable %s cannot be set: %v", name, err)
			continue
		}
		*s.place = node
	}
	w.done()
}

var errNull = errors.New("the variable has no value")

// newJSON makes the value that takes another one's place. That one's kind says how the text is read.
func (w *work) newJSON(name string, old *jsonNode) (*jsonNode, error) {
	text, null, err := w.value(name)
	if err != nil {
		return nil, err
	}
	switch old.kind {
	case jsonNumber:
		if !null {
			return numberNode(text), nil
		}
	case jsonBool:
		if !null {
			return boolNode(text), nil
		}
	case jsonObject, jsonArray:
		if !null {
			return fragment(text, w)
		}
	default:
		if null {
			return &jsonNode{kind: jsonOther, text: "null"}, nil
		}
		return &jsonNode{kind: jsonString, text: text}, nil
	}
	return nil, errNull
}

func numberNode(text string) *jsonNode {
	trimmed := strings.Trim(strings.TrimRight(text, "\x00"), " \t\n\v\f\r")
	if n, err := strconv.ParseInt(trimmed, 10, 64); err == nil {
		return &jsonNode{kind: jsonNumber, text: strconv.FormatInt(n, 10)}
	}
	if d, ok := parseDouble(text, true); ok {
		return &jsonNode{kind: jsonNumber, text: doubleText(d)}
	}
	return &jsonNode{kind: jsonString, text: text}
}

func boolNode(text string) *jsonNode {
	word := strings.TrimFunc(text, func(r rune) bool { return r == 0 || unicode.IsSpace(r) })
	if strings.EqualFold(word, "true") || strings.EqualFold(word, "false") {
		return &jsonNode{kind: jsonBool, text: strings.ToLower(word)}
	}
	return &jsonNode{kind: jsonString, text: text}
}

func fragment(text string, w *work) (*jsonNode, error) {
	node, comments, err := readJSON(text, w.Zone)
	if err == nil && node == nil {
		node = &jsonNode{kind: jsonOther, text: "/*" + strings.TrimSuffix(comments[0][2:], "*/") + "*/"}
	}
	return node, err
}

// fold makes names that differ by case alone the same.
func fold(name string) string { return string(appendFold(nil, name)) }

func appendFold(to []byte, name string) []byte {
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z':
			to = append(to, byte(r-'a'+'A'))
		case r < 0x80:
			to = append(to, byte(r))
		case r == 'ı' || r == 'ſ':
			to = append(to, string(r)...)
		default:
			to = append(to, string(unicode.ToUpper(r))...)
		}
	}
	return to
}
