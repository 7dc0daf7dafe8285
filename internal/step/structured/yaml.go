package structured

import (
	"errors"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/step/textfile"
	"github.com/mantledeploy/mantle/internal/step/yamltext"
)

func (w *work) yaml(raw []byte) (string, textfile.Encoding, error) {
	text, encoding, err := decoded(raw)
	if err != nil {
		return "", encoding, err
	}
	events, err := yamltext.Parse(text)
	var wrong *yamltext.Error
	if errors.As(err, &wrong) {
		return "", encoding, &ParseError{wrong.At.Line, wrong.At.Column, wrong.Reason}
	}
	y := &yamlWork{work: w, names: map[string]string{}}
	for _, name := range w.Set.Names() {
		if !reserved(name) {
			y.names[fold(name)] = name
		}
	}
	for _, e := range events {
		if err := y.event(e); err != nil {
			return "", encoding, err
		}
	}
	w.done()
	format := yamltext.Format{Indent: commonIndent(events), LineEnd: textfile.LineEnd(text), Holds: holds(encoding)}
	out, err := yamltext.Write(y.out, format)
	if err != nil {
		return "", encoding, err
	}
	if _, err := encoding.Encode(out); err != nil {
		// The text is written as UTF-8, which needs no escapes.
		format.Holds = nil
		out, err = yamltext.Write(y.out, format)
		return out, encoding, err
	}
	return out, encoding, nil
}

func holds(e textfile.Encoding) func(string) bool {
	return func(value string) bool {
		_, err := e.Encode(value)
		return err == nil
	}
}

// yamlWork goes through a document and keeps the path to where it is.
type yamlWork struct {
	*work
	// names are the variables' names by their folded ones.
	names map[string]string
	stack []yamlLevel
	out   []yamltext.Event
	// comment is one that waits for what follows it: the start of a list or a map goes before it.
	comment *yamltext.Event
	// skipping is the path of a list or a map that a value takes the place of; start is where it began.
	skipping  bool
	start     yamltext.Event
	startPath string
	value     string
	null      bool
}

// yamlLevel is a list or a map that the current event is in.
type yamlLevel struct {
	list  bool
	index int
	// keyed is set while a map's value is due, after its key.
	keyed bool
	key   string
}

func (y *yamlWork) path() string {
	var parts []string
	for _, l := range y.stack {
		switch {
		case l.keyed:
			parts = append(parts, l.key)
		case l.list && l.index >= 0:
			parts = append(parts, strconv.Itoa(l.index))
		}
	}
	return strings.Join(parts, ":")
}

func (y *yamlWork) top() *yamlLevel {
	if len(y.stack) == 0 {
		return &yamlLevel{list: true, index: -1}
	}
	return &y.stack[len(y.stack)-1]
}

func (y *yamlWork) event(e yamltext.Event) error {
	if e.Kind == yamltext.Comment {
		e = withSpaces(e)
	}
	path, value := y.place(e)
	switch {
	case y.skipping:
		return y.skip(e, path)
	case y.comment != nil:
		if e.Kind == yamltext.MappingStart || e.Kind == yamltext.SequenceStart {
			y.out = append(y.out, e, *y.comment)
		} else {
			y.out = append(y.out, *y.comment, e)
		}
		y.comment = nil
		return nil
	case e.Kind == yamltext.Comment:
		y.comment = &e
		return nil
	}
	name, named := y.names[fold(path)]
	if !value || !named || e.Key {
		y.out = append(y.out, e)
		return nil
	}
	y.found(name)
	text, null, err := y.work.value(name)
	switch {
	case err != nil:
		return err
	case e.Kind != yamltext.Scalar:
		y.skipping, y.start, y.startPath, y.value, y.null = true, e, path, text, null
		return nil
	case null:
		e = yamltext.Event{Kind: e.Kind, Anchor: e.Anchor, Value: "null", Implicit: true}
	default:
		e.Value = text
	}
	y.out = append(y.out, e)
	return nil
}

// place keeps the path, and tells the path of an event and whether it is (or begins) a value.
func (y *yamlWork) place(e yamltext.Event) (path string, value bool) {
	top := y.top()
	switch e.Kind {
	case yamltext.MappingStart, yamltext.SequenceStart:
		if top.list {
			top.index++
		}
		path = y.path()
		y.stack = append(y.stack, yamlLevel{list: e.Kind == yamltext.SequenceStart, index: -1})
		return path, true
	case yamltext.MappingEnd, yamltext.SequenceEnd:
		y.stack = y.stack[:len(y.stack)-1]
		path = y.path()
		y.top().keyed = false
		return path, false
	case yamltext.Scalar:
		if top.list {
			top.index++
		}
		if !top.list && !top.keyed {
			top.keyed, top.key = true, e.Value
			return "", false
		}
		path = y.path()
		top.keyed = false
		return path, true
	case yamltext.Alias:
		// An alias is a key or a value like others, but for its place in a list, which it has none of.
		if !top.list {
			top.keyed, top.key = !top.keyed, "*"+e.Anchor
		}
	}
	return "", false
}

// skip leaves out what a value takes the place of.
func (y *yamlWork) skip(e yamltext.Event, path string) error {
	end := yamltext.MappingEnd
	if y.start.Kind == yamltext.SequenceStart {
		end = yamltext.SequenceEnd
	}
	if e.Kind != end || path != y.startPath {
		return nil
	}
	y.skipping = false
	y.out = append(y.out, y.fragment()...)
	return nil
}

// fragment reads a value as YAML. What is none is a string; what there was before the mistake stays, and makes writing
// fail, as a value that is half a list is nobody's wish.
func (y *yamlWork) fragment() []yamltext.Event {
	if y.null {
		return []yamltext.Event{{Kind: yamltext.Scalar, Anchor: y.start.Anchor, Tag: y.start.Tag, Value: "null", Implicit: true}}
	}
	events, err := yamltext.Parse(y.value)
	var content []yamltext.Event
	for _, e := range events {
		switch e.Kind {
		case yamltext.StreamStart, yamltext.StreamEnd, yamltext.DocumentStart, yamltext.DocumentEnd, yamltext.Comment:
		default:
			content = append(content, e)
		}
	}
	if err != nil || len(content) == 0 {
		content = append(content, yamltext.Event{
			Kind: yamltext.Scalar, Anchor: y.start.Anchor, Tag: y.start.Tag, Value: y.value,
			Style: yamltext.DoubleQuoted, Implicit: true, QuotedImplicit: true,
		})
	}
	return content
}

// withSpaces gives a comment back the spaces before its text, but for one, which is always written.
func withSpaces(e yamltext.Event) yamltext.Event {
	if e.Start.Line == e.End.Line {
		spaces := e.End.Column - len([]rune(e.Value)) - e.Start.Column - 2
		e.Value = strings.Repeat(" ", max(spaces, 0)) + e.Value
	}
	return e
}

// commonIndent is the indentation that most lists and maps have, the first one's where it is a draw.
func commonIndent(events []yamltext.Event) int {
	const least, most = 2, 9
	var counts [most + 1]int
	var order []int
	last := 1
	for _, e := range events {
		switch e.Kind {
		case yamltext.MappingStart, yamltext.SequenceStart:
			if e.Flow {
				continue
			}
			if n := e.Start.Column - last; n >= least && n <= most {
				if counts[n] == 0 {
					order = append(order, n)
				}
				counts[n]++
			}
			last = e.Start.Column
		case yamltext.StreamStart, yamltext.DocumentStart:
		default:
			last = min(last, e.Start.Column)
		}
	}
	best := 0
	for _, n := range order {
		if counts[n] > counts[best] {
			best = n
		}
	}
	if best == 0 {
		return least
	}
	return best
}
