package octostache

import (
	"strconv"
	"time"
	"unicode"

	"github.com/dlclark/regexp2"
)

// matching is one run of a pattern over a text, within the time that is left.
type matching struct {
	e      *evaluation
	rx     *regexp2.Regexp
	units  []rune
	folded []rune // what the engine reads: as long as units
	// behind is rx without a \G that can match: after a match of nothing the
	// next one begins one character on, and so not where the last one ended.
	// It is nil where rx has none.
	behind *regexp2.Regexp
}

// next finds the match after m, or the first.
func (r *matching) next(m *regexp2.Match) (*regexp2.Match, error) {
	start := time.Now()
	defer func() { r.e.matching += time.Since(start) }()
	rx := r.rx
	if m != nil && m.Length == 0 && r.behind != nil {
		rx = r.behind
	}
	rx.MatchTimeout = r.e.config.Limits.RegexpTime - r.e.matching
	if rx.MatchTimeout <= 0 {
		return nil, r.e.regexpTime()
	}
	var err error
	switch {
	case m == nil:
		m, err = rx.FindRunesMatch(r.folded)
	case rx == r.rx:
		m, err = rx.FindNextMatch(m)
	case m.Index == len(r.folded):
		return nil, nil
	default:
		m, err = rx.FindRunesMatchStartingAt(r.folded, m.Index+1)
	}
	if err != nil {
		return nil, r.e.regexpTime()
	}
	return m, nil
}

// replace replaces every match, by the replacement patterns of .NET.
func (r *matching) replace(replacement string) (Value, error) {
	parts, ok := r.parseReplacement(codeUnits(replacement))
	if !ok {
		return Null(), &FilterError{"Replace", "the replacement is not valid: " + replacement}
	}
	limit := r.e.config.Limits.Output
	out := unitWriter{room: limit - r.e.bytes}
	at := 0
	m, err := r.next(nil)
	for ; m != nil && err == nil; m, err = r.next(m) {
		ok := out.put(r.units[at:m.Index])
		for i := 0; i < len(parts) && ok; i++ {
			ok = out.put(r.expand(parts[i], m))
		}
		if !ok {
			return Null(), &LimitError{"Output", int64(limit)}
		}
		at = m.Index + m.Length
	}
	if err != nil {
		return Null(), err
	}
	if !out.put(r.units[at:]) {
		return Null(), &LimitError{"Output", int64(limit)}
	}
	return Text(out.text()), nil
}

// part is a piece of a replacement: text, or a reference to what was matched.
type part struct {
	text  []rune
	group int  // of what was matched, when kind is 'g'
	kind  rune // 0 for text, 'g', or the sign behind the $
}

// expand is what part becomes for a match.
func (r *matching) expand(p part, m *regexp2.Match) []rune {
	var group *regexp2.Group
	switch p.kind {
	case 'g':
		group = m.GroupByNumber(p.group)
	case '`':
		return r.units[:m.Index]
	case '\'':
		return r.units[m.Index+m.Length:]
	case '_':
		return r.units
	case '+':
		groups := m.Groups()
		group = &groups[len(groups)-1]
	default:
		return p.text
	}
	if group == nil || len(group.Captures) == 0 {
		return nil
	}
	return r.units[group.Index : group.Index+group.Length]
}

// parseReplacement reads a replacement. A $ that begins no reference is text;
// only a number that is too large is an error.
func (r *matching) parseReplacement(s []rune) ([]part, bool) {
	var parts []part
	var plain []rune
	for i := 0; i < len(s); {
		if s[i] != '$' || i+1 == len(s) {
			plain = append(plain, s[i])
			i++
			continue
		}
		p, n, ok := r.reference(s[i+1:])
		if !ok {
			return nil, false
		}
		switch {
		case n == 0:
			plain = append(plain, '$')
		case p.kind == 0:
			plain = append(plain, p.text...)
		default:
			parts = append(parts, part{text: plain}, p)
			plain = nil
		}
		i += 1 + n
	}
	return append(parts, part{text: plain}), true
}

// reference reads what follows a $, and its length: 0 when it is none.
func (r *matching) reference(s []rune) (p part, n int, ok bool) {
	switch s[0] {
	case '$':
		return part{text: s[:1]}, 1, true
	case '&':
		return part{kind: 'g'}, 1, true
	case '`', '\'', '+', '_':
		return part{kind: s[0]}, 1, true
	}
	braced := s[0] == '{' && len(s) > 1
	if braced {
		s = s[1:]
		n = 1
	}
	digits := spanOf(s, func(c rune) bool { return c >= '0' && c <= '9' })
	word := digits
	if digits == 0 && braced {
		word = spanOf(s, isNameRune)
	}
	if word == 0 {
		return p, 0, true
	}
	number := -1
	if digits > 0 {
		parsed, err := strconv.ParseInt(string(s[:digits]), 10, 32)
		if err != nil {
			return p, 0, false
		}
		number = int(parsed)
	}
	n += word
	if braced {
		if word == len(s) || s[word] != '}' {
			return p, 0, true
		}
		n++
	}
	if digits == 0 {
		number = r.rx.GroupNumberFromName(string(s[:word]))
	}
	for _, known := range r.rx.GetGroupNumbers() {
		if known == number {
			return part{kind: 'g', group: number}, n, true
		}
	}
	return p, 0, true
}

// spanOf counts the characters at the beginning that fit.
func spanOf(s []rune, fits func(rune) bool) int {
	n := 0
	for n < len(s) && fits(s[n]) {
		n++
	}
	return n
}

// isNameRune says what names of groups consist of.
func isNameRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc) || r == 0x200c || r == 0x200d
}
