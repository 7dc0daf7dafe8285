package structured

import "unicode/utf8"

// jsonWriter lays a document out anew: two spaces a level, one value a line.
type jsonWriter struct {
	out    []byte
	end    string
	indent int
}

func (w *jsonWriter) line() {
	w.out = append(w.out, w.end...)
	for range w.indent {
		w.out = append(w.out, ' ', ' ')
	}
}

func (w *jsonWriter) value(n *jsonNode) {
	switch n.kind {
	case jsonString:
		w.quote(n.text)
	case jsonObject:
		w.out = append(w.out, '{')
		w.indent++
		for i := range n.members {
			if i > 0 {
				w.out = append(w.out, ',')
			}
			w.line()
			w.quote(n.members[i].name)
			w.out = append(w.out, ": "...)
			w.value(n.members[i].value)
		}
		w.close('}', len(n.members) > 0)
	case jsonArray:
		w.out = append(w.out, '[')
		w.items(n.items)
		w.close(']', len(n.items) > 0)
	case jsonConstructor:
		w.out = append(append(append(w.out, "new "...), n.text...), '(')
		w.items(n.items)
		w.close(')', true)
	default:
		w.out = append(w.out, n.text...)
	}
}

func (w *jsonWriter) items(items []*jsonNode) {
	w.indent++
	for i, item := range items {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.line()
		w.value(item)
	}
}

func (w *jsonWriter) close(bracket byte, lines bool) {
	w.indent--
	if lines {
		w.line()
	}
	w.out = append(w.out, bracket)
}

func (w *jsonWriter) quote(s string) {
	const hex = "0123456789abcdef"
	w.out = append(w.out, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == 0x85 || r == 0x2028 || r == 0x2029 {
				w.out = append(append(w.out, s[start:i]...), '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
				start = i + size
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		w.out = append(w.out, s[start:i]...)
		switch c {
		case '"', '\\':
			w.out = append(w.out, '\\', c)
		case '\b':
			w.out = append(w.out, '\\', 'b')
		case '\t':
			w.out = append(w.out, '\\', 't')
		case '\n':
			w.out = append(w.out, '\\', 'n')
		case '\f':
			w.out = append(w.out, '\\', 'f')
		case '\r':
			w.out = append(w.out, '\\', 'r')
		default:
			w.out = append(w.out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	w.out = append(append(w.out, s[start:]...), '"')
}
