package yamltext

import (
	"fmt"
	"strings"
)

func (w *writer) increase(flow, indentless bool) {
	w.indents = append(w.indents, w.indent)
	switch {
	case w.indent < 0 && flow:
		w.indent = w.Indent
	case w.indent < 0:
		w.indent = 0
	case !indentless:
		w.indent += w.Indent
	}
}

func (w *writer) decrease() {
	w.indent = w.indents[len(w.indents)-1]
	w.indents = w.indents[:len(w.indents)-1]
}

func (w *writer) write(text string) {
	w.out.WriteString(text)
	for _, r := range text {
		w.column++
		if r > 0xffff {
			w.column++
		}
	}
}

func (w *writer) writeRune(r rune) {
	w.out.WriteRune(r)
	w.column++
	if r > 0xffff {
		w.column++
	}
}

func (w *writer) newLine(r rune) {
	if r == 0x2028 || r == 0x2029 {
		w.out.WriteRune(r)
	} else {
		w.out.WriteString(w.LineEnd)
	}
	w.column = 0
}

func (w *writer) indicator(text string, space, blank, indented bool) {
	if space && !w.blank {
		w.write(" ")
	}
	w.write(text)
	w.blank = blank
	w.indented = w.indented && indented
}

// lineIndent goes to the indentation, on a new line where this one has something on it.
func (w *writer) lineIndent() {
	indent := max(w.indent, 0)
	if !w.indented || w.column > indent || w.column == indent && !w.blank {
		w.newLine('\n')
	}
	if w.column < indent {
		w.write(strings.Repeat(" ", indent-w.column))
	}
	w.blank, w.indented = true, true
}

func (w *writer) word(text string) {
	if !w.blank {
		w.write(" ")
	}
	w.write(text)
	w.blank, w.indented = false, false
}

func (w *writer) writeAnchor(sign string) {
	if w.anchor != "" {
		w.indicator(sign, true, false, false)
		w.write(w.anchor)
		w.blank, w.indented = false, false
	}
}

func (w *writer) writeTag() {
	if w.tagHandle == "" {
		return
	}
	w.word(w.tagHandle)
	if w.tagSuffix != "" {
		w.write(percent(w.tagSuffix))
	}
}

// percent writes what a tag cannot hold by its octets.
func percent(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if isWord(rune(c)) || c < 0x80 && strings.IndexByte(`;?@=$~\)]/:&+,.*([!`, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
