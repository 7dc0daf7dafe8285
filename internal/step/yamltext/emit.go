package yamltext

import (
	"errors"
	"fmt"
	"strings"
)

// Format is how a text is laid out.
type Format struct {
	Indent  int
	LineEnd string
	// Holds tells whether the file's encoding has all characters of a value; nil is yes.
	Holds func(value string) bool
}

// ErrOrder is the error of events that make no document.
var ErrOrder = errors.New("the pieces make no YAML document")

// Write writes events as a text.
func Write(events []Event, f Format) (string, error) {
	w := &writer{Format: f, indent: -1, blank: true, indented: true, state: atStreamStart}
	for i := range events {
		w.rest = events[i:]
		if err := w.event(&events[i]); err != nil {
			return "", err
		}
	}
	return w.out.String(), nil
}

// state is what is expected next.
type state uint8

const (
	atStreamStart state = iota
	atFirstDocument
	atDocument
	atContent
	atDocumentEnd
	atFlowItemFirst
	atFlowItem
	atFlowKeyFirst
	atFlowKey
	atFlowSimpleValue
	atFlowValue
	atItemFirst
	atItem
	atKeyFirst
	atKey
	atSimpleValue
	atValue
	atEnd
)

type writer struct {
	Format
	out    strings.Builder
	rest   []Event // from the current one on
	state  state
	states []state

	indent     int
	indents    []int
	flow       int
	column     int
	blank      bool // the last character was white space
	indented   bool // there is nothing but indentation on the line
	inMapping  bool
	inKey      bool
	ended      bool // the last document was ended by ...
	directives []Directive

	anchor, tagHandle, tagSuffix string
	scalar                       analysis
}

func (w *writer) event(e *Event) error {
	w.analyze(e)
	if e.Kind == Comment {
		w.comment(e)
		return nil
	}
	switch w.state {
	case atStreamStart:
		w.state = atFirstDocument
	case atFirstDocument:
		return w.documentStart(e, true)
	case atDocument:
		return w.documentStart(e, false)
	case atContent:
		return w.node(e, atDocumentEnd, false, false)
	case atDocumentEnd:
		return w.documentEnd(e)
	case atFlowItemFirst, atFlowItem:
		return w.flowItem(e, w.state == atFlowItemFirst)
	case atFlowKeyFirst, atFlowKey:
		return w.flowKey(e, w.state == atFlowKeyFirst)
	case atFlowSimpleValue, atFlowValue:
		w.indicator(":", w.state == atFlowValue, false, false)
		return w.node(e, atFlowKey, true, false)
	case atItemFirst, atItem:
		return w.item(e, w.state == atItemFirst)
	case atKeyFirst, atKey:
		return w.key(e, w.state == atKeyFirst)
	case atSimpleValue, atValue:
		if w.state == atValue {
			w.lineIndent()
			w.indicator(":", true, false, true)
		}
		return w.node(e, atKey, true, false)
	default:
		return ErrOrder
	}
	return nil
}

func (w *writer) analyze(e *Event) {
	w.anchor, w.tagHandle, w.tagSuffix = e.Anchor, "", ""
	if e.Kind == Scalar {
		w.scalar = w.analyzeScalar(e)
	}
	if e.Tag != "" && !e.Implicit && !e.QuotedImplicit {
		w.tagHandle = e.Tag
		for _, d := range w.directives {
			if suffix, ok := strings.CutPrefix(e.Tag, d.Prefix); ok {
				w.tagHandle, w.tagSuffix = d.Handle, suffix
				break
			}
		}
	}
}

func (w *writer) comment(e *Event) {
	if w.flow > 0 || w.state == atFlowKeyFirst || w.state == atFlowItemFirst {
		return
	}
	if e.Inline {
		w.write(" # ")
		w.write(e.Value)
	} else {
		first := w.state == atKeyFirst
		if first {
			w.increase(false, false)
		}
		w.lineIndent()
		w.write("# ")
		w.write(e.Value)
		w.newLine('\n')
		if first {
			w.decrease()
		}
	}
	w.indented = true
}

func (w *writer) documentStart(e *Event, first bool) error {
	if e.Kind == StreamEnd {
		w.state = atEnd
		return nil
	}
	if e.Kind != DocumentStart {
		return fmt.Errorf("%w: %v where a document begins", ErrOrder, e.Kind)
	}
	var own []Directive
	for _, d := range e.Directives {
		if d != defaultDirectives()[0] && d != defaultDirectives()[1] {
			own = append(own, d)
		}
	}
	if !first && !w.ended && (e.Version != "" || len(own) > 0) {
		w.indicator("...", true, false, false)
		w.lineIndent()
	}
	implicit := e.Implicit && first && e.Version == "" && len(own) == 0
	if e.Version != "" {
		w.indicator("%YAML", true, false, false)
		w.indicator(e.Version, true, false, false)
		w.lineIndent()
	}
	w.directives = withDirectives(withDirectives(w.directives, own), defaultDirectives())
	if len(own) > 0 {
		for _, d := range withDirectives(own, defaultDirectives()) {
			w.indicator("%TAG", true, false, false)
			w.word(d.Handle)
			w.word(percent(d.Prefix))
			w.lineIndent()
		}
	}
	if len(w.rest) > 1 && w.rest[1].Kind == Scalar && w.rest[1].Value == "" {
		implicit = false
	}
	if !implicit {
		w.lineIndent()
		w.indicator("---", true, false, false)
	}
	w.state = atContent
	return nil
}

func (w *writer) documentEnd(e *Event) error {
	if e.Kind != DocumentEnd {
		return fmt.Errorf("%w: %v where a document ends", ErrOrder, e.Kind)
	}
	w.lineIndent()
	if !e.Implicit {
		w.indicator("...", true, false, false)
		w.lineIndent()
		w.ended = true
	}
	w.state = atDocument
	w.directives = nil
	return nil
}

func (w *writer) push(s state) { w.states = append(w.states, s) }

func (w *writer) pop() {
	w.state = w.states[len(w.states)-1]
	w.states = w.states[:len(w.states)-1]
}

// node writes a value; then is what comes after it.
func (w *writer) node(e *Event, then state, mapping, key bool) error {
	w.push(then)
	w.inMapping, w.inKey = mapping, key
	switch e.Kind {
	case Alias:
		w.writeAnchor("*")
		w.pop()
	case Scalar:
		style, err := w.style(e)
		if err != nil {
			return err
		}
		w.writeAnchor("&")
		w.writeTag()
		w.increase(true, false)
		w.writeScalar(style)
		w.decrease()
		w.pop()
	case SequenceStart, MappingStart:
		w.writeAnchor("&")
		w.writeTag()
		w.state = w.collection(e)
	default:
		return fmt.Errorf("%w: %v where a value must be", ErrOrder, e.Kind)
	}
	return nil
}

func (w *writer) collection(e *Event) state {
	flow := w.flow > 0 || e.Flow
	switch {
	case e.Kind == SequenceStart && (flow || w.emptyUntil(SequenceEnd)):
		return atFlowItemFirst
	case e.Kind == SequenceStart:
		return atItemFirst
	case flow || w.emptyUntil(MappingEnd):
		return atFlowKeyFirst
	}
	return atKeyFirst
}

func (w *writer) emptyUntil(end Kind) bool { return len(w.rest) > 1 && w.rest[1].Kind == end }

func (w *writer) flowItem(e *Event, first bool) error {
	if first {
		w.flowOpen("[")
	}
	if e.Kind == SequenceEnd {
		w.flowClose("]")
		return nil
	}
	if !first {
		w.indicator(",", false, false, false)
	}
	return w.node(e, atFlowItem, false, false)
}

func (w *writer) flowOpen(bracket string) {
	w.indicator(bracket, true, true, false)
	w.increase(true, false)
	w.flow++
}

func (w *writer) flowClose(bracket string) {
	w.flow--
	w.decrease()
	w.indicator(bracket, false, false, false)
	w.pop()
}

func (w *writer) flowKey(e *Event, first bool) error {
	if first {
		w.flowOpen("{")
	}
	if e.Kind == MappingEnd {
		w.flowClose("}")
		return nil
	}
	if !first {
		w.indicator(",", false, false, false)
	}
	if w.simpleKey(e) {
		return w.node(e, atFlowSimpleValue, true, true)
	}
	w.indicator("?", true, false, false)
	return w.node(e, atFlowValue, true, false)
}

func (w *writer) item(e *Event, first bool) error {
	if first {
		w.increase(false, w.inMapping && !w.indented)
	}
	if e.Kind == SequenceEnd {
		w.decrease()
		w.pop()
		return nil
	}
	w.lineIndent()
	w.indicator("-", true, false, true)
	return w.node(e, atItem, false, false)
}

func (w *writer) key(e *Event, first bool) error {
	if first {
		w.increase(false, false)
	}
	if e.Kind == MappingEnd {
		w.decrease()
		w.pop()
		return nil
	}
	w.lineIndent()
	if !w.simpleKey(e) {
		w.indicator("?", true, false, true)
		return w.node(e, atValue, true, false)
	}
	err := w.node(e, atSimpleValue, true, true)
	w.indicator(":", false, false, false)
	return err
}

// simpleKey tells whether a key needs no question mark.
func (w *writer) simpleKey(e *Event) bool {
	length := len(w.anchor)
	switch e.Kind {
	case Alias:
	case Scalar:
		if w.scalar.lines {
			return false
		}
		length += len(w.tagHandle) + len(w.tagSuffix) + len([]rune(e.Value))
	case SequenceStart:
		if !w.emptyUntil(SequenceEnd) {
			return false
		}
	default:
		return false
	}
	return length <= maxKey
}
