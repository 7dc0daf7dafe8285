package ocl

import (
	"math/big"
	"strconv"
	"strings"
)

// Value is what an attribute holds: [Null], [Bool], [Int], [Decimal], [Float],
// [String], [Quoted], [Heredoc], [List] or [Dictionary]. [Parse] makes no Float and
// no Uint; its Int has 32 bits, its lists hold strings, integers or decimals.
type Value interface{ isValue() }

// Null is the absent value.
type Null struct{}

// Bool is true or false.
type Bool bool

// Int is a signed integer.
type Int int64

// Uint is an unsigned integer, for numbers that no Int holds.
type Uint uint64

// Float is a number in binary floating point, 32 or 64 bits wide.
type Float struct {
	Value float64
	Bits  int
}

// Decimal is a number in decimal notation, whose trailing zeros count. Make it
// with [ParseDecimal], or of digits with at most one point.
type Decimal string

// String is text in quotes; with a line end in it, it is written as a heredoc.
type String string

// Quoted is text in quotes whatever is in it; [Parse] makes a String of it.
type Quoted string

// Heredoc is text over several lines between two tags.
type Heredoc struct {
	Text string
	Tag  string
	// Indented text is written deeper than its attribute, and the indent that all
	// lines and the tag have is no part of it.
	Indented bool
}

// List is a list of values, in a parsed document all of one kind.
type List []Value

// Dictionary is a list of keys with values. [Parse] keeps the order of the
// text, [Format] sorts.
type Dictionary []Entry

// Entry is a key of a dictionary and its value.
type Entry struct {
	Key   string
	Value Value
}

func (Null) isValue()       {}
func (Bool) isValue()       {}
func (Int) isValue()        {}
func (Uint) isValue()       {}
func (Float) isValue()      {}
func (Decimal) isValue()    {}
func (String) isValue()     {}
func (Quoted) isValue()     {}
func (Heredoc) isValue()    {}
func (List) isValue()       {}
func (Dictionary) isValue() {}

// text is what the number is written as: the shortest digits that read back,
// with an exponent for what is very large or very small.
func (f Float) text() string {
	s := strconv.FormatFloat(f.Value, 'e', -1, max(f.Bits, 32))
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok {
		return strings.Replace(strings.TrimPrefix(s, "+"), "Inf", "Infinity", 1)
	}
	n, _ := strconv.Atoi(exponent)
	most := 17
	if f.Bits == 32 {
		most = 9
	}
	if n > -5 && n < most {
		return strconv.FormatFloat(f.Value, 'f', -1, max(f.Bits, 32))
	}
	return mantissa + "E" + exponent
}

// maxDecimal is the largest number that 96 bits hold.
func maxDecimal() *big.Int {
	return new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 96), big.NewInt(1))
}

// maxScale is how many digits a decimal may have behind the point.
const maxScale = 28

// ParseDecimal reads digits with an optional sign and point. As the original
// does, it keeps what fits in 96 bits with 28 digits behind the point, rounding
// half to even. ok is false for other text, and for numbers that are too large.
func ParseDecimal(s string) (d Decimal, ok bool) {
	negative := strings.HasPrefix(s, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if whole == "" || strings.Trim(whole+fraction, "0123456789") != "" || len(digits)-len(fraction) > 29 {
		return "", false
	}
	// 96 bits hold 29 digits at most: what is behind the 30th only rounds.
	scale := len(fraction)
	digits = "0" + digits
	cut := 0
	for {
		if kept, ok := round(digits, cut); ok && scale-cut <= maxScale {
			return place(kept, scale-cut, negative), true
		}
		if cut++; cut > scale {
			return "", false
		}
		cut = max(cut, scale-maxScale, min(len(digits)-30, scale))
	}
}

// round drops the last digits, half to even; ok is false when what is left does
// not fit.
func round(digits string, drop int) (string, bool) {
	if drop >= len(digits) {
		return "0", true
	}
	kept, rest := digits[:len(digits)-drop], digits[len(digits)-drop:]
	n, ok := new(big.Int).SetString(kept, 10)
	if !ok {
		return "", false
	}
	if rest != "" {
		half := "5" + strings.Repeat("0", len(rest)-1)
		if rest > half || rest == half && n.Bit(0) == 1 {
			n.Add(n, big.NewInt(1))
		}
	}
	return n.String(), n.Cmp(maxDecimal()) <= 0
}

// place puts the point.
func place(digits string, scale int, negative bool) Decimal {
	for len(digits) <= scale {
		digits = "0" + digits
	}
	if scale > 0 {
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if negative && strings.Trim(digits, "0.") != "" {
		digits = "-" + digits
	}
	return Decimal(digits)
}
