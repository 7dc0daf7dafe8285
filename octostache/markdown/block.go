package markdown

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// outsideTables keeps a parser of blocks from a line of dashes and marks that
// follows a paragraph: it belongs to a table, even where it looks like a list.
type outsideTables struct{ parser.BlockParser }

// Open leaves the line alone if it may be a table's.
func (o outsideTables) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if last := pc.LastOpenedBlock().Node; last != nil && ast.IsParagraph(last) {
		line, _ := reader.PeekLine()
		if isDashRow(line) {
			return nil, parser.NoChildren
		}
	}
	return o.BlockParser.Open(parent, reader, pc)
}

// isDashRow says whether a line holds nothing but what a header row does,
// whatever its first character is.
func isDashRow(line []byte) bool {
	line = bytes.TrimRight(line, "\n")
	if len(line) < 2 {
		return false
	}
	return bytes.IndexByte(line[1:], '|') >= 0 && len(bytes.Trim(line[1:], "-|: ")) == 0
}

// itemParser reads the items of lists. Spaces before the mark of an item
// inside of another item do not count towards the indent that its content
// needs, unless the line is indented by four and more.
type itemParser struct{ parser.BlockParser }

// Open begins an item.
func (p itemParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	spaces := len(line) - len(bytes.TrimLeft(line, " "))
	node, state := p.BlockParser.Open(parent, reader, pc)
	item, ok := node.(*ast.ListItem)
	if !ok {
		return node, state
	}
	if outer, ok := parent.Parent().(*ast.ListItem); ok && outer.Offset+spaces < 4 {
		item.Offset -= spaces
	}
	return item, state
}

// htmlParser reads blocks of HTML. A closing tag with attributes opens one.
type htmlParser struct{ parser.BlockParser }

var closingWithAttributes = regexp.MustCompile(`^ {0,3}</[A-Za-z][A-Za-z0-9-]* +[A-Za-z][A-Za-z0-9-]*` +
	`(?:\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>` + "`" + `]+|'[^']*'|"[^"]*"))?)*\s*/?>\s*$`)

// Open begins a block.
func (p htmlParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if node, state := p.BlockParser.Open(parent, reader, pc); node != nil {
		return node, state
	}
	line, segment := reader.PeekLine()
	last := pc.LastOpenedBlock().Node
	if ast.IsParagraph(last) || !closingWithAttributes.Match(line) {
		return nil, parser.NoChildren
	}
	node := ast.NewHTMLBlock(ast.HTMLBlockType7)
	node.Lines().Append(segment)
	reader.AdvanceToEOL()
	return node, parser.NoChildren
}
