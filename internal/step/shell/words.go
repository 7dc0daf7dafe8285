package shell

import (
	"errors"
	"strings"
)

// splitWords splits parameters as a POSIX shell does, without expanding anything.
func splitWords(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	open := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n':
			if open {
				words = append(words, word.String())
				word.Reset()
				open = false
			}
			continue
		case '\'', '"':
			next, err := quoted(s, i, &word)
			if err != nil {
				return nil, err
			}
			i = next
		case '\\':
			if i++; i == len(s) {
				return nil, errors.New("it ends with a backslash")
			}
			word.WriteByte(s[i])
		default:
			word.WriteByte(c)
		}
		open = true
	}
	if open {
		words = append(words, word.String())
	}
	return words, nil
}

// quoted writes what is in the quotes that open at i, and returns where they close.
func quoted(s string, i int, word *strings.Builder) (int, error) {
	mark := s[i]
	for i++; i < len(s); i++ {
		switch {
		case s[i] == mark:
			return i, nil
		case mark == '"' && s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\\\"$`", s[i+1]) >= 0:
			i++
		}
		word.WriteByte(s[i])
	}
	return 0, errors.New("a quote is not closed")
}
