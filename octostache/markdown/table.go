package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// table is a paragraph whose every line has a column mark. Its children are
// its cells, all rows one behind the other.
type table struct {
	ast.BaseBlock
	aligns  []string
	rows    []int // how many cells each row has
	columns int
}

// Kind and Dump are what the tree asks of a node.
func (*table) Kind() ast.NodeKind { return kindTable }

// Dump prints the node for debugging.
func (t *table) Dump(source []byte, level int) { ast.DumpHelper(t, source, level, nil, nil) }

type cell struct{ ast.BaseBlock }

// Kind and Dump are what the tree asks of a node.
func (*cell) Kind() ast.NodeKind { return kindCell }

// Dump prints the node for debugging.
func (c *cell) Dump(source []byte, level int) { ast.DumpHelper(c, source, level, nil, nil) }

var (
	kindTable = ast.NewNodeKind("PipeTable")
	kindCell  = ast.NewNodeKind("PipeTableCell")
)

// tableTransformer makes a table of a paragraph whose second line is a row of
// dashes.
type tableTransformer struct{}

func (tableTransformer) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	source := reader.Source()
	rows, aligns := tableRows(node.Lines(), source, pc)
	if aligns == nil {
		return
	}
	t := &table{aligns: aligns}
	for i, row := range rows {
		if i != 1 {
			t.addRow(row, source)
		}
	}
	node.Parent().ReplaceChild(node.Parent(), node, t)
}

func isTable(lines *text.Segments, source []byte, pc parser.Context) bool {
	_, aligns := tableRows(lines, source, pc)
	return aligns != nil
}

// tableRows cuts a paragraph into rows and parts; aligns is nil if it is no table.
func tableRows(lines *text.Segments, source []byte, pc parser.Context) (rows [][]text.Segment, aligns []string) {
	if lines.Len() < 2 {
		return nil, nil
	}
	pipes, ok := columnMarks(lines, source, pc)
	if !ok {
		return nil, nil
	}
	rows = make([][]text.Segment, lines.Len())
	for i := range rows {
		rows[i] = split(lines.At(i), pipes[i])
	}
	return rows, headerAligns(rows[1], source, len(rows) == 2)
}

// split cuts a line at its column marks.
func split(line text.Segment, pipes []int) []text.Segment {
	var parts []text.Segment
	start := line.Start
	for _, at := range pipes {
		parts = append(parts, text.NewSegment(start, at))
		start = at + 1
	}
	return append(parts, text.NewSegment(start, line.Stop))
}

// headerAligns reads the row of dashes: an alignment for each column, or nil
// when it is not such a row.
func headerAligns(row []text.Segment, source []byte, last bool) []string {
	first := 0
	if isBlank(row[0], source) {
		first = 1
	}
	if last && first == 1 && len(row) == 2 {
		return nil
	}
	var aligns []string
	for i, part := range row[first:] {
		if isBlank(part, source) {
			if last && first+i == len(row)-1 {
				break
			}
			aligns = append(aligns, "")
			continue
		}
		align, ok := dashes(string(part.Value(source)))
		if !ok {
			return nil
		}
		aligns = append(aligns, align)
	}
	return aligns
}

// dashes reads one part of the header row: dashes, with a colon on the side
// to which the column is aligned.
func dashes(s string) (align string, ok bool) {
	s = strings.TrimSpace(s)
	s, left := strings.CutPrefix(s, ":")
	s, right := strings.CutSuffix(s, ":")
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "-") != "" {
		return "", false
	}
	switch {
	case left && right:
		return "center", true
	case left:
		return "left", true
	case right:
		return "right", true
	}
	return "", true
}

// addRow makes cells of a line's parts. A blank part counts only between
// marks, and before the first when the line does not begin with it.
func (t *table) addRow(parts []text.Segment, source []byte) {
	if parts[0].Len() == 0 {
		parts = parts[1:]
	}
	if n := len(parts) - 1; n >= 0 && isBlank(parts[n], source) {
		parts = parts[:n]
	}
	for _, p := range parts {
		c := &cell{}
		p = p.TrimLeftSpace(source)
		p = p.TrimRightSpace(source)
		c.Lines().Append(p)
		t.AppendChild(t, c)
	}
	t.rows = append(t.rows, len(parts))
	t.columns = max(t.columns, len(parts))
}

func isBlank(s text.Segment, source []byte) bool {
	return strings.TrimSpace(string(s.Value(source))) == ""
}

// maxCells bounds a table: short rows are filled up to the longest.
const maxCells = 1 << 18

func (w *writer) table(t *table) {
	if len(t.rows)*t.columns > maxCells {
		w.tooComplex = true
		return
	}
	w.line()
	w.put("<table>\n")
	next := t.FirstChild()
	for i, n := range t.rows {
		name := "td"
		switch i {
		case 0:
			name = "th"
			w.put("<thead>\n")
		case 1:
			w.put("</thead>\n<tbody>\n")
		}
		w.put("<tr>\n")
		for column := range t.columns {
			w.put("<", name, t.style(column), ">")
			if column < n {
				w.cell(next)
				next = next.NextSibling()
			}
			w.put("</", name, ">\n")
		}
		w.put("</tr>\n")
	}
	if len(t.rows) > 1 {
		w.put("</tbody>\n</table>\n")
	} else {
		w.put("</thead>\n</table>\n")
	}
}

func (w *writer) cell(c ast.Node) {
	bare := w.bare
	w.bare = true
	w.children(c)
	w.bare = bare
}

// style aligns a column; one beyond the header row is like the last of it.
func (t *table) style(column int) string {
	align := t.aligns[min(column, len(t.aligns)-1)]
	if align == "" {
		return ""
	}
	return ` style="text-align: ` + align + `;"`
}
