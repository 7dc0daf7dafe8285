package yamltext

import (
	"fmt"
	"strings"
)

// analysis is in which styles a value can be written.
type analysis struct {
	value                                  []rune
	lines                                  bool
	flowPlain, blockPlain, single, asBlock bool
	quotes                                 bool
}

func isPrintable(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || ' ' <= r && r <= '~' || r == 0x85 || 0xa0 <= r && r <= 0xd7ff || 0xe000 <= r && r <= 0xfffd
}

func (w *writer) analyzeScalar(e *Event) analysis {
	a := analysis{value: []rune(e.Value), flowPlain: true, blockPlain: true, single: true, asBlock: true}
	if e.Value == "" {
		null := e.Tag == "tag:yaml.org,2002:null"
		return analysis{blockPlain: null, single: !null}
	}
	if strings.HasPrefix(e.Value, "---") || strings.HasPrefix(e.Value, "...") {
		a.flowPlain, a.blockPlain = false, false
	}
	special := w.Holds != nil && !w.Holds(e.Value)
	var space, lineBreak, spaceLine, afterSpace bool // of the character before
	last := len(a.value) - 1
	for i, c := range a.value {
		a.indicators(i, c)
		special = special || !isPrintable(c)
		edge := i == 0 || i == last
		switch {
		case c == ' ':
			if edge {
				a.flowPlain, a.blockPlain = false, false
			}
			if i == last {
				a.asBlock = false
			}
			if lineBreak {
				spaceLine = true
				a.flowPlain, a.blockPlain, a.single = false, false, false
			}
			space, lineBreak = true, false
		case isBreak(c):
			a.lines = true
			afterSpace = afterSpace || space
			if spaceLine {
				a.asBlock = false
			}
			space, lineBreak = false, true
		default:
			space, lineBreak, spaceLine = false, false, false
		}
	}
	if a.lines {
		a.flowPlain, a.blockPlain = false, false
	}
	if afterSpace || special {
		a.flowPlain, a.blockPlain, a.single = false, false, false
	}
	return a
}

// indicators looks for characters that would mean something in a plain scalar.
func (a *analysis) indicators(i int, c rune) {
	next := i+1 >= len(a.value) || isBlankBreakOrEnd(a.value[i+1])
	if c == '\'' {
		a.quotes = true
	}
	if i == 0 {
		switch {
		case strings.ContainsRune("#,[]{}&*!|>\"%@`'", c), c == '-' && next:
			a.flowPlain, a.blockPlain = false, false
		case c == '?' || c == ':':
			a.flowPlain = false
			a.blockPlain = a.blockPlain && !next
		}
		return
	}
	switch {
	case strings.ContainsRune(",?[]{}", c):
		a.flowPlain = false
	case c == ':':
		a.flowPlain = false
		a.blockPlain = a.blockPlain && !next
	case c == '#' && isBlankBreakOrEnd(a.value[i-1]):
		a.flowPlain, a.blockPlain = false, false
	}
}

// style is the one nearest to what is asked for that can hold the value.
func (w *writer) style(e *Event) (Style, error) {
	a, style := &w.scalar, e.Style
	untagged := w.tagHandle == ""
	if untagged && !e.Implicit && !e.QuotedImplicit {
		return 0, fmt.Errorf("%w: a value has neither a tag nor a style that tells one", ErrOrder)
	}
	if w.inKey && a.lines {
		style = DoubleQuoted
	}
	if style == Plain {
		if w.flow > 0 && !a.flowPlain || w.flow == 0 && !a.blockPlain {
			style = DoubleQuoted
			if a.single && !a.quotes {
				style = SingleQuoted
			}
		}
		if len(a.value) == 0 && (w.flow > 0 || w.inKey) || untagged && !e.Implicit {
			style = SingleQuoted
		}
	}
	if style == SingleQuoted && !a.single || style >= Literal && (!a.asBlock || w.flow > 0 || w.inKey) {
		style = DoubleQuoted
	}
	return style, nil
}

func (w *writer) writeScalar(style Style) {
	switch style {
	case Plain:
		if !w.blank {
			w.write(" ")
		}
		w.broken(w.scalar.value, 0)
	case SingleQuoted:
		w.indicator("'", true, false, false)
		w.broken(w.scalar.value, '\'')
		w.indicator("'", false, false, false)
	case DoubleQuoted:
		w.doubleQuoted(w.scalar.value)
	case Literal:
		w.block("|", w.scalar.value)
	case Folded:
		w.block(">", w.scalar.value)
		return
	}
	if style != Literal {
		w.blank, w.indented = false, false
	}
}

// broken writes a scalar whose line breaks are doubled; the quote as well.
func (w *writer) broken(value []rune, quote rune) {
	before := false
	for _, c := range value {
		if isBreak(c) {
			if !before && c == '\n' {
				w.newLine('\n')
			}
			w.newLine(c)
			w.indented, before = true, true
			continue
		}
		if c == ' ' {
			w.write(" ")
			continue
		}
		if before {
			w.lineIndent()
		}
		if c == quote {
			w.writeRune(c)
		}
		w.writeRune(c)
		w.indented, before = false, false
	}
}

func (w *writer) doubleQuoted(value []rune) {
	const codes, values = "0abtnvfre\"\\N_LP", "\x00\x07\x08\t\n\v\f\r\x1b\"\\\u0085\u00a0\u2028\u2029"
	w.indicator(`"`, true, false, false)
	for _, c := range value {
		if isPrintable(c) && !isBreak(c) && c != '"' && c != '\\' {
			w.writeRune(c)
			continue
		}
		at := -1
		for i, v := range []rune(values) {
			if v == c {
				at = i
			}
		}
		switch {
		case at >= 0:
			w.write(`\` + codes[at:at+1])
		case c <= 0xff:
			w.write(fmt.Sprintf(`\x%02X`, c))
		case c > 0xffff:
			w.write(fmt.Sprintf(`\U%08X`, c))
		default:
			w.write(fmt.Sprintf(`\u%04X`, c))
		}
	}
	w.indicator(`"`, false, false, false)
}

// block writes a literal or a folded scalar.
func (w *writer) block(sign string, value []rune) {
	w.indicator(sign, true, false, false)
	w.hints(value)
	w.newLine('\n')
	w.blank, w.indented = true, true
	before, leading := true, true
	for i, c := range value {
		if c == '\r' && i+1 < len(value) && value[i+1] == '\n' {
			continue
		}
		if isBreak(c) {
			if sign == ">" && !before && !leading && c != 0x2028 && c != 0x2029 && startsText(value[i:]) {
				w.newLine('\n')
			}
			w.newLine(c)
			w.indented, before = true, true
			continue
		}
		if before {
			w.lineIndent()
			leading = isBlank(c)
		}
		w.writeRune(c)
		w.indented, before = false, false
	}
}

// startsText tells whether a line that does not begin with white space follows the line breaks.
func startsText(value []rune) bool {
	for _, c := range value {
		if !isBreak(c) {
			return !isBlank(c)
		}
	}
	return false
}

func (w *writer) hints(value []rune) {
	if len(value) > 0 && (value[0] == ' ' || isBreak(value[0])) {
		w.indicator(fmt.Sprint(w.Indent), false, false, false)
	}
	switch n := len(value); {
	case n == 0 || !isBreak(value[n-1]):
		w.indicator("-", false, false, false)
	case n > 1 && isBreak(value[n-2]):
		w.indicator("+", false, false, false)
	}
}
