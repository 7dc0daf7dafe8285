package octostache

import (
	"strings"
	"unicode/utf8"
)

// picture is what a section of a custom format asks for.
type picture struct {
	digitCount int // places for digits
	point      int // how many of them stand before the point, -1 without one
	first      int // the first 0, -1 without one
	last       int // behind the last 0
	scientific bool
	thousands  bool
	shift      int // powers of ten from %, ‰ and trailing commas
}

// formatSections cuts a custom format at the semicolons outside quotes.
func formatSections(format string) []string {
	var sections []string
	start := 0
	for i := 0; i < len(format); i++ {
		switch format[i] {
		case '\\':
			i++
		case '"', '\'':
			if n := strings.IndexByte(format[i+1:], format[i]); n >= 0 {
				i += n + 1
			} else {
				i = len(format)
			}
		case ';':
			sections = append(sections, format[start:i])
			start = i + 1
		}
	}
	return append(sections, format[min(start, len(format)):])
}

// section picks the section for positive (0), negative (1) or zero (2) numbers.
func section(sections []string, which int) (string, int) {
	if which < len(sections) && sections[which] != "" {
		return sections[which], which
	}
	return sections[0], 0
}

// exponentAt reports whether the E at i begins an exponent, and where that ends.
func exponentAt(format string, i int) (end int, ok bool) {
	j := i + 1
	if j < len(format) && (format[j] == '+' || format[j] == '-') {
		j++
	}
	start := j
	for j < len(format) && format[j] == '0' {
		j++
	}
	return j, j > start
}

func readPicture(format string) picture {
	p := picture{point: -1, first: -1}
	comma, commas := -1, 0
	for i := 0; i < len(format); {
		c, w := utf8.DecodeRuneInString(format[i:])
		switch c {
		case '#':
			p.digitCount++
		case '0':
			if p.first < 0 {
				p.first = p.digitCount
			}
			p.digitCount++
			p.last = p.digitCount
		case '.':
			if p.point < 0 {
				p.point = p.digitCount
			}
		case ',':
			if p.digitCount > 0 && p.point < 0 {
				if comma == p.digitCount {
					commas++
				} else {
					p.thousands = p.thousands || comma >= 0
					comma, commas = p.digitCount, 1
				}
			}
		case '%':
			p.shift += 2
		case '‰':
			p.shift += 3
		case '"', '\'', '\\':
			_, w = quotedLiteral(format[i:])
		case 'E', 'e':
			if end, ok := exponentAt(format, i); ok {
				p.scientific = true
				w = end - i
			}
		}
		i += w
	}
	if p.point < 0 {
		p.point = p.digitCount
	}
	if comma == p.point {
		p.shift -= commas * 3
	} else if comma >= 0 {
		p.thousands = true
	}
	return p
}

// quotedLiteral reads a quoted text or an escaped character; an open quote goes
// to the end.
func quotedLiteral(s string) (text string, width int) {
	if s[0] == '\\' {
		_, w := utf8.DecodeRuneInString(s[1:])
		return s[1 : 1+w], 1 + w
	}
	if n := strings.IndexByte(s[1:], s[0]); n >= 0 {
		return s[1 : 1+n], n + 2
	}
	return s[1:], len(s)
}

// custom prints n by a custom format.
func (n *numeral) custom(format string) string {
	sections := formatSections(format)
	which := btoi(n.negative)
	if n.digits == "" {
		which = 2
	}
	text, index := section(sections, which)
	p := readPicture(text)
	if n.digits == "" {
		n.zero()
	} else {
		n.scale += p.shift
		n.round(n.digitsFor(&p))
		if n.digits == "" {
			if zero, i := section(sections, 2); i != index {
				text, index = zero, i
				p = readPicture(text)
			}
			n.zero()
		}
	}
	w := &pictureWriter{numeral: n, picture: p, format: text}
	w.begin()
	if n.negative && index == 0 && n.scale != 0 {
		w.b.WriteByte('-')
	}
	w.write()
	out := w.b.String()
	if n.negative && index == 0 && n.scale == 0 && out != "" {
		out = "-" + out
	}
	return out
}

func (n *numeral) digitsFor(p *picture) int {
	if p.scientific {
		return p.digitCount
	}
	return n.scale + p.digitCount - p.point
}

func (n *numeral) zero() {
	n.scale = 0
	n.negative = n.negative && n.kind == floatNumeral
}

// pictureWriter fills the places of a picture from left to right.
type pictureWriter struct {
	*numeral
	picture
	format string
	b      strings.Builder
	next   int // digit to be written
	// place counts the places down: 1 is the one before the point.
	place  int
	adjust int // digits more (or fewer, if negative) than places before the point
	// zerosFrom and zerosTo are between which places a missing digit is a zero.
	zerosFrom, zerosTo int
	dotted             bool
}

func (w *pictureWriter) begin() {
	if w.first >= 0 {
		w.zerosFrom = max(0, w.point-w.first)
	}
	w.zerosTo = min(0, w.point-w.last)
	w.place = w.point
	if !w.scientific {
		w.place = max(w.scale, w.point)
		w.adjust = w.scale - w.point
	}
}

func (w *pictureWriter) put(c byte) {
	w.b.WriteByte(c)
	if w.thousands && w.place > 1 && (w.place-1)%3 == 0 {
		w.b.WriteByte(',')
	}
}

// surplus writes the digits for which there is no place, before the first one.
func (w *pictureWriter) surplus() {
	for ; w.adjust > 0; w.adjust-- {
		w.put(w.digit(w.next))
		w.next++
		w.place--
	}
}

func (w *pictureWriter) digitPlace() {
	w.surplus()
	switch {
	case w.adjust < 0:
		w.adjust++
		if w.place <= w.zerosFrom {
			w.put('0')
		}
	case w.next < len(w.digits):
		w.put(w.digits[w.next])
		w.next++
	case w.place > w.zerosTo:
		w.put('0')
	}
	w.place--
}

func (w *pictureWriter) dot() {
	w.surplus()
	if w.place == 0 && !w.dotted && (w.zerosTo < 0 || w.point < w.digitCount && w.next < len(w.digits)) {
		w.b.WriteByte('.')
		w.dotted = true
	}
}

func (w *pictureWriter) write() {
	for i := 0; i < len(w.format); {
		c, width := utf8.DecodeRuneInString(w.format[i:])
		switch c {
		case '#', '0':
			w.digitPlace()
		case '.':
			w.dot()
		case ',':
		case '"', '\'', '\\':
			var text string
			text, width = quotedLiteral(w.format[i:])
			w.b.WriteString(text)
		case 'E', 'e':
			width = w.exponent(i)
		default:
			w.b.WriteString(w.format[i : i+width])
		}
		i += width
	}
}

// exponent writes the exponent whose E stands at i, only the first time.
func (w *pictureWriter) exponent(i int) int {
	end, ok := exponentAt(w.format, i)
	if !w.scientific || !ok {
		w.b.WriteString(w.format[i:max(end, i+1)])
		return max(end, i+1) - i
	}
	spec := w.format[i+1 : end]
	zeros := strings.TrimLeft(spec, "+-")
	value := 0
	if w.digits != "" {
		value = w.scale - w.point
	}
	writeExponent(&w.b, w.format[i], value, min(len(zeros), 10), spec[0] == '+')
	w.scientific = false
	return end - i
}
