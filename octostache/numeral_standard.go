package octostache

import (
	"math"
	"strconv"
	"strings"
)

// maxPrecision is what a standard format may ask for here; more digits than
// that are refused like a format that does not exist.
const maxPrecision = 10_000

// standardFormat splits a letter with up to nine digits.
func standardFormat(format string) (letter byte, precision int, ok bool) {
	if format == "" {
		return 'G', -1, true
	}
	c := format[0] | 0x20
	if c < 'a' || c > 'z' || strings.Trim(format[1:], "0123456789") != "" {
		return 0, 0, false
	}
	if len(format) == 1 {
		return format[0], -1, true
	}
	n, err := strconv.Atoi(format[1:])
	if err != nil {
		n = math.MaxInt32
	}
	return format[0], n, true
}

// format prints n; false if there is no such format for its kind.
func (n *numeral) format(format string) (string, bool) {
	format, _, _ = strings.Cut(format, "\x00") // which ends it
	if n.kind == floatNumeral && (math.IsNaN(n.float) || math.IsInf(n.float, 0)) {
		return formatDouble(n.float), true
	}
	letter, precision, ok := standardFormat(format)
	if !ok {
		if n.kind == floatNumeral {
			n.significant(customFloatDigits)
		}
		return n.custom(format), true
	}
	if precision > maxPrecision {
		return "", false
	}
	switch letter | 0x20 {
	case 'd', 'x', 'b':
		if n.kind == intNumeral {
			return n.integer(letter, precision), true
		}
		return "", false
	case 'r':
		if n.kind == floatNumeral {
			precision = -1
		}
		return n.general(letter-('R'-'E'), precision), true
	case 'g':
		return n.general(letter-('G'-'E'), precision), true
	case 'e':
		return n.exponential(letter, precision), true
	case 'f', 'n', 'c', 'p':
		return n.places(letter|0x20, precision), true
	}
	return "", false
}

func (n *numeral) sign() string {
	if n.negative {
		return "-"
	}
	return ""
}

func (n *numeral) integer(letter byte, precision int) string {
	sign, digits := "", strconv.Itoa(int(n.whole))
	switch letter {
	case 'X':
		digits = strings.ToUpper(strconv.FormatUint(uint64(uint32(n.whole)), 16))
	case 'x':
		digits = strconv.FormatUint(uint64(uint32(n.whole)), 16)
	case 'B', 'b':
		digits = strconv.FormatUint(uint64(uint32(n.whole)), 2)
	default:
		sign, digits = n.sign(), strings.TrimPrefix(digits, "-")
	}
	return sign + strings.Repeat("0", max(0, precision-len(digits))) + digits
}

// general prints with or without an exponent, whichever suits the precision.
func (n *numeral) general(exponent byte, precision int) string {
	plain := false
	switch {
	case n.kind == floatNumeral && precision < 1:
		return strings.Replace(formatDouble(n.float), "E", string(exponent), 1)
	case n.kind == floatNumeral:
		n.significant(precision)
	case n.kind == decimalNumeral && precision < 0:
		plain = true
	case n.kind == intNumeral && precision < 1:
		return n.integer('D', -1)
	default:
		if precision == 0 {
			precision = len(n.digits)
			if n.kind == decimalNumeral {
				precision = decimalMaxScale + 1
			}
		}
		n.round(precision)
	}
	point := n.scale
	scientific := !plain && (point > precision || point < -3)
	if scientific {
		point = 1
	}
	var b strings.Builder
	b.WriteString(n.sign())
	n.writePoint(&b, point, max(0, len(n.digits)-point))
	if scientific {
		writeExponent(&b, exponent, n.scale-1, 2, true)
	}
	return b.String()
}

// writePoint writes point digits, or a zero, and then places behind the point.
func (n *numeral) writePoint(b *strings.Builder, point, places int) {
	for i := range point {
		b.WriteByte(n.digit(i))
	}
	if point <= 0 {
		b.WriteByte('0')
	}
	if places > 0 {
		b.WriteByte('.')
	}
	for i := point; i < point+places; i++ {
		if i < 0 {
			b.WriteByte('0')
		} else {
			b.WriteByte(n.digit(i))
		}
	}
}

func writeExponent(b *strings.Builder, letter byte, exponent, width int, plus bool) {
	b.WriteByte(letter)
	if exponent < 0 {
		b.WriteByte('-')
		exponent = -exponent
	} else if plus {
		b.WriteByte('+')
	}
	digits := strconv.Itoa(exponent)
	b.WriteString(strings.Repeat("0", max(0, width-len(digits))) + digits)
}

func (n *numeral) exponential(letter byte, precision int) string {
	if precision < 0 {
		precision = 6
	}
	if n.kind == floatNumeral {
		n.significant(precision + 1)
	} else {
		n.round(precision + 1)
	}
	exponent := n.scale - 1
	if n.digits == "" {
		exponent = 0
	}
	var b strings.Builder
	b.WriteString(n.sign())
	n.writePoint(&b, 1, precision)
	writeExponent(&b, letter, exponent, 3, true)
	return b.String()
}

// places prints the formats with a count of places: fixed, number, currency and
// percent, as the invariant culture has them.
func (n *numeral) places(letter byte, precision int) string {
	if precision < 0 {
		precision = 2
	}
	shift := 0
	if letter == 'p' {
		shift = 2
	}
	if n.kind == floatNumeral {
		n.fixed(precision + shift)
	}
	if n.digits != "" {
		n.scale += shift
	}
	if n.kind != floatNumeral {
		n.round(n.scale + precision)
	}
	var b strings.Builder
	n.writePoint(&b, n.scale, precision)
	text := b.String()
	if letter != 'f' {
		text = groupThousands(text)
	}
	switch {
	case letter == 'c' && n.negative:
		return "(¤" + text + ")"
	case letter == 'c':
		return "¤" + text
	case letter == 'p':
		text += " %"
	}
	return n.sign() + text
}

func groupThousands(s string) string {
	whole, _, _ := strings.Cut(s, ".")
	var b strings.Builder
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	return b.String() + s[len(whole):]
}
