package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// line is a value of the configuration file and where it stands.
type line struct {
	value  string
	number int
}

// parseFile reads lines of `name = value`. A value may stand in double quotes, with Go's escapes; a line that begins
// with # is a comment, and so is what follows a blank and a # after a value without quotes.
func parseFile(text string) (lines map[string]line, problems []string) {
	lines = map[string]line{}
	number := 0
	for text := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		number++
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' {
			continue
		}
		name, value, found := strings.Cut(text, "=")
		if !found {
			problems = append(problems, fmt.Sprintf(`line %d: it is not "name = value"`, number))
			continue
		}
		name = strings.TrimSpace(name)
		value, err := parseValue(strings.TrimSpace(value))
		if err != nil {
			problems = append(problems, fmt.Sprintf("line %d: %v", number, err))
			continue
		}
		if first, found := lines[name]; found {
			problems = append(problems, fmt.Sprintf("line %d: %s is already set in line %d; remove one", number, name, first.number))
			continue
		}
		lines[name] = line{value: value, number: number}
	}
	return lines, problems
}

func parseValue(text string) (string, error) {
	if !strings.HasPrefix(text, `"`) {
		for _, mark := range []string{" #", "\t#"} {
			text, _, _ = strings.Cut(text, mark)
		}
		return strings.TrimSpace(text), nil
	}
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", fmt.Errorf(`the value's closing quote is missing; in quotes, write \" for " and \\ for \`)
	}
	if rest := strings.TrimSpace(text[len(quoted):]); rest != "" && rest[0] != '#' {
		return "", fmt.Errorf("nothing may follow the value's closing quote")
	}
	return strconv.Unquote(quoted)
}

// nearest returns a suggestion for a misspelt name, or "".
func nearest(name string, known map[string]bool) string {
	best, least := "", 4 // more than three changes are another word
	var names []string
	for k := range known {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return "; mantle show-configuration lists them"
	}
	return "; did you mean " + best + "?"
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
