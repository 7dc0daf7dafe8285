package versioning

import (
	"cmp"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode"
)

// compareLabels orders the labels after a version's numbers: pairwise, the shorter list first.
func compareLabels(a, b []string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if c := compareLabel(a[i], b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// compareLabel puts numbers before texts. A number beyond 32 bits counts as text, as it does in
// the tools that write these versions.
func compareLabel(a, b string) int {
	n, numA := labelNumber(a)
	m, numB := labelNumber(b)
	switch {
	case numA && numB:
		return cmp.Compare(n, m)
	case numA:
		return -1
	case numB:
		return 1
	}
	return compareFold(a, b)
}

func labelNumber(s string) (int32, bool) {
	if s == "" || s[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 32)
	return int32(n), err == nil
}

// compareFold compares ASCII texts by their upper-case letters.
func compareFold(a, b string) int {
	return cmp.Compare(strings.ToUpper(a), strings.ToUpper(b))
}

// validLabels checks labels joined by dots; with zeros, numbers may start with 0.
func validLabels(s string, zeros bool) bool {
	for label := range strings.SplitSeq(s, ".") {
		if !validLabel(label, zeros) {
			return false
		}
	}
	return true
}

func validLabel(s string, zeros bool) bool {
	if s == "" {
		return false
	}
	for _, r := range s {
		if !isLabelRune(r) {
			return false
		}
	}
	return zeros || len(s) == 1 || s[0] != '0' || strings.Trim(s, "0123456789") != ""
}

func isLabelRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-'
}

// looseLabels are the labels of a text whose separators may be anything but letters and digits.
func looseLabels(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(alphaNumericOnly(s), "-")
}

// alphaNumericOnly puts a hyphen for each UTF-16 unit that is no letter and no number.
func alphaNumericOnly(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r > 0xFFFF:
			b.WriteString("--")
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	return b.String()
}

// The bytes of a sort key: four numbers, then release or not, then labels, then an end.
const (
	keyEnd        = 0x00
	keyNumber     = 0x01
	keyText       = 0x02
	keyPrerelease = 0x01
	keyRelease    = 0x02
)

// appendVersionKey writes the part of a sort key that numbers and labels make.
func appendVersionKey(key []byte, numbers [4]int, labels []string) []byte {
	for _, n := range numbers {
		key = binary.BigEndian.AppendUint32(key, uint32(n))
	}
	if len(labels) == 0 {
		return append(key, keyRelease)
	}
	key = append(key, keyPrerelease)
	return appendLabelsKey(key, labels)
}

func appendLabelsKey(key []byte, labels []string) []byte {
	for _, label := range labels {
		if n, ok := labelNumber(label); ok {
			key = append(key, keyNumber)
			key = binary.BigEndian.AppendUint32(key, uint32(n)^1<<31)
			continue
		}
		key = append(key, keyText)
		key = append(key, strings.ToUpper(label)...)
		key = append(key, keyEnd)
	}
	return append(key, keyEnd)
}

func compareNumbers(a, b [4]int) int {
	for i := range a {
		if c := cmp.Compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}
