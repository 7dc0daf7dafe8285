package octostache

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// toUpper and toLower map one character at a time, without a language; the
// dotless and the dotted i have no partner.
func toUpper(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 'ı' {
			return r
		}
		return unicode.ToUpper(r)
	}, s)
}

func toLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 'İ' {
			return r
		}
		return unicode.ToLower(r)
	}, s)
}

func attach(behind bool, in string, options []string) Value {
	if len(options) == 0 {
		return Null()
	}
	text := strings.Join(options, "")
	if behind {
		return Text(in + text)
	}
	return Text(text + in)
}

func compare(name, in string, options []string) Value {
	if len(options) != 1 {
		return Null()
	}
	test := strings.Contains
	switch name {
	case "STARTSWITH":
		test = strings.HasPrefix
	case "ENDSWITH":
		test = strings.HasSuffix
	}
	return boolText(test(in, options[0]))
}

func boolText(b bool) Value { return Text(strconv.FormatBool(b)) }

// unitSlice cuts s by UTF-16 code units. Half a surrogate pair becomes U+FFFD.
func unitSlice(s string, from, to int) string {
	if isASCII(s) {
		return s[from:to]
	}
	return string(utf16.Decode(utf16.Encode([]rune(s))[from:to]))
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// substring takes a length, or a start and a length.
func substring(in string, options []string) (Value, error) {
	if len(options) != 1 && len(options) != 2 {
		return Null(), nil
	}
	var numbers [2]int
	for i, o := range options {
		n, ok := parseInt32(o)
		if !ok || n < 0 {
			return Null(), nil
		}
		numbers[2-len(options)+i] = n
	}
	start, length := numbers[0], numbers[1]
	size := utf16Len(in)
	if start > size {
		return Null(), nil
	}
	if start+length > maxInt32 {
		return Null(), &FilterError{"Substring", "start and length together are beyond 2147483647"}
	}
	return Text(unitSlice(in, start, min(start+length, size))), nil
}

const maxInt32 = 1<<31 - 1

// truncate takes a length and the text that marks a cut.
func truncate(in string, options []string) Value {
	if len(options) == 0 {
		return Null()
	}
	n, ok := parseInt32(options[0])
	if !ok || n < 0 {
		return Null()
	}
	mark := "..."
	if len(options) > 1 {
		mark = options[1]
	}
	if n >= utf16Len(in) {
		return Text(in)
	}
	return Text(unitSlice(in, 0, n) + mark)
}

func trim(in string, options []string) Value {
	switch {
	case len(options) == 0:
		return Text(strings.TrimSpace(in))
	case equalFold(options[0], "start"):
		return Text(strings.TrimLeftFunc(in, unicode.IsSpace))
	case equalFold(options[0], "end"):
		return Text(strings.TrimRightFunc(in, unicode.IsSpace))
	}
	return Null()
}

// indent puts a text in front of the first line, and one in front of the
// others. A single option may be a count of blanks, or two: first/others.
func (e *evaluation) indent(in string, options []string) (Value, error) {
	if in == "" {
		return Text(""), nil
	}
	first, others := "    ", "    "
	switch len(options) {
	case 0:
	case 1:
		first, others = indentTexts(options[0])
	case 2:
		first, others = options[0], options[1]
	default:
		return Null(), nil
	}
	if err := e.produce(strings.Count(in, "\n") * len(others)); err != nil {
		return Null(), err
	}
	return Text(first + strings.ReplaceAll(in, "\n", "\n"+others)), nil
}

func indentTexts(option string) (first, others string) {
	one := regexp.MustCompile(`^([0-9]{1,3})\n?$`).FindStringSubmatch(option)
	two := regexp.MustCompile(`^([0-9]{1,3})?/([0-9]{1,3})\n?$`).FindStringSubmatch(option)
	counts := []string{"", option, option}
	switch {
	case one != nil:
		counts[1], counts[2] = one[1], one[1]
	case two != nil:
		counts[1], counts[2] = two[1], two[2]
	default:
		return option, option
	}
	a, b := blanks(counts[1]), blanks(counts[2])
	if a < 0 || b < 0 {
		return option, option
	}
	return strings.Repeat(" ", a), strings.Repeat(" ", b)
}

// blanks reads a count from 0 to 255, -1 if it is beyond.
func blanks(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 8)
	if err != nil {
		return -1
	}
	return int(n)
}
