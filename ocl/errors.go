package ocl

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of what is parsed.
const (
	// MaxDepth is how deeply blocks may nest.
	MaxDepth = 1000
	// MaxName is how many bytes a name may have.
	MaxName = 1 << 16
)

// SyntaxError is a text that is not OCL.
type SyntaxError struct {
	// Line and Column count from one; a column is a UTF-16 code unit.
	Line, Column int
	Offset       int
	Reason       string
}

// Error names the place and the reason.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// ValueError is a value, a name or a key that cannot be written or converted.
type ValueError struct {
	Name   string // of what; may be empty
	Reason string
}

// Error names the thing and the reason.
func (e *ValueError) Error() string {
	if e.Name == "" {
		return e.Reason
	}
	return fmt.Sprintf("%q: %s", e.Name, e.Reason)
}

// syntaxError finds line and column of an offset.
func syntaxError(text string, at int, reason string) *SyntaxError {
	before := text[:at]
	line := strings.Count(before, "\n")
	column := 1
	for _, r := range before[strings.LastIndexByte(before, '\n')+1:] {
		column++
		if r > 0xffff {
			column++
		}
	}
	return &SyntaxError{Line: line + 1, Column: column, Offset: at, Reason: reason}
}

// found describes what stands at an offset.
func found(text string, at int) string {
	if at >= len(text) {
		return "the end of the text"
	}
	r, _ := utf8.DecodeRuneInString(text[at:])
	if r == '\n' {
		return "the end of the line"
	}
	return fmt.Sprintf("%q", r)
}
