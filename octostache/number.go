package octostache

import (
	"math"
	"strconv"
	"strings"
)

// formatDouble prints the shortest decimal that reads back as v: without an
// exponent from 1E-5 (exclusive) to 1E+17.
func formatDouble(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	case v == 0:
		if math.Signbit(v) {
			return "-0"
		}
		return "0"
	}
	s := strconv.FormatFloat(v, 'E', -1, 64)
	mantissa, exponent, _ := strings.Cut(s, "E")
	exp, _ := strconv.Atoi(exponent)
	if exp >= 17 || exp < -4 {
		sign := "+"
		if exp < 0 {
			sign, exp = "-", -exp
		}
		digits := strconv.Itoa(exp)
		if len(digits) < 2 {
			digits = "0" + digits
		}
		return mantissa + "E" + sign + digits
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// isNumberSpace is the white space that may surround a number.
func isNumberSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func trimNumber(s string) string {
	for len(s) > 0 && isNumberSpace(s[0]) {
		s = s[1:]
	}
	s = strings.TrimRight(s, "\x00")
	for len(s) > 0 && isNumberSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// parseDouble reads the number of a variable: blanks around it, a sign in front,
// thousands separators, a fraction, an exponent; Infinity and NaN.
func parseDouble(s string) (float64, bool) { return parseFloatStyle(s, true) }

func parseFloatStyle(s string, thousands bool) (float64, bool) {
	s = trimNumber(s)
	switch {
	case equalFold(s, "NaN"), equalFold(s, "-NaN"), equalFold(s, "+NaN"):
		return math.NaN(), true
	case equalFold(s, "Infinity"), equalFold(s, "+Infinity"):
		return math.Inf(1), true
	case equalFold(s, "-Infinity"):
		return math.Inf(-1), true
	}
	plain, ok := plainNumber(s, thousands, true)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(plain, 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, false
	}
	return v, true
}

// plainNumber checks [sign] digits [. digits] [E exponent] and drops thousands
// separators, which may stand anywhere between or behind whole digits.
func plainNumber(s string, thousands, exponent bool) (string, bool) {
	var b strings.Builder
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		b.WriteByte(s[i])
		i++
	}
	count := 0
	point := false
loop:
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			count++
			b.WriteByte(c)
		case c == '.' && !point:
			point = true
			b.WriteByte(c)
		case c == ',' && thousands && count > 0 && !point:
		default:
			break loop
		}
	}
	if count == 0 {
		return "", false
	}
	if i < len(s) && exponent && (s[i] == 'e' || s[i] == 'E') {
		tail := s[i+1:]
		body := strings.TrimLeft(tail, "0123456789")
		if len(tail) > 0 && (tail[0] == '+' || tail[0] == '-') {
			body = strings.TrimLeft(tail[1:], "0123456789")
		}
		if body != "" || tail == "" || !('0' <= tail[len(tail)-1] && tail[len(tail)-1] <= '9') {
			return "", false
		}
		b.WriteString(s[i:])
		i = len(s)
	}
	return b.String(), i == len(s)
}
