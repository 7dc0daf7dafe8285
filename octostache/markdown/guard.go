package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// maxEffort bounds what pairing marks may cost: within a paragraph each may be
// compared with each other.
const maxEffort = 1 << 26

// guard adds up what a text costs. It sees every paragraph before its inside
// is read, and empties it when the budget is spent.
type guard struct {
	budget, cost int
	spent        bool
}

// pay says whether the budget covers a stretch with so many marks.
func (g *guard) pay(marks int) bool {
	g.cost += marks * marks
	g.spent = g.spent || g.cost > g.budget
	return !g.spent
}

// lines checks each line of the source by itself, before blocks are made.
func (g *guard) lines(source string) bool {
	for line := range strings.Lines(source) {
		if containers(line) > maxDepth || !g.pay(countMarks(line)) {
			return false
		}
	}
	return true
}

// Transform checks a paragraph; the cells of a table were paid for with their
// line.
func (g *guard) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	const few = 1000
	lines, source := node.Lines(), reader.Source()
	marks := 0
	for i := range lines.Len() {
		at := lines.At(i)
		marks += countMarks(string(at.Value(source)))
	}
	if marks > few && isTable(lines, source, pc) {
		return
	}
	if lines.Len() > 1 && !g.pay(marks) || g.spent {
		node.SetLines(text.NewSegments())
	}
}

// countMarks counts what may open or close something; a run is one mark.
func countMarks(line string) int {
	marks, last := 0, byte(0)
	for i := range len(line) {
		c := line[i]
		switch c {
		case '*', '_', '~', '^', '+', '=':
			if c != last {
				marks++
			}
		case '[', ']', '<', '`', '(':
			marks++
		}
		last = c
	}
	return marks
}

// containers counts the marks of quotes and lists that a line may begin with.
func containers(line string) int {
	n, behindDigit := 0, false
	for i := range len(line) {
		switch c := line[i]; {
		case c == '>', c == '-', c == '+', c == '*':
			n++
		case c >= '0' && c <= '9':
			behindDigit = true
			continue
		case (c == '.' || c == ')') && behindDigit:
			n++
		case c != ' ' && c != '\t':
			return n
		}
		behindDigit = false
	}
	if rule(line) {
		return 0
	}
	return n
}

// rule says whether a line holds one mark only, repeated: no nesting comes of it.
func rule(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && line[0] != '>' && strings.Trim(line, line[:1]+" \t") == ""
}
