package octostache

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// momentKind says what a moment knows of its zone.
type momentKind byte

const (
	unzoned   momentKind = iota // no zone: some clock on a wall
	universal                   // UTC
	localized                   // the local zone
	shifted                     // an offset of its own
)

// moment is a date and time. at carries the wall clock and the offset that
// zone specifiers print, whatever the kind.
type moment struct {
	at   time.Time
	kind momentKind
}

func (m moment) offset() string { return m.at.Format("-07:00") }

// standardMoment returns the custom format of a standard one, and whether it
// prints universal time.
func standardMoment(letter byte) (format string, toUTC, ok bool) {
	const date = "dddd, dd MMMM yyyy"
	switch letter {
	case 'd':
		return "MM/dd/yyyy", false, true
	case 'D':
		return date, false, true
	case 'f':
		return date + " HH:mm", false, true
	case 'F':
		return date + " HH:mm:ss", false, true
	case 'g':
		return "MM/dd/yyyy HH:mm", false, true
	case 'G':
		return "MM/dd/yyyy HH:mm:ss", false, true
	case 'm', 'M':
		return "MMMM dd", false, true
	case 'o', 'O':
		return "yyyy-MM-ddTHH:mm:ss.fffffffK", false, true
	case 'r', 'R':
		return "ddd, dd MMM yyyy HH:mm:ss 'GMT'", true, true
	case 's':
		return "yyyy-MM-ddTHH:mm:ss", false, true
	case 't':
		return "HH:mm", false, true
	case 'T':
		return "HH:mm:ss", false, true
	case 'u':
		return "yyyy-MM-dd HH:mm:ss'Z'", true, true
	case 'U':
		return date + " HH:mm:ss", true, true
	case 'y', 'Y':
		return "yyyy MMMM", false, true
	}
	return "", false, false
}

// format prints m by a standard or custom format; false if it is neither.
func (m moment) format(format string) (string, bool) {
	if format == "" {
		format = "G"
		if m.kind == shifted {
			format = "MM/dd/yyyy HH:mm:ss zzz"
		}
	}
	if utf16Len(format) == 1 {
		custom, toUTC, ok := standardMoment(format[0])
		if !ok || format == "U" && m.kind == shifted {
			return "", false
		}
		if toUTC && (m.kind == shifted || format == "U") {
			m = moment{m.at.UTC(), universal}
		}
		format = custom
	}
	return m.custom(format)
}

func (m moment) custom(format string) (string, bool) {
	var b strings.Builder
	ok := m.write(&b, format)
	return b.String(), ok
}

// write prints m by a custom format; false if it is not one.
func (m moment) write(b *strings.Builder, format string) bool {
	for i := 0; i < len(format); {
		c := format[i]
		n := 1
		switch c {
		case '"', '\'':
			text, width, ok := momentLiteral(format[i:])
			if !ok {
				return false
			}
			b.WriteString(text)
			n = width
		case '%': // the next character alone is a format
			if i+1 == len(format) || format[i+1] == '%' {
				return false
			}
			_, width := utf8.DecodeRuneInString(format[i+1:])
			if !m.write(b, format[i+1:i+1+width]) {
				return false
			}
			n += width
		case '\\':
			if i+1 == len(format) {
				return false
			}
			b.WriteByte(format[i+1])
			n = 2
		case 'd', 'f', 'F', 'g', 'h', 'H', 'K', 'm', 'M', 's', 't', 'y', 'z':
			for c != 'K' && i+n < len(format) && format[i+n] == c {
				n++
			}
			if (c == 'f' || c == 'F') && n > 7 {
				return false
			}
			m.field(b, c, n)
		default:
			b.WriteByte(c)
		}
		i += n
	}
	return true
}

// momentLiteral reads a quoted text, in which a backslash escapes.
func momentLiteral(s string) (text string, width int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case s[0]:
			return b.String(), i + 1, true
		case '\\':
			if i++; i == len(s) {
				return "", 0, false
			}
		}
		b.WriteByte(s[i])
	}
	return "", 0, false
}

// field writes the part of m that n times the letter c stands for.
func (m moment) field(b *strings.Builder, c byte, n int) {
	number := func(v int) { fmt.Fprintf(b, "%0*d", min(n, 2), v) }
	switch c {
	case 'd':
		m.day(b, n)
	case 'M':
		m.month(b, n)
	case 'y':
		if n <= 2 {
			number(m.at.Year() % 100)
		} else {
			fmt.Fprintf(b, "%0*d", min(n, maxPrecision), m.at.Year())
		}
	case 'h':
		number((m.at.Hour()+11)%12 + 1)
	case 'H':
		number(m.at.Hour())
	case 'm':
		number(m.at.Minute())
	case 's':
		number(m.at.Second())
	case 'f', 'F':
		m.fraction(b, n, c == 'F')
	case 'g':
		b.WriteString("A.D.")
	case 't':
		b.WriteString(m.at.Format("PM")[:min(n, 2)])
	case 'K':
		switch m.kind {
		case universal:
			b.WriteByte('Z')
		case localized, shifted:
			b.WriteString(m.offset())
		}
	case 'z':
		m.zone(b, n)
	}
}

func (m moment) day(b *strings.Builder, n int) {
	switch name := m.at.Weekday().String(); {
	case n <= 2:
		fmt.Fprintf(b, "%0*d", n, m.at.Day())
	case n == 3:
		b.WriteString(name[:3])
	default:
		b.WriteString(name)
	}
}

func (m moment) month(b *strings.Builder, n int) {
	switch name := m.at.Month().String(); {
	case n <= 2:
		fmt.Fprintf(b, "%0*d", n, int(m.at.Month()))
	case n == 3:
		b.WriteString(name[:3])
	default:
		b.WriteString(name)
	}
}

// fraction writes n digits of the second; optional ones lose zeros at the end,
// and with the last digit the point in front of them.
func (m moment) fraction(b *strings.Builder, n int, optional bool) {
	digits := fmt.Sprintf("%09d", m.at.Nanosecond())[:n]
	if !optional {
		b.WriteString(digits)
		return
	}
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		text := strings.TrimSuffix(b.String(), ".")
		b.Reset()
		b.WriteString(text)
	}
	b.WriteString(digits)
}

func (m moment) zone(b *strings.Builder, n int) {
	offset := m.offset()
	switch {
	case n == 1 && offset[1] == '0':
		b.WriteString(offset[:1] + offset[2:3])
	case n <= 2:
		b.WriteString(offset[:3])
	default:
		b.WriteString(offset)
	}
}
