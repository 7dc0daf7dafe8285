package octostache

import (
	"errors"
	"fmt"
	"strings"
)

// ParseError says where a template stopped making sense. It is soft: the text
// returned with it is the template as it was.
type ParseError struct {
	// Line and Column count from 1; columns count UTF-16 code units.
	Line, Column int
	// Recent is the end, at most ten UTF-16 code units, of what was read before.
	Recent string
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("Parsing failure: unexpected '#'; expected end of input (Line %d, Column %d); recently consumed: %s", e.Line, e.Column, e.Recent)
}

// MissingError lists the tokens that had no value, as they were printed. It is
// soft: the text returned with it holds everything else.
type MissingError struct {
	Tokens []string
}

func (e *MissingError) Error() string {
	return "The following tokens were unable to be evaluated: '" + strings.Join(e.Tokens, "', '") + "'"
}

// RecursionError reports a variable whose value leads back to itself.
type RecursionError struct {
	Symbol string
	// Path holds the symbols from the outermost to the one that was met again.
	Path []string
}

func (e *RecursionError) Error() string {
	return fmt.Sprintf("An attempt to parse the variable symbol \"%s\" appears to have resulted in a self referencing loop (%s). Ensure that recursive loops do not exist in the variable values.", e.Symbol, strings.Join(e.Path, " -> "))
}

// LimitError reports that an evaluation was stopped at one of its [Limits].
type LimitError struct {
	// Limit is the field of [Limits] that was reached, Max its value.
	Limit string
	Max   int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("evaluation stopped: it needs more than %d %s; simplify the template or raise the limit %s", e.Max, limitUnit(e.Limit), e.Limit)
}

func limitUnit(limit string) string {
	switch limit {
	case "Depth":
		return "levels of nesting"
	case "Output":
		return "bytes of output"
	case "Steps":
		return "steps"
	}
	return "milliseconds in a regular expression"
}

// FilterError reports an input or an option that a filter refuses outright.
type FilterError struct {
	Filter string
	Reason string
}

func (e *FilterError) Error() string {
	return fmt.Sprintf("filter %s: %s", e.Filter, e.Reason)
}

// ValueError reports a variable's value that cannot be read as asked.
type ValueError struct {
	Name   string
	Reason string
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("variable %q: %s", e.Name, e.Reason)
}

// NameError reports a variable's name that the language cannot hold.
type NameError struct {
	Name   string
	Reason string
}

func (e *NameError) Error() string {
	return fmt.Sprintf("variable name %q: %s", e.Name, e.Reason)
}

// Soft reports whether the text returned together with err is usable.
func Soft(err error) bool {
	var pe *ParseError
	var me *MissingError
	return errors.As(err, &pe) || errors.As(err, &me)
}
