// Package yamltext reads a YAML text as a list of events, comments among them, and writes such a list as a text again.
//
// It is what replacing values in YAML files needs, so that a file comes out as deployment steps have always written it:
// indentation, quotes, comments. Aliases are events and are never followed, so no document is larger than its text.
// What a document means (types, merging) is not known here. Only internal/step/structured imports it.
package yamltext

import "fmt"

// Kind is what an event tells.
type Kind uint8

// The kinds of events.
const (
	StreamStart Kind = iota
	StreamEnd
	DocumentStart
	DocumentEnd
	Alias
	Scalar
	SequenceStart
	SequenceEnd
	MappingStart
	MappingEnd
	Comment
)

func (k Kind) String() string {
	return [...]string{
		"the start of the stream", "the end of the stream", "the start of a document", "the end of a document", "an alias",
		"a value", "the start of a list", "the end of a list", "the start of a map", "the end of a map", "a comment",
	}[k]
}

// Style is how a scalar is written.
type Style uint8

// The styles of scalars.
const (
	Plain Style = iota
	SingleQuoted
	DoubleQuoted
	Literal
	Folded
)

// Mark is a place in a text. Line and Column count from 1, Column in characters.
type Mark struct{ Line, Column int }

// Event is one step through a document.
type Event struct {
	Kind       Kind
	Start, End Mark
	// Anchor is the name of an anchor, or of an alias.
	Anchor string
	Tag    string
	// Value is a scalar's or a comment's text.
	Value string
	Style Style
	// Flow is set for the start of what is written in brackets.
	Flow bool
	// Implicit is set for documents without marks of their own, for a plain scalar whose tag follows from its text, and
	// for a list or a map without a tag.
	Implicit bool
	// QuotedImplicit is set for a scalar in quotes whose tag follows from that.
	QuotedImplicit bool
	// Inline is set for a comment behind something on its line.
	Inline bool
	// Key is set for what begins a map's key.
	Key bool
	// Version and Directives are those of a document's start.
	Version    string
	Directives []Directive
}

// Directive is a short form for tags.
type Directive struct{ Handle, Prefix string }

// Error is what makes a text no YAML.
type Error struct {
	At     Mark
	Reason string
}

// Error says what is wrong, and where.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.At.Line, e.At.Column, e.Reason)
}

// maxDepth is how deep lists and maps may be nested.
const maxDepth = 1000

func defaultDirectives() []Directive {
	return []Directive{{"!", "!"}, {"!!", "tag:yaml.org,2002:"}}
}
