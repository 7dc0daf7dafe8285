package structured

import (
	"math"
	"strconv"
	"strings"
)

// parseDouble reads a number as .NET does without a culture: a sign, digits with commas between them where grouped says
// so, a point, an exponent; white space around it. What is too large is infinite.
func parseDouble(s string, grouped bool) (float64, bool) {
	s = strings.Trim(strings.TrimRight(s, "\x00"), " \t\n\v\f\r")
	sign, rest := "", s
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		sign, rest = rest[:1], rest[1:]
	}
	switch {
	case grouped && strings.EqualFold(rest, "infinity") && sign == "-":
		return math.Inf(-1), true
	case grouped && strings.EqualFold(rest, "infinity"):
		return math.Inf(1), true
	case grouped && strings.EqualFold(rest, "nan"):
		return math.NaN(), true
	}
	number, ok := plainNumber(rest, grouped)
	if !ok {
		return 0, false
	}
	d, err := strconv.ParseFloat(sign+number, 64)
	return d, err == nil || math.IsInf(d, 0)
}

// plainNumber checks digits[.digits][e[sign]digits] and takes the commas out.
func plainNumber(s string, grouped bool) (string, bool) {
	var b strings.Builder
	digits, i := 0, 0
	for ; i < len(s) && (isDigit(s[i]) || grouped && digits > 0 && s[i] == ','); i++ {
		if s[i] != ',' {
			b.WriteByte(s[i])
			digits++
		}
	}
	if i < len(s) && s[i] == '.' {
		b.WriteByte('.')
		for i++; i < len(s) && isDigit(s[i]); i++ {
			b.WriteByte(s[i])
			digits++
		}
	}
	if digits == 0 {
		return "", false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		exponent := strings.TrimLeft(s[i+1:], "+-")
		if len(s)-i-1-len(exponent) > 1 || exponent == "" || strings.Trim(exponent, "0123456789") != "" {
			return "", false
		}
		b.WriteString(s[i:])
		i = len(s)
	}
	return b.String(), i == len(s)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// doubleText writes a double in the fewest digits that read back as it, with a point or an exponent. What is no number
// is a string.
func doubleText(d float64) string {
	switch {
	case math.IsNaN(d):
		return `"NaN"`
	case math.IsInf(d, 1):
		return `"Infinity"`
	case math.IsInf(d, -1):
		return `"-Infinity"`
	}
	// From 10^15 on, and below 10^-4, there is an exponent.
	_, exponent, _ := strings.Cut(strconv.FormatFloat(d, 'e', -1, 64), "e")
	if n, _ := strconv.Atoi(exponent); d != 0 && (n >= 15 || n < -4) {
		return strconv.FormatFloat(d, 'E', -1, 64)
	}
	text := strconv.FormatFloat(d, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
