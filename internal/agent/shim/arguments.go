package shim

import "strings"

// splitArguments cuts a command line into arguments as .NET does on every system: blanks separate, double quotes
// group, 2n backslashes before a quote are n backslashes, and one more makes the quote literal. No shell is asked.
func splitArguments(line string) []string {
	var out []string
	for i := 0; i < len(line); {
		if line[i] == ' ' || line[i] == '\t' {
			i++
			continue
		}
		var arg string
		arg, i = nextArgument(line, i)
		out = append(out, arg)
	}
	return out
}

func nextArgument(line string, i int) (string, int) {
	var b strings.Builder
	quoted := false
	for i < len(line) {
		slashes := 0
		for i < len(line) && line[i] == '\\' {
			slashes++
			i++
		}
		if i < len(line) && line[i] == '"' {
			b.WriteString(strings.Repeat(`\`, slashes/2))
			switch {
			case slashes%2 == 1:
				b.WriteByte('"')
			case quoted && i+1 < len(line) && line[i+1] == '"':
				b.WriteByte('"')
				i++
			default:
				quoted = !quoted
			}
			i++
			continue
		}
		b.WriteString(strings.Repeat(`\`, slashes))
		if i == len(line) || (!quoted && (line[i] == ' ' || line[i] == '\t')) {
			break
		}
		b.WriteByte(line[i])
		i++
	}
	return b.String(), i
}
