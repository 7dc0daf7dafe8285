package octostache

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// numeral is a number that is about to be printed: 0.d1d2d3… times ten to the
// power of scale, without leading zeros.
type numeral struct {
	digits   string
	scale    int
	negative bool
	kind     numeralKind
	// float is the number itself for floats, whose digits depend on how many
	// are asked for.
	float float64
	whole int32
}

type numeralKind byte

const (
	decimalNumeral numeralKind = iota
	floatNumeral
	intNumeral
)

const (
	decimalMaxScale = 28
	// customFloatDigits is how many digits of a float custom formats see.
	customFloatDigits = 15
)

// readDecimal reads a decimal of 96 bits with up to 28 places: blanks, a sign in
// front or behind, thousands separators, a point.
func readDecimal(s string) (*numeral, bool) {
	s = trimNumber(s)
	negative := false
	if n := len(s); n > 1 && (s[n-1] == '-' || s[n-1] == '+') && s[0] != '-' && s[0] != '+' {
		negative = s[n-1] == '-'
		s = trimNumber(s[:n-1])
	}
	plain, ok := plainNumber(s, true, false)
	if !ok {
		return nil, false
	}
	negative = negative || plain[0] == '-'
	whole, places, _ := strings.Cut(strings.TrimLeft(plain, "+-"), ".")
	if len(whole)+len(places) > 1000 {
		whole = strings.TrimLeft(whole, "0")
		places = places[:min(len(places), 100)]
		if len(whole) > 100 {
			return nil, false
		}
	}
	m, ok := new(big.Int).SetString(whole+places, 10)
	if !ok {
		return nil, false
	}
	m, scale, ok := fitDecimal(m, len(places))
	if !ok {
		return nil, false
	}
	n := &numeral{kind: decimalNumeral, negative: negative && m.Sign() != 0}
	if m.Sign() != 0 {
		n.digits = m.String()
	}
	n.scale = len(n.digits) - scale
	return n, true
}

// fitDecimal drops places, rounding half to even, until m fits.
func fitDecimal(m *big.Int, scale int) (*big.Int, int, bool) {
	limit := new(big.Int).Lsh(big.NewInt(1), 96)
	for drop := max(0, scale-decimalMaxScale); drop <= scale; drop++ {
		r := roundTens(m, drop)
		if r.Cmp(limit) < 0 {
			return r, scale - drop, true
		}
	}
	return nil, 0, false
}

func roundTens(m *big.Int, drop int) *big.Int {
	if drop == 0 {
		return m
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(drop)), nil)
	q, r := new(big.Int).QuoRem(m, unit, new(big.Int))
	switch c := r.Lsh(r, 1).Cmp(unit); {
	case c > 0, c == 0 && q.Bit(0) == 1:
		q.Add(q, big.NewInt(1))
	}
	return q
}

func readInt(s string) (*numeral, bool) {
	v, ok := parseInt32(s)
	if !ok {
		return nil, false
	}
	n := &numeral{kind: intNumeral, negative: v < 0, whole: int32(v)}
	if v != 0 {
		n.digits = strings.TrimPrefix(strconv.Itoa(v), "-")
	}
	n.scale = len(n.digits)
	return n, true
}

func readFloat(s string) (*numeral, bool) {
	v, ok := parseDouble(s)
	if !ok {
		return nil, false
	}
	return &numeral{kind: floatNumeral, float: v, negative: math.Signbit(v)}, true
}

// significant gives a float n significant digits, the shortest ones if n < 0.
func (n *numeral) significant(count int) {
	n.setFloat(strconv.FormatFloat(math.Abs(n.float), 'e', count-btoi(count > 0), 64))
}

// fixed gives a float its digits up to n places.
func (n *numeral) fixed(places int) {
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(math.Abs(n.float), 'f', places, 64), ".")
	n.scale = len(whole)
	all := whole + fraction
	kept := strings.TrimLeft(all, "0")
	n.scale -= len(all) - len(kept)
	n.digits = strings.TrimRight(kept, "0")
	if n.digits == "" {
		n.scale = 0
	}
}

func (n *numeral) setFloat(s string) {
	mantissa, exponent, _ := strings.Cut(s, "e")
	e, _ := strconv.Atoi(exponent)
	n.digits = strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0")
	n.scale = e + 1
	if n.digits == "" {
		n.scale = 0
	}
}

// round keeps the first count digits, rounding half up.
func (n *numeral) round(count int) {
	kept := n.digits[:max(0, min(count, len(n.digits)))]
	if count >= 0 && count < len(n.digits) && n.digits[count] >= '5' {
		trimmed := strings.TrimRight(kept, "9")
		if trimmed == "" {
			kept = "1"
			n.scale++
		} else {
			last := len(trimmed) - 1
			kept = trimmed[:last] + string(trimmed[last]+1)
		}
	} else {
		kept = strings.TrimRight(kept, "0")
	}
	n.digits = kept
	if kept == "" {
		n.scale = 0
		n.negative = n.negative && n.kind == floatNumeral
	}
}

// digit returns the i-th digit, 0 behind the last.
func (n *numeral) digit(i int) byte {
	if i < len(n.digits) {
		return n.digits[i]
	}
	return '0'
}
