package xpath

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenNumber
	tokenString
	tokenVariable
	tokenSign
)

type token struct {
	kind tokenKind
	text string
	at   int
}

// scan makes the tokens of an expression. A name may have a prefix; "p:*" and "*:p" are one token.
func scan(text string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		start := i
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i += size
			continue
		case strings.HasPrefix(text[i:], "(:"):
			end := strings.Index(text[i:], ":)")
			if end < 0 {
				return nil, &Error{text, start, "a comment has no end"}
			}
			i += end + 2
			continue
		case c == '"' || c == '\'':
			value, next, ok := literal(text, i, byte(c))
			if !ok {
				return nil, &Error{text, start, "a text has no end"}
			}
			i = next
			tokens = append(tokens, token{tokenString, value, start})
			continue
		case isDigit(c) || c == '.' && i+1 < len(text) && isDigit(rune(text[i+1])):
			i = numeral(text, i)
			tokens = append(tokens, token{tokenNumber, text[start:i], start})
			continue
		case c == '$':
			i = name(text, i+1)
			tokens = append(tokens, token{tokenVariable, text[start+1 : i], start})
		case isNameStart(c) || c == '*' && i+2 < len(text) && text[i+1] == ':' && isNameStart(first(text[i+2:])):
			i = qualified(text, i)
			tokens = append(tokens, token{tokenName, text[start:i], start})
		default:
			sign := signAt(text[i:])
			if sign == "" {
				return nil, &Error{text, start, "a character has no meaning here"}
			}
			i += len(sign)
			tokens = append(tokens, token{tokenSign, sign, start})
		}
	}
	return append(tokens, token{tokenEnd, "", len(text)}), nil
}

func first(s string) rune {
	c, _ := utf8.DecodeRuneInString(s)
	return c
}

func isDigit(c rune) bool { return '0' <= c && c <= '9' }

func isNameStart(c rune) bool { return c == '_' || unicode.IsLetter(c) }

func isNameChar(c rune) bool {
	return isNameStart(c) || c == '-' || c == '.' || unicode.IsDigit(c) || unicode.Is(unicode.M, c)
}

func name(text string, i int) int {
	for i < len(text) {
		c, size := utf8.DecodeRuneInString(text[i:])
		if !isNameChar(c) {
			break
		}
		i += size
	}
	return i
}

func qualified(text string, i int) int {
	if text[i] == '*' {
		return name(text, i+2)
	}
	i = name(text, i)
	if i+1 < len(text) && text[i] == ':' {
		switch c := first(text[i+1:]); {
		case c == '*':
			return i + 2
		case isNameStart(c):
			return name(text, i+1)
		}
	}
	return i
}

func numeral(text string, i int) int {
	digits := func() {
		for i < len(text) && isDigit(rune(text[i])) {
			i++
		}
	}
	digits()
	if i < len(text) && text[i] == '.' {
		i++
		digits()
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		before := i
		if i++; i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		if i == len(text) || !isDigit(rune(text[i])) {
			return before
		}
		digits()
	}
	return i
}

// literal reads a text in quotes; the quote twice is the quote.
func literal(text string, i int, quote byte) (value string, next int, ok bool) {
	var b strings.Builder
	for i++; i < len(text); i++ {
		if text[i] == quote {
			if i+1 == len(text) || text[i+1] != quote {
				return b.String(), i + 1, true
			}
			i++
		}
		b.WriteByte(text[i])
	}
	return "", 0, false
}

func signAt(s string) string {
	for _, sign := range []string{"//", "..", "::", "!=", "<=", ">=", "<<", ">>", "/", ".", "@", "(", ")", "[", "]", ",", "|", "+", "-", "*", "=", "<", ">", "?"} {
		if strings.HasPrefix(s, sign) {
			return sign
		}
	}
	return ""
}
