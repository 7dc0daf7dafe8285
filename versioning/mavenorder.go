package versioning

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// mavenItem is a number (digits), a qualifier, or a list of items after a hyphen.
type mavenItem struct {
	kind mavenKind
	text string // digits without leading zeros, or the qualifier
	list mavenList
}

type mavenKind int

const (
	mavenQualifier mavenKind = iota
	mavenSublist
	mavenNumber
)

type mavenList []mavenItem

// The qualifiers that Maven knows, in their order; the empty one is the release itself.
func mavenQualifiers() []string {
	return []string{"alpha", "beta", "milestone", "rc", "snapshot", "", "sp"}
}

const mavenRank = 5 // of the empty qualifier

// mavenReader takes a version apart. The open lists are a stack: a hyphen between numbers
// opens one that stays open to the end.
type mavenReader struct {
	open  []mavenList
	start int
	digit bool
}

func parseMavenItems(version string) mavenList {
	s := mavenLower(version)
	r := mavenReader{open: []mavenList{nil}}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '.':
			r.end(s[r.start:i], i == r.start)
			r.start = i + 1
		case c == '-':
			r.end(s[r.start:i], i == r.start)
			r.start = i + 1
			if r.digit {
				r.trim()
				if i+1 < len(s) && isDigit(s[i+1]) {
					r.open = append(r.open, nil)
				}
			}
		case isDigit(c):
			if !r.digit && i > r.start {
				r.add(qualifier(s[r.start:i], true))
				r.start = i
			}
			r.digit = true
		default:
			if r.digit && i > r.start {
				r.add(number(s[r.start:i]))
				r.start = i
			}
			r.digit = false
		}
	}
	if r.start < len(s) {
		r.end(s[r.start:], false)
	}
	return r.close()
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (r *mavenReader) add(it mavenItem) {
	top := len(r.open) - 1
	r.open[top] = append(r.open[top], it)
}

// end adds what stands before a separator; nothing there counts as zero.
func (r *mavenReader) end(text string, empty bool) {
	switch {
	case empty:
		r.add(number("0"))
	case r.digit:
		r.add(number(text))
	default:
		r.add(qualifier(text, false))
	}
}

// trim drops what means nothing from the end of the list on top.
func (r *mavenReader) trim() {
	top := len(r.open) - 1
	r.open[top] = trimMaven(r.open[top])
}

func (r *mavenReader) close() mavenList {
	for top := len(r.open) - 1; top > 0; top-- {
		r.open[top-1] = append(r.open[top-1], mavenItem{kind: mavenSublist, list: trimMaven(r.open[top])})
	}
	return trimMaven(r.open[0])
}

func trimMaven(l mavenList) mavenList {
	for len(l) > 0 && l[len(l)-1].null() {
		l = l[:len(l)-1]
	}
	return l
}

// mavenLower leaves the dotted capital I alone, as an invariant culture does.
func mavenLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 'İ' {
			return r
		}
		return []rune(strings.ToLower(string(r)))[0]
	}, s)
}

func number(digits string) mavenItem {
	return mavenItem{kind: mavenNumber, text: strings.TrimLeft(digits, "0")}
}

// qualifier knows the short forms: a1, b1, m1, ga, final, cr.
func qualifier(text string, beforeDigit bool) mavenItem {
	if beforeDigit {
		switch text {
		case "a":
			text = "alpha"
		case "b":
			text = "beta"
		case "m":
			text = "milestone"
		}
	}
	switch text {
	case "ga", "final":
		text = ""
	case "cr":
		text = "rc"
	}
	return mavenItem{kind: mavenQualifier, text: text}
}

func (it mavenItem) null() bool {
	return it.text == "" && len(it.list) == 0
}

// rank is the place of a qualifier among the known ones, or after them.
func (it mavenItem) rank() int {
	known := mavenQualifiers()
	if i := slices.Index(known, it.text); i >= 0 {
		return i
	}
	return len(known)
}

func compareMavenLists(a, b mavenList) int {
	for i := 0; i < len(a) || i < len(b); i++ {
		var c int
		switch {
		case i >= len(a):
			c = -b[i].compareToNothing()
		case i >= len(b):
			c = a[i].compareToNothing()
		default:
			c = a[i].compare(b[i])
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// compareToNothing compares with the end of the other version.
func (it mavenItem) compareToNothing() int {
	switch {
	case it.null():
		return 0
	case it.kind == mavenQualifier:
		return cmp.Compare(it.rank(), mavenRank)
	case it.kind == mavenSublist:
		return it.list[0].compareToNothing()
	}
	return 1
}

// compare puts qualifiers before lists before numbers.
func (it mavenItem) compare(o mavenItem) int {
	if it.kind != o.kind {
		return cmp.Compare(it.kind, o.kind)
	}
	switch it.kind {
	case mavenNumber:
		return compareDigits(it.text, o.text)
	case mavenSublist:
		return compareMavenLists(it.list, o.list)
	}
	if c := cmp.Compare(it.rank(), o.rank()); c != 0 || it.rank() < len(mavenQualifiers()) {
		return c
	}
	return compareWords(it.text, o.text)
}

// compareWords orders unknown qualifiers as a dictionary does: accents, punctuation and characters
// without a shape count less than letters.
func compareWords(a, b string) int {
	if plain(a) && plain(b) {
		return cmp.Compare(a, b)
	}
	return collate.New(language.Und).CompareString(a, b)
}

func plain(s string) bool { return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == "" }

// String gives the items in parentheses: (1,2,(4,beta)).
func (l mavenList) String() string {
	texts := make([]string, len(l))
	for i, it := range l {
		switch {
		case it.kind == mavenSublist:
			texts[i] = it.list.String()
		case it.kind == mavenNumber && it.text == "":
			texts[i] = "0"
		default:
			texts[i] = it.text
		}
	}
	return "(" + strings.Join(texts, ",") + ")"
}
